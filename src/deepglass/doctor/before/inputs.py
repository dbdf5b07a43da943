"""Inputs: how large they are when they reach the network, column by column."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.tasks import Supervised

MOST = 2_000  # training examples that are looked at, evenly spread; a deviation is then known within 2 %
MOST_COLUMNS = 256  # of a field; of a wider one so many, evenly spread
NORMAL_IQR = 1.349  # quartile distance of standard normal numbers


def inputs(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Return facts about each input field as it is encoded, and about its columns.

    Of a field: kind, shape, scaling, mean, std, min, max, distinct (share of the rows that differ from the first), and
    not_finite with first_row (number in the data) where there are such. columns: a record each of name, mean, std, bulk (the
    deviation of its middle half, as of normal numbers), min, max, distinct (values). lag_ratio of colour pictures: see below.
    """
    rows = data.examples("train", limit=MOST)
    found = {}
    for name in task.inputs:
        values, field = rows[name], data.fields[name]
        if not isinstance(values, Tensor) or not len(values) or not values.is_floating_point():
            continue
        wide = values.double()
        is_good = torch.isfinite(wide)
        good = wide[is_good]
        facts: dict[str, Any] = {
            "kind": field.kind,
            "shape": list(field.shape),
            "scaling": str(field.encoding.get("scaling", data.settings.scaling)),
            "not_finite": int((~is_good).sum()),
            "distinct": float((wide != wide[:1]).flatten(1).any(1).double().mean()),
        }
        if facts["not_finite"]:
            facts["first_row"] = int(rows.ids[int((~is_good).flatten(1).any(1).nonzero()[0])])
        if len(good):
            facts |= {
                "mean": float(good.mean()),
                "std": float(good.std(correction=0)),
                "min": float(good.min()),
                "max": float(good.max()),
            }
        if field.kind == "image" and values.ndim == 4 and 1 < values.shape[1] < values.shape[3] / 2:
            facts["lag_ratio"] = _lag_ratio(wide)
        if field.kind != "image" or values.ndim < 3:
            facts["columns"] = _columns(wide.flatten(1).numpy(), _names(field, wide.flatten(1).shape[1], data, name))
        found[name] = facts
    return found


def _lag_ratio(pictures: Tensor) -> float | None:
    """How much pixels of a row differ that are as far apart as there are channels, over how much neighbours differ."""
    apart = pictures.shape[1]
    near = (pictures[..., 1:] - pictures[..., :-1]).abs().mean()
    return float((pictures[..., apart:] - pictures[..., :-apart]).abs().mean() / near) if near > 0 else None


def _names(field: Any, width: int, data: Dataset, name: str) -> list[str]:
    """A name for each encoded column; a category has one for each class."""
    columns = field.encoding.get("columns", [])
    names: list[str] = []
    for column in columns:
        if isinstance(column, str):
            names.append(column)
            continue
        classes = column.get("classes", [])
        names += [f"{column['name']}={c}" for c in classes] if classes else [column["name"]]
    return names if len(names) == width else [name if width == 1 else f"{name}[{i}]" for i in range(width)]


def _columns(values: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    found = []
    chosen = np.linspace(0, len(names) - 1, min(len(names), MOST_COLUMNS)).astype(int)
    for i in chosen.tolist():
        column = values[:, i]
        good = column[np.isfinite(column)]
        if not len(good):
            continue
        low, high = np.quantile(good, [0.25, 0.75])
        found.append(
            {
                "name": names[i],
                "mean": float(good.mean()),
                "std": float(good.std()),
                "bulk": float((high - low) / NORMAL_IQR),
                "min": float(good.min()),
                "max": float(good.max()),
                "distinct": len(np.unique(good)),
                "not_finite": len(column) - len(good),
            }
        )
    return found
