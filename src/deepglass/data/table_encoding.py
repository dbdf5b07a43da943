"""Table encoding: how the columns of a table become numbers, fitted on the training split alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.source import Column, Label, Raw
from deepglass.errors import DataError

PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}  # days


def fit_table(name: str, raw: Raw, train: np.ndarray, scaling: str, *, fill: bool) -> list[dict[str, Any]]:
    """Fit every column on the examples `train`. Each gets plain facts, enough to encode new rows alike:

        number    offset, scale; where missing values are filled `fill`, the median, and whether an `indicator` says so
        date      the same, for days since `first`, the first training date, and `parts`: periods of which it also gives
                  the sine and the cosine
        boolean   classes: 0 for the first, 1 for the second
        category  classes: one 0/1 for each; `index` has the place of each of `all` the classes, -1 for one that no
                  training example has

    Raises: DataError, when a number is missing and is not to be filled.
    """
    return [_fit_column(name, c, raw.values[:, i], train, scaling, fill) for i, c in enumerate(raw.columns)]


def width(column: Mapping[str, Any]) -> int:
    """How many numbers a column becomes."""
    if column["kind"] == "category":
        return len(column["classes"])
    return 1 + 2 * len(column.get("parts", ())) + bool(column.get("indicator"))


def encode_table(columns: list[dict[str, Any]], x: Tensor) -> Tensor:
    """Encode raw values (n, columns). Returns: (n, sum of the columns' widths) float32."""
    parts = []
    for i, column in enumerate(columns):
        values = x[:, i]
        if column["kind"] in ("category", "boolean"):
            index = torch.tensor([*column["index"], -1], dtype=torch.int64, device=x.device)[
                values.long()
            ]  # code -1: the last
            if column["kind"] == "category":
                parts.append(torch.nn.functional.one_hot(index + 1, len(column["classes"]) + 1)[:, 1:].float())
            else:
                parts.append((index == 1).float()[:, None])
            continue
        gaps = values.isnan()
        if column.get("fill") is not None:
            values = torch.where(gaps, torch.tensor(column["fill"], dtype=x.dtype, device=x.device), values)
        scaled = (values - column.get("first", 0.0) - column["offset"]) / column["scale"]
        parts.append(scaled.float()[:, None])
        for part in column.get("parts", ()):
            angle = values * (2 * torch.pi / PERIODS[part])
            parts.append(torch.stack([angle.sin(), angle.cos()], dim=1).float())
        if column.get("indicator"):
            parts.append(gaps.float()[:, None])
    return torch.cat(parts, dim=1)


def match_table(name: str, columns: list[dict[str, Any]], new: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Return fitted columns for raw values that number their classes in another way.

    Raises: DataError, when the columns are others, or one that holds yes or no holds something else.
    """
    learned, given = [c["name"] for c in columns], [c.name for c in new]
    if learned != given:
        raise DataError(f"Field {name!r}: the columns {', '.join(learned)} were learned; got {', '.join(given)}.")
    matched = []
    for column, raw in zip(columns, new):
        named = ("category", "boolean")
        if (column["kind"] in named) != (raw.kind in named):
            raise DataError(f"Column {column['name']!r} was learned as a {column['kind']}; now it holds a {raw.kind}.")
        if column["kind"] in named:
            index = [place(column["classes"], c) for c in raw.classes]
            unknown = [c for c, i in zip(raw.classes, index) if i < 0]
            if column["kind"] == "boolean" and unknown:
                raise DataError(
                    f"Column {column['name']!r}: {unknown[0]!r} is none of those learned ({', '.join(column['classes'])})."
                )
            column = {**column, "index": index, "all": list(raw.classes)}
        matched.append(column)
    return matched


def place(classes: list[Label], wanted: Label) -> int:
    """Where a class stands, by how it is written; -1 when it is none."""
    return next((i for i, c in enumerate(classes) if str(c) == str(wanted)), -1)


def table_notes(columns: list[dict[str, Any]]) -> list[str]:
    """Say in sentences what was fitted: fill values and parts of dates."""
    notes = []
    for column in columns:
        if column.get("indicator"):
            value = column["fill"]
            shown = f"{value:g}" if column["kind"] == "number" else str(np.datetime64(int(value), "D"))
            notes.append(
                f"{column['name']}: {column['gaps']:,} missing in training, filled with its median, {shown}, beside a column "
                f"'{column['name']} missing'"
            )
        if column["kind"] == "date":
            parts = ", ".join(f"its place in the {p} (sine, cosine)" for p in column["parts"])
            first = np.datetime64(int(np.floor(column["first"])), "D")
            notes.append(
                f"{column['name']}: days since {first}, the first in training" + (f", and {parts}" if parts else "")
            )
    return notes


def _fit_column(
    field: str, column: Column, values: np.ndarray, train: np.ndarray, scaling: str, fill: bool
) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": column.name, "kind": column.kind}
    seen = values[train]
    if column.kind == "boolean":
        classes = [*column.classes, "", ""][:2] if len(column.classes) < 2 else list(column.classes)
        return {**facts, "classes": classes, "index": list(range(len(column.classes))), "all": list(column.classes)}
    if column.kind == "category":
        present = np.unique(seen[seen >= 0]).astype(int).tolist()
        index = [present.index(i) if i in present else -1 for i in range(len(column.classes))]
        return {**facts, "classes": [column.classes[i] for i in present], "index": index, "all": list(column.classes)}
    gaps = np.isnan(seen)
    bad = np.flatnonzero(gaps if not fill else np.isinf(seen))
    if len(bad):
        raise DataError(
            f"Field {field!r}, column {column.name!r}: {len(bad)} examples hold a value that is missing or not finite "
            f'(first: {int(train[bad[0]])}, counted from 0). Remove them, or fill them with on_missing="fill".'
        )
    known = seen[~gaps]
    if column.kind == "date":
        facts |= {"form": column.form, "first": float(known.min()) if len(known) else 0.0, "parts": _parts(known)}
        known = known - facts["first"]
    offset, scale = _spread(known, scaling)
    facts |= {"offset": offset, "scale": scale}
    if fill:
        median = float(np.median(known)) if len(known) else 0.0
        facts["fill"] = median + facts.get("first", 0.0)
        if gaps.any():
            facts |= {"indicator": True, "gaps": int(gaps.sum())}
    return facts


def _spread(values: np.ndarray, scaling: str) -> tuple[float, float]:
    """Offset and scale of one column: encoded = (raw - offset) / scale."""
    if scaling == "none" or not len(values):
        return 0.0, 1.0
    if scaling == "unit":
        low, high = float(values.min()), float(values.max())
        return low, high - low if high > low else 1.0
    first = values[0]  # taken off before the mean, against cancellation
    mean = float((values - first).mean())
    deviation = float((values - first).std())
    # A constant column has no spread to divide by; rounding leaves a trace of one behind.
    constant = deviation <= 1e-9 * max(1.0, abs(mean + first))
    return mean + float(first), 1.0 if constant else deviation


def _parts(known: np.ndarray) -> list[str]:
    """The periods that the training dates can show: they last long enough, and differ within it."""
    if not len(known):
        return []
    span, whole = known.max() - known.min(), np.floor(known)
    parts = []
    if span >= 365 and len(np.unique(np.round(known % PERIODS["year"] / 30))) > 2:
        parts.append("year")
    if span >= 14 and len(np.unique(whole % 7)) > 2 and not _monthly(whole):
        parts.append("week")
    if len(np.unique(np.round((known - whole) * 24, 3))) > 2:
        parts.append("day")
    return parts


def _monthly(days: np.ndarray) -> bool:
    """Whether all dates are firsts of a month, so that their weekday means nothing."""
    dates = days.astype(np.int64).astype("datetime64[D]")
    return bool((dates == dates.astype("datetime64[M]").astype("datetime64[D]")).all())
