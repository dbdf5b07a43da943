"""Inputs: new examples for a trained network, encoded as the training examples were."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.dataset import Dataset
from deepglass.data.encode import Field, match
from deepglass.data.new_files import new_files
from deepglass.data.new_strokes import new_strokes
from deepglass.data.new_texts import encoded_texts, new_texts
from deepglass.data.ragged import Ragged
from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.files import absent
from deepglass.data.readers.frame import table_of_frame
from deepglass.data.readers.new_series import given_series, last_windows
from deepglass.data.readers.npz import read_npy, read_npz
from deepglass.data.readers.signal_arrays import uneven_signals
from deepglass.data.readers.signal_table import new_signals
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_files import is_table, read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import new_rows
from deepglass.data.readers.texts import Texts
from deepglass.data.source import Label, Raw
from deepglass.data.stroke_encoding import as_drawings
from deepglass.errors import DataError


def new_batches(
    new: Any, fields: Mapping[str, Field], size: int, *, skip_unreadable: bool = False
) -> Iterator[tuple[dict[str, Tensor], list[str]]]:
    """Encode new examples, `size` at a time, with the file of each where they are files; these are never all in memory.

    Signals in the rows of a table come with what their column of signals calls them, and texts with themselves.

    Args: new: as in `encode_inputs`. skip_unreadable: leave out files that cannot be read, with a warning.
    Raises: as `encode_inputs`; for pictures and recordings after the last one, naming all that cannot be read.
    """
    texts, drawn = new_texts(new, fields), new_strokes(new, fields)
    if drawn is not None:
        new = drawn.values
    files = None if texts is not None else new_files(new, fields)
    if files is None:
        new = texts or _table_in(new, fields)
        encoded = encode_inputs(new, fields)
        names = (
            _names_of_signals(new, fields)
            if isinstance(new, Table)
            else [t for some in (texts or {}).values() for t in some]
        )
        names = drawn.names if drawn is not None else names
        for ids in torch.arange(len(next(iter(encoded.values())))).split(size):
            yield {n: v[ids] for n, v in encoded.items()}, [names[int(i)] for i in ids] if names else []
        return
    for start in range(0, len(files), size):
        values, names = files.read(start, start + size)
        if names:
            yield {files.field.name: _encode(files.field, values)}, names
    files.close(skip_unreadable=skip_unreadable)


def encode_inputs(new: Any, fields: Mapping[str, Field]) -> dict[str, Tensor]:
    """Encode new examples for the input fields of a run.

    Args: new: an array or tensor, a dictionary of arrays, a DataFrame, a Dataset, strings, or the path of a table (.csv, .parquet,
        ...), of a .txt file with a text a line, of an .npy or .npz file, or of pictures or recordings: files, folders, archives,
        or a table that names them.
    Raises: DataError, when the examples do not have the shape or the columns that were learned.
    """
    inputs = _inputs(fields)
    drawn = new_strokes(new, fields)
    new = drawn.values if drawn is not None else new_texts(new, fields) or new
    files = new_files(new, fields)
    if files is not None:
        values, _ = files.read(0, len(files))
        files.close(skip_unreadable=False)
        return {files.field.name: _encode(files.field, values)}
    if isinstance(new, Dataset):
        return new.examples("train").pick(list(inputs))
    new = _table_in(new, fields)
    if paths := _paths_in(new):
        new = _from_file(paths, fields)
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


def _paths_in(new: Any) -> list[Path]:
    """The paths that were given; none where something else was."""
    several = [new] if isinstance(new, str | Path) else new if isinstance(new, list | tuple) else []
    return [Path(p) for p in several] if all(isinstance(p, str | Path) for p in several) else []


def _table_in(new: Any, fields: Mapping[str, Field]) -> Any:
    """The table of a path or a DataFrame; anything else as it is."""
    paths = _paths_in(new)
    if len(paths) == 1 and is_table(paths[0]):
        return _table_of(paths[0], fields)
    return _frame(new, _inputs(fields)) if hasattr(new, "columns") and hasattr(new, "iloc") else new


def _names_of_signals(table: Table, fields: Mapping[str, Field]) -> list[str]:
    """What the signals of a table are called in the column that says which rows are one, in the order of `new_signals`."""
    reading = next(iter(_inputs(fields).values())).encoding.get("reading", {})
    if "lookback" in reading:  # of each series the time of its last row
        return last_windows(table, reading)[1]
    if "signal" not in reading:
        return []
    taken = take_column(table, reading["signal"], _form(fields), kind="category")
    classes = taken.column.classes if taken.column is not None else ()
    first = np.sort(np.unique(taken.values, return_index=True)[1])
    return [str(classes[int(code)]) for code in taken.values[first]]


def _inputs(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {n: f for n, f in fields.items() if f.role == "input"}


def _encode(field: Field, values: Any) -> Tensor:
    if field.kind == "text":
        return encoded_texts(field, values)
    if field.kind == "strokes":
        return match(field, Raw("strokes", as_drawings(field.name, values))).encode(values)
    if isinstance(values, Ragged) and field.kind in ("signal", "series"):
        return match(field, Raw(field.kind, values)).encode(values)
    if field.kind == "series":
        raw = given_series(field.name, field.encoding, field.shape, values)
        return match(field, raw).encode(raw.values)
    kind = field.kind if field.kind in ("number", "image", "category", "signal") else None
    if field.kind == "table":
        array = np.asarray(values, dtype=object)
        names = [c["name"] for c in field.encoding["columns"]]
        if array.ndim != 2 or array.shape[1] != len(names):
            raise DataError(
                f"Field {field.name!r}: {len(names)} columns were learned ({', '.join(names)}); got shape {array.shape}. "
                f"Give a row for each example."
            )
        import pandas

        frame = pandas.DataFrame(dict(zip(names, array.T))).infer_objects()
        return _from_table(table_of_frame(frame, "The new data"), {field.name: field})[field.name]
    try:
        array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    except ValueError:  # examples of different shapes
        uneven = uneven_signals(field.name, values)
        if field.kind == "signal":
            return _encode(field, uneven)
        raise DataError(f"Field {field.name!r}: the examples have different shapes. Give all one shape.") from None
    wanted = field.shape
    if field.kind != "category" and array.shape == wanted:  # one example alone
        array = array[None]
    if field.kind == "signal" and array.ndim == 1 and wanted[0] == 1:
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
    if field.kind in ("number", "image", "signal"):
        bad = ~np.isfinite(np.asarray(raw.values, dtype=np.float64))
        if bad.any():
            row = int(np.argwhere(bad)[0, 0])
            raise DataError(
                f"Field {field.name!r}: example {row} (counted from 0) holds a value that is missing or not finite."
            )
    return match(field, raw).encode(raw.values)


def given_targets(path: Path, fields: Mapping[str, Field]) -> dict[str, list[Any]]:
    """Return the targets that a table of new rows holds already, as they are written there, or as numbers."""
    table = _table_of(path, fields)
    found = {}
    for name, field in fields.items():
        if field.role == "target" and name in table.columns and field.kind != "series":
            taken = take_column(table, name, _form(fields), kind=None if field.kind == "number" else "category")
            classes = taken.column.classes if taken.column is not None else ()
            found[name] = [_label(classes, v) if classes else float(v) for v in taken.values]
    return found


def _label(classes: Sequence[Label], code: float) -> Label | None:
    return classes[int(code)] if code >= 0 else None


def _form(fields: Mapping[str, Field]) -> TableFormat:
    """How the table was written that was learned from."""
    readings = [
        f.encoding.get("reading", {}) for f in fields.values() if f.kind in ("table", "signal", "series", "text")
    ]
    reading: Mapping[str, Any] = next(
        (r.get("form", r) for r in readings), {}
    )  # that of signals stands beside the columns
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
        elif field.kind == "series" and "lookback" in field.encoding.get("reading", {}):
            encoded[name] = _encode(field, last_windows(table, field.encoding["reading"])[0])
        elif field.kind in ("signal", "series"):
            encoded[name] = _encode(field, _signals(table, field, form))
        elif field.kind == "number" and columns and set(columns) <= set(table.columns):
            encoded[name] = _encode(field, _matrix(table, columns, form))
        elif name in table.columns and field.kind == "number":
            encoded[name] = _encode(field, _matrix(table, [name], form))
        elif name in table.columns and field.kind == "text":
            encoded[name] = _encode(field, _strings(table, name))
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


def _signals(table: Table, field: Field, form: TableFormat) -> Any:
    reading = field.encoding.get("reading", {})
    if not reading:
        raise DataError(
            f"Field {field.name!r}: signals were learned from arrays or files, not from a table. Give these."
        )
    return new_signals(table, reading, form)[0]


def _strings(table: Table, name: str) -> list[str]:
    cells = table.columns[name]
    return [cells[i] for i in range(len(cells))] if isinstance(cells, Texts) else [f"{v:g}" for v in cells.values]


def _matrix(table: Table, names: Sequence[str], form: TableFormat) -> np.ndarray:
    return np.stack([take_column(table, n, form, kind="number").values for n in names], axis=1)


def _from_file(paths: list[Path], fields: Mapping[str, Field]) -> Any:
    """Read the arrays of a file: one of .npy, or those of a .npz by name."""
    for path in paths:
        if not path.exists():
            raise absent(path)
    path, ending = paths[0], paths[0].suffix.lower()
    if len(paths) > 1 or ending not in (".npy", ".npz"):
        raise DataError(
            f"{path} {'with others beside it ' if len(paths) > 1 else ''}is not of a kind that can be read. Give one table "
            f"(.csv, .parquet, ...), .npy or .npz file, or pictures or recordings: files, folders, .zip or .tar."
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
