"""Versions: training examples beside what augmentation makes of them in the first epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from deepglass.data.augment import count_variants
from deepglass.data.encode import Field
from deepglass.data.table_encoding import width

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

VERSIONS = 5  # epochs of augmentation that are shown
AUGMENTED = 4  # examples they are shown of
SEED = 0  # the recipe's default, so that what is shown is what a training without further settings sees


@dataclass(frozen=True)
class Version:
    """One training example as it is, and changed as in some epochs. Shapes: raw values, or encoded ones of numbers.

    An image has three axes, a signal two (channels, samples), numbers one.
    """

    label: str
    own: np.ndarray
    changed: list[np.ndarray]


def versions_of(data: Dataset, classes: list[str]) -> dict[str, Any]:
    """Some training examples, and how the first epochs of a training with seed 0 see them."""
    change = data.settings.augment
    one = next((f for f in data.inputs.values() if f.kind in ("image", "signal")), None)
    one = one or next((f for f in data.inputs.values() if f.kind in ("number", "table")), None)
    described = {n: str(f.description) for n, f in type(change).model_fields.items()}
    changes = [
        (f"{n} {v:g}" if v is not True else n.replace("_", " "), described[n]) for n, v in change.chosen().items()
    ]
    facts: dict[str, Any] = {"changes": changes, "variants": count_variants(change)}
    if one is None:
        return facts
    ids = torch.from_numpy(spread(data.members("train").numpy(), AUGMENTED))
    reader = data.reader()
    own = next(reader.read(ids, len(ids)))
    epochs = [next(reader.read(ids, len(ids), epoch=e, change=change, seed=SEED)) for e in range(1, VERSIONS + 1)]
    target = next(iter(data.targets.values()), None)
    truth = own[target.name] if target is not None and target.kind == "category" else None

    whole = one.kind in ("image", "signal")
    places, facts["version_names"] = ([], []) if whole else _numbers_of(one)

    def shown(batch: Any) -> np.ndarray:
        encoded = batch[one.name]
        return np.asarray(one.decode(encoded)) if whole else encoded.flatten(1)[:, places].cpu().numpy()

    before, after = shown(own), [shown(b) for b in epochs]
    labels = [classes[int(truth[i])] if truth is not None else f"#{int(ids[i])}" for i in range(len(ids))]
    facts["versions"] = [Version(labels[i], before[i], [a[i] for a in after]) for i in range(len(ids))]
    return facts


def _numbers_of(one: Field) -> tuple[list[int], list[str]]:
    """Where the numbers of a field stand once they are encoded, and their names; classes are left out."""
    listed = one.encoding.get("columns", [])
    if one.kind != "table":
        count = int(np.prod(one.shape))
        return list(range(count)), [str(c) for c in listed] or [f"{one.name}[{i}]" for i in range(count)]
    starts = np.cumsum([0, *(width(c) for c in listed)])
    numbers = [(int(start), c["name"]) for start, c in zip(starts, listed) if "classes" not in c]
    return [place for place, _ in numbers], [name for _, name in numbers]


def spread(values: np.ndarray, most: int) -> np.ndarray:
    """At most so many of some values, evenly spread."""
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).round().astype(int)]
