"""Inputs: how large they are when they reach the network, column by column."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.layers.masks import mask_of
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
        if field.kind == "series":  # its steps one below the other, without the padding after the last
            there = mask_of(values)
            values, ids = values[there], rows.ids.repeat_interleave(there.sum(dim=1))
        else:
            ids = rows.ids
        wide = values.double()
        names = _names(field, wide.flatten(1).shape[1], data, name)
        facts = facts_of(wide.numpy(), ids.cpu().numpy(), kind=field.kind, names=names)
        scaling = str(field.encoding.get("scaling", data.settings.scaling))
        found[name] = {**facts, "shape": list(field.shape), "scaling": scaling}
    return found


def facts_of(values: np.ndarray, ids: np.ndarray, *, kind: str = "", names: list[str] | None = None) -> dict[str, Any]:
    """Return the facts of one field. Shapes: values (rows, ...), ids (rows,) of the rows' numbers.

    Args: kind: as `data` has it; without it, rows of three axes are pictures. names: of the columns, flattened.
    """
    is_good = np.isfinite(values)
    good = values[is_good]
    kind = kind or ("image" if values.ndim == 4 else "number")
    facts: dict[str, Any] = {
        "kind": kind,
        "shape": list(values.shape[1:]),
        "scaling": "none",
        "not_finite": int((~is_good).sum()),
        "distinct": float((values != values[:1]).reshape(len(values), -1).any(1).mean()),
    }
    if facts["not_finite"]:
        facts["first_row"] = int(ids[np.flatnonzero((~is_good).reshape(len(values), -1).any(1))[0]])
    if len(good):
        facts |= {
            "mean": float(good.mean()),
            "std": float(good.std()),
            "min": float(good.min()),
            "max": float(good.max()),
        }
    if kind == "image" and values.ndim == 4 and 1 < values.shape[1] < values.shape[3] / 2:
        facts["lag_ratio"] = _lag_ratio(torch.from_numpy(values))
        facts |= _as_reshaped(torch.from_numpy(values))
    if kind not in ("image", "signal") or values.ndim < 3:
        flat = values.reshape(len(values), -1)
        facts["columns"] = _columns(flat, names or [f"input[{i}]" for i in range(flat.shape[1])])
    return facts


def _lag_ratio(pictures: Tensor) -> float | None:
    """How much pixels of a row differ that are as far apart as there are channels, over how much neighbours differ."""
    apart = pictures.shape[1]
    near = (pictures[..., 1:] - pictures[..., :-1]).abs().mean()
    return float((pictures[..., apart:] - pictures[..., :-apart]).abs().mean() / near) if near > 0 else None


def _as_reshaped(pictures: Tensor) -> dict[str, float]:
    """How alike two numbers are that stand side by side in memory, by where they stand.

    inside: correlation of the first number of every group of `channels` with the second; across: of the last with the first of the
    next group; within each picture, then the mean over all. Groups mean nothing in pictures with channels first, so the two are
    alike; where channels were last and were reshaped, a group is one pixel.
    """
    count, channels, height, width = pictures.shape
    groups = pictures.reshape(count, height * width, channels)
    found = {"inside": _alike(groups[:, :, 0], groups[:, :, 1]), "across": _alike(groups[:, :-1, -1], groups[:, 1:, 0])}
    return {name: value for name, value in found.items() if value == value}


def _alike(a: Tensor, b: Tensor) -> float:
    """The mean over rows of the correlation of their numbers."""
    a, b = (v - v.mean(1, keepdim=True) for v in (a, b))
    sizes = a.norm(dim=1) * b.norm(dim=1)
    return float(((a * b).sum(1)[sizes > 0] / sizes[sizes > 0]).mean())


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
