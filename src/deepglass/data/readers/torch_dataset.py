"""torch Datasets of the user's: items are (inputs..., target) tuples or dictionaries by field name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.data.encode import Field
from deepglass.data.source import Label, Raw, Source
from deepglass.data.stores import TorchStore
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion


@dataclass(frozen=True)
class Unpack:
    """Turns one item into raw values by field name. A class, so that worker processes can be handed it."""

    names: tuple[str, ...]

    def __call__(self, item: Any) -> dict[str, Any]:
        if isinstance(item, dict):
            return {n: item[n] for n in self.names}
        return dict(zip(self.names, item if isinstance(item, tuple | list) else (item,)))


def from_torch(
    dataset: Any, target: str | Sequence[str] | None, seed: int
) -> tuple[Source, TorchStore, dict[str, Field]]:
    """Wrap a map-style torch Dataset. Its tensors go to the network as they come: encoding is the dataset's own business.

    Raises: DataError, when it is empty or its items are of a kind that cannot be used.
    """
    if not len(dataset):
        raise DataError("The torch Dataset holds no examples. Give at least a few.")
    probe = TorchStore(dataset, lambda item: {"item": item}, seed)
    first = next(iter([probe.unpack(dataset[0])]))["item"]
    names = _names(first)
    targets = [target] if isinstance(target, str) else list(target or ([] if len(names) == 1 else [names[-1]]))
    for t in targets:
        if t not in names:
            raise SettingError(
                f"The torch Dataset has no field {t!r}.{suggestion(t, names)} Fields: {', '.join(names)}."
            )
    store = TorchStore(dataset, Unpack(names), seed)
    example = store.unpack(first)
    fields, raws, notes = {}, {}, []
    for name in names:
        role = "target" if name in targets else "input"
        fields[name], note = _field(name, example[name], role, dataset)
        raws[name] = Raw(fields[name].kind, None, classes=tuple(fields[name].classes))
        notes.append(note)
    inputs = tuple(n for n in names if n not in targets)
    ordered = {n: fields[n] for n in [*inputs, *targets]}
    title = type(dataset).__name__
    return Source(title, raws, inputs, tuple(targets), notes=tuple(notes), count=len(dataset)), store, ordered


def _names(item: Any) -> tuple[str, ...]:
    if isinstance(item, dict):
        return tuple(map(str, item))
    if isinstance(item, tuple | list):
        inputs = ["x"] if len(item) <= 2 else [f"x{i}" for i in range(len(item) - 1)]
        return tuple([*inputs, "y"][: len(item)] if len(item) > 1 else inputs)
    return ("x",)


def _field(name: str, value: Any, role: str, dataset: Any) -> tuple[Field, str]:
    array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"Field {name!r} of the torch Dataset is {type(value).__name__}, not numbers. "
            f"Return tensors, such as through a transform."
        )
    if role == "target" and array.ndim == 0 and array.dtype.kind in "iub":
        classes = _classes(name, dataset)
        encoding = {"classes": classes, "index": list(range(len(classes)))}
        return Field(
            name, "category", role, (), encoding
        ), f"{name}: {len(classes)} classes, as the dataset numbers them"
    shape = tuple(array.shape) or (1,)
    kind = "image" if role == "input" and array.ndim == 3 and array.shape[0] in (1, 3, 4) else "number"
    ones = [1] * len(shape)
    flat = {"offset": np.zeros(ones).tolist(), "scale": np.ones(ones).tolist(), "scaling": "none"}
    size = " x ".join(map(str, shape))
    return Field(name, kind, role, shape, flat), f"{name}: {kind}, {size}, as the dataset gives it"


def _classes(name: str, dataset: Any) -> list[Label]:
    """Take the classes from the dataset's own lists, as torchvision's have them, else by reading every target."""
    if getattr(dataset, "classes", None):
        return list(dataset.classes)
    targets = getattr(dataset, "targets", None)
    if targets is None:
        unpack = TorchStore(dataset, Unpack(_names(dataset[0]))).unpack
        targets = [int(unpack(dataset[i])[name]) for i in range(len(dataset))]
    codes = np.unique(np.asarray(targets))
    if len(codes) and codes.min() < 0:
        raise DataError(f"Field {name!r}: the class {codes.min()} is negative. Number the classes from 0.")
    return list(range(int(codes.max()) + 1))
