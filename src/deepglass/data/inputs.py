"""Inputs: new examples for a trained network, encoded as the training examples were."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.data.dataset import Dataset
from deepglass.data.encode import Field, match
from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.frame import columns_of
from deepglass.data.readers.table import read_table
from deepglass.data.source import Raw
from deepglass.errors import DataError


def encode_inputs(new: Any, fields: Mapping[str, Field]) -> dict[str, Tensor]:
    """Encode new examples for the input fields of a run.

    Args: new: an array or tensor, a dictionary of arrays, a DataFrame, a Dataset, or the path of a .csv, .npy or image file
        (or several images).
    Raises: DataError, when the examples do not have the shape or the columns that were learned.
    """
    inputs = {n: f for n, f in fields.items() if f.role == "input"}
    if isinstance(new, Dataset):
        return new.examples("train").pick(list(inputs))
    if isinstance(new, str | Path) or (
        isinstance(new, Sequence) and new and all(isinstance(p, str | Path) for p in new)
    ):
        paths = [Path(new)] if isinstance(new, str | Path) else [Path(p) for p in new]
        new = _from_files(paths, inputs)
    if hasattr(new, "columns") and hasattr(new, "iloc"):
        return _from_frame(new, inputs)
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

        return _from_frame(pandas.DataFrame(dict(zip(names, array.T))).infer_objects(), {field.name: field})[field.name]
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


def _from_frame(frame: Any, inputs: Mapping[str, Field]) -> dict[str, Tensor]:
    encoded = {}
    for name, field in inputs.items():
        columns = field.encoding.get("columns", [])
        if field.kind == "table":
            kinds = {c["name"]: c["kind"] for c in columns}
            learned, values = columns_of("The new data", frame, list(kinds), kinds)
            encoded[name] = match(field, Raw("table", values, columns=tuple(learned))).encode(values)
        elif field.kind == "number" and columns and set(columns) <= set(map(str, frame.columns)):
            encoded[name] = _encode(field, frame[columns].to_numpy())
        elif name in frame.columns:
            encoded[name] = _encode(field, frame[name].to_numpy())
        elif field.kind == "number" and frame.shape[1] == field.shape[0]:
            encoded[name] = _encode(field, frame.to_numpy())
        else:
            needed = ", ".join(columns or [name])
            raise DataError(f"The new data has the columns {', '.join(map(str, frame.columns))}; needed: {needed}.")
    return encoded


def _from_files(paths: list[Path], inputs: Mapping[str, Field]) -> Any:
    for path in paths:
        if not path.is_file():
            raise DataError(f"There is no file {path}.")
    kinds = {p.suffix.lower() for p in paths}
    if kinds == {".csv"} and len(paths) == 1:
        return read_table(paths[0])
    if kinds == {".npy"} and len(paths) == 1:
        try:
            return np.load(paths[0], allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise DataError(f"{paths[0]} is not an array that can be read: {error}") from None
    if kinds <= {".png", ".jpg", ".jpeg", ".bmp", ".gif"}:
        field = next(iter(inputs.values()))
        if len(inputs) == 1 and field.kind == "image":
            return np.stack([_picture(p, field) for p in paths])
        raise DataError(f"{paths[0]} is an image, but the network takes {', '.join(inputs)}.")
    raise DataError(
        f"{paths[0]} is not of a kind that can be read. Give one .csv or .npy file, or images (.png, .jpg)."
    )


def _picture(path: Path, field: Field) -> np.ndarray:
    """Read an image in the size and the range of the images that were learned."""
    from PIL import Image, UnidentifiedImageError

    channels, height, width = field.shape
    try:
        with Image.open(path) as opened:
            image = opened.convert("L" if channels == 1 else "RGB" if channels == 3 else "RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is not an image that can be read: {error}.") from None
    pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
    top = field.encoding.get("top", 255)
    return pixels.reshape(height, width, channels).transpose(2, 0, 1) * (top / 255)
