"""Target: what is to be answered, as the loss sees it."""

from typing import Any

import numpy as np

from deepglass.data import Dataset
from deepglass.data.checks.outliers import robust_distance
from deepglass.doctor.before.inputs import NORMAL_IQR
from deepglass.tasks import Supervised

MOST = 5_000
FAR = 20  # robust deviations, as in data.checks.outliers


def target(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Return facts about the target of the training split.

    Of a category: classes (names as text), counts and validation_counts, numeric (whether all names are whole numbers).
    Of a number, encoded: mean, std, bulk (deviation of the middle half), min, max, distinct, far (rows that lie FAR robust
    deviations from the median) and far_share (their share of the squared deviation); codes: whether they stand for classes.
    """
    rows = data.examples("train", limit=MOST)
    values = task.target_of(rows).cpu()
    field = task.field
    found: dict[str, Any] = {"name": field.name, "kind": field.kind, "rows": len(values)}
    if not len(values):
        return found
    if field.kind == "category":
        train, other = data.codes("train"), data.codes("validation")
        codes = (values if train is None else train).numpy()
        size = len(field.classes)
        found |= {
            "classes": [str(c) for c in field.classes],
            "numeric": all(_is_whole(c) for c in field.classes),
            "counts": np.bincount(codes[codes >= 0], minlength=size).tolist(),
            "validation_counts": None if other is None else np.bincount(other.numpy(), minlength=size).tolist(),
        }
        return found
    numbers = values.double().reshape(len(values), -1).numpy()
    stands_for = field.kind == "number" and data.source.codes() is not None
    return {**found, **of_numbers(numbers), "codes": stands_for, "scaling": str(field.encoding.get("scaling", ""))}


def of_numbers(numbers: np.ndarray) -> dict[str, Any]:
    """Mean, spread and far values of a target. Shapes: numbers (rows, ...)."""
    first = numbers.reshape(len(numbers), -1)[:, 0]
    low, high = np.quantile(first, [0.25, 0.75])
    squares = (first - np.median(first)) ** 2
    far = robust_distance(first) >= FAR
    return {
        "mean": float(numbers.mean()),
        "std": float(numbers.std(0).mean()),
        "bulk": float((high - low) / NORMAL_IQR),
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "distinct": max(len(np.unique(first)), 1 + bool((numbers != numbers[:1]).any())),
        "far": int(far.sum()),
        "far_share": float(squares[far].sum() / squares.sum()) if squares.sum() > 0 else 0.0,
    }


def _is_whole(name: Any) -> bool:
    try:
        return float(name) == int(float(name))
    except (TypeError, ValueError, OverflowError):
        return False
