"""Subgroups: how a network does on each group of examples, such as women and men: a good mean may hide a bad part."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.data.source import Column, Label, Raw
from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.tasks import Collected, Supervised, Task

FEW = 12  # different numbers up to which each is a group of its own; of more, quarters of the training examples
COMPARED = 5  # examples of a group at least, for fewer say next to nothing
MISSING = "missing"


def check_by(task: Task, data: Dataset, column: str) -> None:
    """Say before anything is looked at that examples cannot be parted by a column, or that a task cannot be measured so.

    Raises: SettingError.
    """
    kinds = [field.kind for field in data.targets.values()]
    if not isinstance(task, Supervised) or kinds not in (["category"], ["number"]):
        raise SettingError(
            f"Groups are compared by accuracy or mean error, and {task.name} has neither. Leave out {column!r}."
        )
    groups_of(data, column, data.members("train")[:1])


def groups_of(data: Dataset, column: str, ids: Tensor) -> np.ndarray:
    """Return the group of each example, as text. Shapes: ids (examples,); returns (examples,).

    Args: column: a category, or a number, of which a quarter of the training examples each is a group.
    Raises: SettingError, for a column that is not there, or that holds something else.
    """
    known = dict(_columns(data.source.fields.items()))
    if column not in known:
        raise SettingError(
            f"The data have no column {column!r} to part the examples by.{suggestion(column, known)} Known: "
            f"{', '.join(sorted(known)) or 'none, as there are no categories and no numbers'}."
        )
    classes, values = known[column]
    if classes:
        names = np.array([*map(str, classes), MISSING])  # a code of -1 is the last
        return np.asarray(names[np.nan_to_num(values[ids.numpy()], nan=-1).astype(int)])
    train = values[data.members("train").numpy()].astype(float)
    own = values[ids.numpy()].astype(float)
    different = np.unique(train[np.isfinite(train)])
    if len(different) <= FEW:
        return np.array([f"{v:g}" if np.isfinite(v) else MISSING for v in own])
    ends: Any = np.nanquantile(train, (0.25, 0.5, 0.75))
    said = [f"to {ends[0]:.4g}", *(f"{a:.4g} to {b:.4g}" for a, b in pairwise(ends)), f"from {ends[2]:.4g}"]
    return np.array([said[int(np.searchsorted(ends, v))] if np.isfinite(v) else MISSING for v in own])


def scores_by_group(task: Supervised, said: Collected, groups: np.ndarray) -> list[dict[str, Any]]:
    """Score each group alone, the largest first.

    Shapes: groups (examples,), in the order of `said`.
    Returns: of each its name, how many examples, the metric with its 95 % interval over the choice of these examples; of two
        classes also how often the second one is said, and how often it is true.
    """
    names, counts = np.unique(groups, return_counts=True)
    rows = []
    for name in names[np.argsort(-counts, kind="stable")]:
        part = _part(said, torch.from_numpy(np.flatnonzero(groups == name)))
        scores = task.evaluation(part)
        metric = "accuracy" if "accuracy" in scores else "mae"
        row = {"group": str(name), "examples": len(part.ids), metric: scores[metric]}
        if f"{metric}_interval" in scores:
            row["interval"] = list(scores[f"{metric}_interval"])
        if "confusion" in scores and len(scores["confusion"]) == 2:
            found = np.array(scores["confusion"])  # true by said
            row |= {
                "class": scores["classes"]["name"][1],
                "said": float(found[:, 1].sum() / found.sum()),
                "true": float(found[1].sum() / found.sum()),
            }
        rows.append(row)
    return rows


def in_lines(column: str, rows: list[dict[str, Any]]) -> list[str]:
    """The rows as text, and whether two groups are further apart than the choice of examples explains."""
    metric = next(name for name in ("accuracy", "mae") if name in rows[0])
    width = max(len(row["group"]) for row in rows)
    lines = [f"  by {column}:"]
    for row in rows:
        ends = row.get("interval")
        between = f"   95 % interval {ends[0]:.4f} to {ends[1]:.4f}" if ends else ""
        rates = f"   {row['class']}: said of {row['said']:.3f}, true of {row['true']:.3f}" if "class" in row else ""
        lines.append(
            f"    {row['group']:<{width}}  {row['examples']:>6,} examples  {metric} {row[metric]:.4f}{between}{rates}"
        )
    judged = [row for row in rows if "interval" in row and row["examples"] >= COMPARED]
    if len(judged) > 1:
        pairs = [(a, b) for a in judged for b in judged if a is not b]
        low, high = max(pairs, key=lambda pair: (pair[1]["interval"][0] - pair[0]["interval"][1], pair[1][metric]))
        apart = low["interval"][1] < high["interval"][0]
        if not apart:
            low, high = (end(judged, key=lambda row: row[metric]) for end in (min, max))
        lines.append(
            f"    {low['group']} and {high['group']} differ by {high[metric] - low[metric]:.4f}: "
            + (
                "their intervals do not meet, so more than chance."
                if apart
                else "within what the choice of examples explains."
            )
        )
    return lines


def _columns(fields: Iterable[tuple[str, Raw]]) -> Iterable[tuple[str, tuple[tuple[Label, ...], np.ndarray]]]:
    """Every category and every number of a table: its name, its classes, and its values (examples,): codes or numbers."""
    for name, raw in fields:
        if raw.kind not in ("category", "number", "table") or raw.values is None:
            continue
        values = np.asarray(raw.values)
        if values.ndim == 1:
            yield name, (raw.classes, values)
        elif values.ndim == 2:
            known = raw.columns or (Column(name),) * (values.shape[1] == 1)
            yield from ((one.name, (one.classes, values[:, k])) for k, one in enumerate(known) if one.kind != "date")


def _part(said: Collected, at: Tensor) -> Collected:
    rest = (None if v is None else v[at] for v in (said.weights, said.outputs))
    return Collected(
        {n: v[at] for n, v in said.prediction.items()}, said.target[at], said.losses[at], said.ids[at], *rest
    )
