"""Encodings: how raw values become tensors and back, fitted on the training split alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.settings import DataSettings
from deepglass.data.source import Label, Raw
from deepglass.data.table_encoding import encode_table, fit_table, match_table, place, width
from deepglass.data.tones import affine_of_tones, tones
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

CHUNK = 4096  # examples read at a time while fitting, so that memory stays small
CHUNK_NUMBERS = 1 << 24  # and numbers at most


@dataclass(frozen=True)
class Field:
    """One input or target, and its encoding.

    `shape` is that of one encoded example. `encoding` holds plain numbers and names, so that a later process can
    encode and decode alike:
        number, image   offset and scale, shaped to spread over an example: encoded = (raw - offset) / scale
        category        classes: an index as a target, one-hot as an input
        labels          classes: one 0/1 for each
        table           columns, each as `fit_table` says
        boxes           nothing: values of uneven length pass as they are
    """

    name: str
    kind: str
    role: str  # input or target
    shape: tuple[int, ...]
    encoding: Mapping[str, Any]
    unit: str = ""

    @property
    def classes(self) -> list[Label]:
        return list(self.encoding.get("classes", []))

    def encode(self, values: Any) -> Any:
        """Turn raw values, n examples first, into a float tensor (n, *shape), or int64 (n,) for a category target."""
        if isinstance(values, Ragged):  # a torch Dataset may give these for any field
            return values
        return ENCODERS[self.kind](self, values)

    def decode(self, encoded: Tensor) -> np.ndarray:
        """Turn encoded numbers back into their own units, or class indices back into classes."""
        if self.kind in ("number", "image"):
            return _affine_back(self, encoded)
        if self.kind == "category":
            return np.array([self.classes[int(i)] for i in encoded], dtype=object)
        if self.kind == "labels":
            chosen = [[c for c, on in zip(self.classes, row) if on] for row in encoded.bool().tolist()]
            return np.array([", ".join(map(str, c)) for c in chosen], dtype=object)
        return encoded.cpu().numpy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "role": self.role,
            "shape": list(self.shape),
            "encoding": dict(self.encoding),
            "unit": self.unit,
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Field":
        return cls(
            facts["name"], facts["kind"], facts["role"], tuple(facts["shape"]), facts["encoding"], facts.get("unit", "")
        )


def fit(name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings) -> Field:
    """Fit the encoding of one field on the examples `train`.

    Raises: DataError, when a number is missing or not finite, with how many and where.
    """
    if raw.kind in ("number", "image"):
        scaling = settings.target_scaling if role == "target" else settings.scaling
        offset, scale = _affine(name, raw, train, scaling)
        shape = tuple(raw.values.shape[1:]) or (1,)
        encoding: dict[str, Any] = {"offset": offset.tolist(), "scale": scale.tolist(), "scaling": scaling}
        if raw.kind == "image":  # white, or the brightest value there is: a picture in a file is brought to this range
            encoding["top"] = float(np.max(np.asarray(raw.values[train]), initial=0)) if raw.top is None else raw.top
        if raw.columns:
            encoding["columns"] = [c.name for c in raw.columns]
        return Field(name, raw.kind, role, shape, encoding, raw.unit)
    if raw.kind == "category":
        if role == "target" and settings.label_encoding == "number":
            return Field(name, "number", role, (1,), {"offset": [0.0], "scale": [1.0], "scaling": "none"}, raw.unit)
        classes, index = _classes(name, raw, role, train, settings)
        shape = () if role == "target" else (len(classes),)
        return Field(name, "category", role, shape, {"classes": classes, "index": index})
    if raw.kind == "labels":
        return Field(name, "labels", role, (len(raw.classes),), {"classes": list(raw.classes)})
    if raw.kind == "table":
        columns = fit_table(name, raw, train, settings.scaling, fill=settings.on_missing == "fill")
        encoding = {"columns": columns, "reading": dict(raw.reading), "fill": settings.on_missing == "fill"}
        return Field(name, "table", role, (sum(width(c) for c in columns),), encoding)
    shape = tuple(raw.values.values.shape[1:]) if isinstance(raw.values, Ragged) else ()
    return Field(name, raw.kind, role, shape, {})


def _affine(name: str, raw: Raw, train: np.ndarray, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale that spread over one example: one a column, or one a channel of an image."""
    shape = raw.values.shape[1:] or (1,)
    broadcast = (shape[0], *[1] * (len(shape) - 1)) if raw.kind == "image" else (*[1] * (len(shape) - 1), shape[-1])
    axes = (0, 2, 3) if raw.kind == "image" else tuple(range(len(shape)))
    if raw.kind == "image" and raw.values.dtype == np.uint8 and len(train) and scaling != "none":
        offset, spread = affine_of_tones(tones(raw.values, train), scaling)
        return offset.reshape(broadcast), spread.reshape(broadcast)
    if scaling == "none":
        _check_finite(name, raw, train)
        return np.zeros(broadcast), np.ones(broadcast)
    if scaling == "unit":
        low, high = _range(name, raw, train, axes)
        spread = np.where(high > low, high - low, 1.0)
        return low.reshape(broadcast), spread.reshape(broadcast)
    count, total, squares = 0, 0.0, 0.0
    first: Any = None  # the first example's mean is taken off before squaring, against cancellation
    for chunk in _chunks(name, raw, train):
        first = chunk.mean(axis=axes, keepdims=True) if first is None else first
        count += chunk.size // max(1, int(np.prod(broadcast)))
        total = total + (chunk - first).sum(axis=axes)
        squares = squares + ((chunk - first) ** 2).sum(axis=axes)
    if not count:
        return np.zeros(broadcast), np.ones(broadcast)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    centre = mean + np.squeeze(first, axis=axes)
    # A constant column has no spread to divide by; rounding leaves a trace of one behind.
    deviation = np.where(deviation > 1e-9 * np.maximum(1, np.abs(centre)), deviation, 1.0)
    return centre.reshape(broadcast), deviation.reshape(broadcast)


def _range(name: str, raw: Raw, train: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    lows, highs = zip(*[(c.min(axis=axes), c.max(axis=axes)) for c in _chunks(name, raw, train)])
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _chunks(name: str, raw: Raw, train: np.ndarray) -> Iterator[np.ndarray]:
    step = max(1, min(CHUNK, CHUNK_NUMBERS // max(1, int(np.prod(raw.values.shape[1:])))))
    for start in range(0, len(train), step):
        ids = train[start : start + step]
        chunk = np.asarray(raw.values[ids], dtype=np.float64)
        chunk = chunk.reshape(len(chunk), *(raw.values.shape[1:] or (1,)))
        bad = ~np.isfinite(chunk)
        if bad.any():
            raise _not_finite(name, raw, chunk, ids)
        yield chunk


def _check_finite(name: str, raw: Raw, train: np.ndarray) -> None:
    for _ in _chunks(name, raw, train):
        pass


def _not_finite(name: str, raw: Raw, chunk: np.ndarray, ids: np.ndarray) -> DataError:
    where = np.argwhere(~np.isfinite(chunk))
    rows = sorted({int(ids[i]) for i in where[:, 0]})
    column = ""
    if raw.columns and chunk.ndim == 2:
        column = f", column {raw.columns[int(where[0, 1])].name!r}"
    shown = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return DataError(
        f"Field {name!r}{column}: {len(rows)} examples hold a value that is missing or not finite (first: {shown}, counted "
        f"from 0). Remove these examples or fill the values before loading."
    )


def _classes(
    name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings
) -> tuple[list[Label], list[int]]:
    """The classes of the training examples, and for every raw code the index of its class there (-1: unknown)."""
    if role == "target" and settings.positive is not None:
        code = raw.classes.index(class_named(name, raw, settings.positive, "positive"))
        others = [c for c in (settings.classes or raw.classes) if c != settings.positive]
        rest = others[0] if len(others) == 1 else f"not {settings.positive}"
        return [rest, raw.classes[code]], [int(i == code) for i in range(len(raw.classes))]
    codes = np.asarray(raw.values)
    present = np.unique(codes[train]).tolist()
    index = [present.index(i) if i in present else -1 for i in range(len(raw.classes))]
    if role == "target" and settings.classes is None:
        absent = {raw.classes[i]: int((codes == i).sum()) for i in np.unique(codes).tolist() if index[i] < 0}
        if absent:
            raise DataError(
                f"Field {name!r}: no training example has the class "
                + ", ".join(f"{c!r} ({n} elsewhere)" for c, n in absent.items())
                + ". Keep the classes that have enough examples with classes=[...], or give more of them."
            )
    return [raw.classes[i] for i in present], index


def match(field: Field, raw: Raw) -> Field:
    """Return a fitted encoding for raw values that number their classes in another way, such as those of new data.

    Raises: DataError, when a target holds a class that the encoding has never seen, or columns differ.
    """
    if field.kind == "table":
        columns = match_table(field.name, field.encoding["columns"], raw.columns)
        return replace(field, encoding={**field.encoding, "columns": columns})
    if field.kind != "category":
        return field
    index = [place(field.classes, c) for c in raw.classes]
    unknown = [c for c, i in zip(raw.classes, index) if i < 0]
    if field.role == "target" and unknown:
        known = ", ".join(map(str, field.classes))
        raise DataError(f"Field {field.name!r}: the class {unknown[0]!r} is none of those learned ({known}).")
    return replace(field, encoding={**field.encoding, "index": index})


def class_named(name: str, raw: Raw, wanted: Label, setting: str) -> Label:
    """Return the class that is written as `wanted`. Raises: SettingError, with the classes there are."""
    for known in raw.classes:
        if known == wanted or str(known) == str(wanted):
            return known
    shown = ", ".join(map(str, raw.classes[:20]))
    raise SettingError(
        f"{setting}={wanted!r} is no class of {name!r}.{suggestion(str(wanted), map(str, raw.classes))} Classes: {shown}."
    )


def as_tensor(values: Any) -> Tensor:
    """Return values as a tensor, sharing their memory where it may be written to."""
    if isinstance(values, Tensor):
        return values
    array = np.asarray(values)
    if array.dtype.byteorder not in ("=", "|"):
        array = array.astype(array.dtype.newbyteorder("="))
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _encode_affine(field: Field, values: Any) -> Tensor:
    x = as_tensor(values)
    x = x.reshape(len(x), *field.shape)
    offset = torch.tensor(field.encoding["offset"], dtype=torch.float64, device=x.device)
    scale = torch.tensor(field.encoding["scale"], dtype=torch.float64, device=x.device)
    if x.dtype == torch.float64 or x.dtype in (torch.int64, torch.int32):  # large numbers lose nothing before centring
        return ((x - offset) / scale).float()
    return x.to(torch.float32, copy=True).sub_(offset.float()).div_(scale.float())


def _affine_back(field: Field, encoded: Tensor) -> np.ndarray:
    offset, scale = np.asarray(field.encoding["offset"]), np.asarray(field.encoding["scale"])
    return encoded.detach().cpu().double().numpy().reshape(-1, *field.shape) * scale + offset


def _encode_category(field: Field, values: Any) -> Tensor:
    codes = as_tensor(values).long()
    index = torch.tensor(field.encoding["index"], dtype=torch.int64, device=codes.device)[codes]
    if field.role == "target":
        return index
    return _one_hot(index, len(field.classes))


def _one_hot(index: Tensor, width: int) -> Tensor:
    """An unknown class (-1) is a row of zeros."""
    return torch.nn.functional.one_hot(index + 1, width + 1)[..., 1:].float()


def _encode_labels(field: Field, values: Any) -> Tensor:
    return as_tensor(values).float()


def _encode_table(field: Field, values: Any) -> Tensor:
    return encode_table(field.encoding["columns"], as_tensor(values))


def _pass(field: Field, values: Any) -> Any:
    return values


ENCODERS: dict[str, Callable[[Field, Any], Any]] = {
    "number": _encode_affine,
    "image": _encode_affine,
    "category": _encode_category,
    "labels": _encode_labels,
    "table": _encode_table,
    "boxes": _pass,
}
