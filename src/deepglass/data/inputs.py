"""Inputs: new examples for a trained network, encoded as the training examples were."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.dataset import Dataset
from deepglass.data.encode import Field, match
from deepglass.data.new_pictures import new_pictures
from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.frame import table_of_frame
from deepglass.data.readers.npz import read_npy, read_npz
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_files import is_table, read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import new_rows
from deepglass.data.source import Label
from deepglass.errors import DataError


def new_batches(
    new: Any, fields: Mapping[str, Field], size: int, *, skip_unreadable: bool = False
) -> Iterator[tuple[dict[str, Tensor], list[str]]]:
    """Encode new examples, `size` at a time, with the file of each where they are pictures; these are never all in memory.

    Args: new: as in `encode_inputs`. skip_unreadable: leave out pictures that cannot be read, with a warning.
    Raises: as `encode_inputs`; for pictures after the last one, naming all that cannot be read.
    """
    pictures = new_pictures(new, fields)
    if pictures is None:
        encoded = encode_inputs(new, fields)
        for ids in torch.arange(len(next(iter(encoded.values())))).split(size):
            yield {n: v[ids] for n, v in encoded.items()}, []
        return
    for start in range(0, len(pictures), size):
        pixels, names = pictures.read(start, start + size)
        if names:
            yield {pictures.field.name: _encode(pictures.field, pixels)}, names
    pictures.close(skip_unreadable=skip_unreadable)


def encode_inputs(new: Any, fields: Mapping[str, Field]) -> dict[str, Tensor]:
    """Encode new examples for the input fields of a run.

    Args: new: an array or tensor, a dictionary of arrays, a DataFrame, a Dataset, or the path of a table (.csv, .parquet, ...),
        of an .npy or .npz file, or of pictures: files, folders, archives, or a table that names them.
    Raises: DataError, when the examples do not have the shape or the columns that were learned.
    """
    inputs = _inputs(fields)
    pictures = new_pictures(new, fields)
    if pictures is not None:
        pixels, _ = pictures.read(0, len(pictures))
        pictures.close(skip_unreadable=False)
        return {pictures.field.name: _encode(pictures.field, pixels)}
    if isinstance(new, Dataset):
        return new.examples("train").pick(list(inputs))
    if isinstance(new, str | Path) or (
        isinstance(new, Sequence) and new and all(isinstance(p, str | Path) for p in new)
    ):
        paths = [Path(new)] if isinstance(new, str | Path) else [Path(p) for p in new]
        new = _table_of(paths[0], fields) if len(paths) == 1 and is_table(paths[0]) else _from_file(paths, fields)
    if hasattr(new, "columns") and hasattr(new, "iloc"):
        new = _frame(new, inputs)
    if isinstance(new, Table):
        return _from_table(new, inputs)
    if isinstance(new, Mapping):
        absent = [n for n in inputs if n not in new]
        if absent:
            raise DataError(
                f"The input {absent[0]!r} is missing. Needed: {', '.join(inputs)}; given: {', '.join(map(str, new))}."
            )
        return {n: _encode(f, new[n]) for n, f in inputs.items()}
    if len(inputs) > 1:
        raise DataError(f"The network has the inputs {', '.join(inputs)}. Give a dictionary with an array for each.")
    name, field = next(iter(inputs.items()))
    return {name: _encode(field, new)}


def _inputs(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {n: f for n, f in fields.items() if f.role == "input"}


def _encode(field: Field, values: Any) -> Tensor:
    kind = field.kind if field.kind in ("number", "image", "category") else None
    if field.kind == "table":
        array = np.asarray(values, dtype=object)
        names = [c["name"] for c in field.encoding["columns"]]
        if array.ndim != 2 or array.shape[1] != len(names):
            raise DataError(
                f"Field {field.name!r}: {len(names)} columns were learned ({', '.join(names)}); got shape {array.shape}."
            )
        import pandas

        frame = pandas.DataFrame(dict(zip(names, array.T))).infer_objects()
        return _from_table(table_of_frame(frame, "The new data"), {field.name: field})[field.name]
    array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    wanted = field.shape
    if field.kind != "category" and array.shape == wanted:  # one example alone
        array = array[None]
    if field.kind == "number" and wanted == (1,) and array.ndim == 1:
        array = array[:, None]
    if field.kind == "image" and array.ndim in (2, 3) and wanted[0] == 1 and array.shape[-2:] == wanted[1:]:
        array = array.reshape(-1, *wanted)
    raw, _ = raw_of(field.name, array, kind)
    if field.kind in ("number", "image"):
        got = tuple(raw.values.shape[1:])
        if got != wanted:
            raise DataError(
                f"Field {field.name!r}: an example of shape {' x '.join(map(str, wanted))} was learned; "
                f"got {' x '.join(map(str, got))}."
            )
        if not np.isfinite(np.asarray(raw.values, dtype=np.float64)).all():
            row = int(np.argwhere(~np.isfinite(np.asarray(raw.values, dtype=np.float64)))[0, 0])
            raise DataError(
                f"Field {field.name!r}: example {row} (counted from 0) holds a value that is missing or not finite."
            )
    return match(field, raw).encode(raw.values)


def given_targets(path: Path, fields: Mapping[str, Field]) -> dict[str, list[Any]]:
    """Return the targets that a table of new rows holds already, as they are written there, or as numbers."""
    table = _table_of(path, fields)
    found = {}
    for name, field in fields.items():
        if field.role == "target" and name in table.columns:
            taken = take_column(table, name, _form(fields), kind=None if field.kind == "number" else "category")
            classes = taken.column.classes if taken.column is not None else ()
            found[name] = [_label(classes, v) if classes else float(v) for v in taken.values]
    return found


def _label(classes: Sequence[Label], code: float) -> Label | None:
    return classes[int(code)] if code >= 0 else None


def _form(fields: Mapping[str, Field]) -> TableFormat:
    """How the table was written that was learned from."""
    reading: Mapping[str, Any] = next((f.encoding.get("reading", {}) for f in fields.values() if f.kind == "table"), {})
    return TableFormat.from_dict(reading)


def _table_of(path: Path, fields: Mapping[str, Field]) -> Table:
    return read_table(path, _form(fields), optional=[n for n, f in fields.items() if f.role == "target"])


def _frame(frame: Any, inputs: Mapping[str, Field]) -> Table:
    """Take the columns that are needed out of a DataFrame, so that others may hold anything."""
    frame = frame.rename(columns=str)
    needed = [c["name"] for f in inputs.values() if f.kind == "table" for c in f.encoding["columns"]]
    return table_of_frame(frame[needed] if needed and set(needed) <= set(frame.columns) else frame, "The new data")


def _from_table(table: Table, inputs: Mapping[str, Field]) -> dict[str, Tensor]:
    encoded = {}
    form = _form(inputs)
    for name, field in inputs.items():
        columns = field.encoding.get("columns", [])
        if field.kind == "table":
            raw = new_rows(table, columns, form, fill=bool(field.encoding.get("fill")))
            encoded[name] = match(field, raw).encode(raw.values)
        elif field.kind == "number" and columns and set(columns) <= set(table.columns):
            encoded[name] = _encode(field, _matrix(table, columns, form))
        elif name in table.columns and field.kind == "number":
            encoded[name] = _encode(field, _matrix(table, [name], form))
        elif name in table.columns:
            taken = take_column(table, name, form, kind="category")
            classes = np.array(taken.column.classes if taken.column else (), dtype=object)
            encoded[name] = _encode(field, classes[taken.values.astype(np.int64)])
        elif field.kind == "number" and len(table.columns) == field.shape[0]:
            encoded[name] = _encode(field, _matrix(table, list(table.columns), form))
        else:
            needed = ", ".join(columns or [name])
            raise DataError(f"The new data has the columns {', '.join(table.columns)}; needed: {needed}.")
    return encoded


def _matrix(table: Table, names: Sequence[str], form: TableFormat) -> np.ndarray:
    return np.stack([take_column(table, n, form, kind="number").values for n in names], axis=1)


def _from_file(paths: list[Path], fields: Mapping[str, Field]) -> Any:
    """Read the arrays of a file: one of .npy, or those of a .npz by name."""
    for path in paths:
        if not path.exists():
            raise DataError(f"There is no file {path}.")
    path, ending = paths[0], paths[0].suffix.lower()
    if len(paths) > 1 or ending not in (".npy", ".npz"):
        raise DataError(
            f"{path} {'with others beside it ' if len(paths) > 1 else ''}is not of a kind that can be read. Give one table "
            f"(.csv, .parquet, ...), .npy or .npz file, or pictures: files, folders, .zip or .tar."
        )
    if ending == ".npy":
        return read_npy(path)
    arrays, inputs = read_npz(path), _inputs(fields)
    if set(inputs) <= set(arrays):
        return {name: arrays[name] for name in inputs}
    others = [name for name in arrays if name not in fields]
    if len(inputs) == 1 and len(others) == 1:
        return arrays[others[0]]
    raise DataError(f"{path} has the arrays {', '.join(arrays)}; needed: {', '.join(inputs)}.")
