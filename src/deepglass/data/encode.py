"""Encodings: how raw values become tensors and back, fitted on the training split alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.affine import fit_affine
from deepglass.data.distinct import distinct
from deepglass.data.imagenet import SCALINGS, affine_of_imagenet
from deepglass.data.ragged import Ragged
from deepglass.data.sequences import SEQUENCES, codec
from deepglass.data.settings import DataSettings
from deepglass.data.shared import as_tensor
from deepglass.data.signal_encoding import encode_signal, fit_signal, match_signal
from deepglass.data.source import Label, Raw
from deepglass.data.table_encoding import encode_table, fit_table, match_table, place, width
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion


@dataclass(frozen=True)
class Field:
    """One input or target, and its encoding.

    `shape` is that of one encoded example. `encoding` holds plain numbers and names, so that a later process can
    encode and decode alike:
        number, image   offset and scale, shaped to spread over an example: encoded = (raw - offset) / scale
        category        classes: an index as a target, one-hot as an input
        labels          classes: one 0/1 for each
        signal          as number and image, offset and scale one a channel; rate in hertz, channels and how to cut: `fit_signal`
        table           columns, each as `fit_table` says
        text            tokens, how texts are cut into these, and the length kept: `fit_text`
        series          offset and scale a variable: `fit_series`
        strokes         one scale: `fit_strokes`
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

    @property
    def rate(self) -> float:
        """Samples a second of a signal, in hertz; 0 where there is none."""
        return float(self.encoding.get("rate", 0.0))

    @property
    def channels(self) -> list[str]:
        """The names of a signal's channels, where they are known."""
        return list(self.encoding.get("channels", []))

    @property
    def tokens(self) -> list[str]:
        """Everything a text is made of, each at its code: padding, unknown, start, end, and then what was learned."""
        return list(self.encoding.get("tokens", []))

    @property
    def aligned(self) -> bool:
        """Whether this target answers each entry of the input at its own place."""
        return bool(self.encoding.get("aligned", False))

    @property
    def is_sequence(self) -> bool:
        """Whether an example is a row of entries along time, padded at its end."""
        return self.kind in SEQUENCES

    def encode(self, values: Any) -> Any:
        """Turn raw values, n examples first, into a float tensor (n, *shape), or int64: (n,) for a category target, (n, length)
        for a text."""
        if isinstance(values, Ragged) and self.kind not in (
            "signal",
            *SEQUENCES,
        ):  # a torch Dataset may give these for any field
            return values
        return ENCODERS[self.kind](self, values)

    def decode(self, encoded: Tensor) -> np.ndarray:
        """Turn encoded numbers back into their own units, or class indices back into classes."""
        if self.kind in ("number", "image", "signal"):
            return _affine_back(self, encoded)
        if self.kind in SEQUENCES:
            return codec(self.kind).decode(self.encoding, encoded)
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


def fit(
    name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings, beside: Mapping[str, Raw] | None = None
) -> Field:
    """Fit the encoding of one field on the examples `train`.

    Args: beside: the other fields of the source, for texts that share a vocabulary.
    Raises: DataError, when a number is missing or not finite, with how many and where.
    """
    shape: tuple[int, ...]
    encoding: dict[str, Any]
    as_imagenet = (
        role == "input" and settings.scaling in SCALINGS and raw.kind in ("number", "image", "signal", "table")
    )
    imagenet = affine_of_imagenet(name, raw, train, settings.scaling) if as_imagenet else None
    if raw.kind == "signal":
        shape, encoding = fit_signal(name, raw, train, settings)
        return Field(name, "signal", role, shape, encoding, raw.unit)
    if raw.kind in SEQUENCES:
        shared = {"beside": (beside or {})[raw.shares]} if raw.shares else {}
        shape, encoding = codec(raw.kind).fit(name, raw, role, train, settings, **shared)
        aligned = {"aligned": True} if raw.aligned else {}
        return Field(name, raw.kind, role, shape, {**encoding, **aligned}, raw.unit)
    if raw.kind in ("number", "image"):
        scaling = settings.target_scaling if role == "target" else _of_others(settings.scaling)
        offset, scale = imagenet or fit_affine(name, raw, train, scaling)
        shape = tuple(raw.values.shape[1:]) or (1,)
        encoding = {"offset": offset.tolist(), "scale": scale.tolist(), "scaling": scaling}
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
        columns = fit_table(name, raw, train, _of_others(settings.scaling), fill=settings.on_missing == "fill")
        encoding = {"columns": columns, "reading": dict(raw.reading), "fill": settings.on_missing == "fill"}
        return Field(name, "table", role, (sum(width(c) for c in columns),), encoding)
    shape = tuple(raw.values.values.shape[1:]) if isinstance(raw.values, Ragged) else ()
    return Field(name, raw.kind, role, shape, {})


def _of_others(scaling: str) -> str:
    """What "peak" means for inputs beside signals, which have no peak of their own."""
    return "standard" if scaling == "peak" else scaling


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
    all_of_them = raw.reading.get(
        "all_classes", False
    )  # a closed list of answers: one that training lacks is never right
    present = list(range(len(raw.classes))) if all_of_them else distinct(codes[train]).tolist()
    index = [present.index(i) if i in present else -1 for i in range(len(raw.classes))]
    if role == "target" and settings.classes is None:
        absent = {raw.classes[i]: int((codes == i).sum()) for i in distinct(codes).tolist() if index[i] < 0}
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
    if field.kind in SEQUENCES:
        codec(field.kind).match(field.name, field.encoding, field.shape, raw)
    if field.kind == "signal":
        match_signal(field.name, field.encoding, field.shape, raw)
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


def _encode_signal(field: Field, values: Any) -> Tensor:
    return encode_signal(field.encoding, field.shape, values if isinstance(values, Ragged) else as_tensor(values))


def _encode_sequences(field: Field, values: Any) -> Tensor:
    return codec(field.kind).encode(field.encoding, field.shape, values)


def _pass(field: Field, values: Any) -> Any:
    return values


ENCODERS: dict[str, Callable[[Field, Any], Any]] = {
    "number": _encode_affine,
    "image": _encode_affine,
    "signal": _encode_signal,
    "category": _encode_category,
    "labels": _encode_labels,
    "table": _encode_table,
    **dict.fromkeys(SEQUENCES, _encode_sequences),
    "boxes": _pass,
}
