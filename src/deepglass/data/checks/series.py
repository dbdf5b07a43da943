"""Series: variables that never change, holes that were kept, and a level that leaves what was trained on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from deepglass.data.checks.problem import Problem, Severity, share, some
from deepglass.data.checks.view import View
from deepglass.data.windows import Windows

if TYPE_CHECKING:
    from deepglass.data.encode import Field

OUTSIDE = 0.25  # share of validation beyond everything trained on; of a series without a trend it is near 0
HOLES = 0.2  # share of a variable that is missing, from which on filling it is most of what there is


def constant_variables(view: View) -> Iterator[Problem]:
    """Name the variables of a series that are the same at every training step."""
    learned = {n for f in view.dataset.targets.values() for n in f.encoding.get("variables", [])}
    for field, values in _windows(view):
        rows = _rows(values, view.dataset.splits.train)
        told = learned if field.role == "input" else set()  # once is enough
        same = [n for i, n in enumerate(field.encoding["variables"]) if _constant(rows[:, i]) and n not in told]
        if same:
            grave: Severity = "alarm" if field.role == "target" and len(same) == rows.shape[1] else "warning"
            yield Problem(
                "constant_variables",
                grave,
                f"{len(same)} of {rows.shape[1]} variables of {field.name!r} hold one value at every training step: {some(same)}. "
                + (
                    "There is nothing to forecast."
                    if grave == "alarm"
                    else "Leave them out with inputs=: they teach nothing."
                ),
                field=field.name,
                count=len(same),
                of=rows.shape[1],
                places=tuple(same),
            )


def level_shift(view: View) -> Iterator[Problem]:
    """Tell of variables to be forecast that in validation run beyond everything that was trained on."""
    for field, values in _windows(view):
        if field.role != "target" or not len(view.dataset.splits.validation):
            continue
        train, later = (_rows(values, ids) for ids in (view.dataset.splits.train, view.dataset.splits.validation))
        low, high = np.nanmin(train, axis=0), np.nanmax(train, axis=0)
        beyond = ((later < low) | (later > high)).mean(axis=0)
        for i, name in enumerate(field.encoding["variables"]):
            if beyond[i] >= OUTSIDE and not _constant(train[:, i]):
                yield Problem(
                    "level_shift",
                    "remark",
                    f"{share(round(beyond[i] * len(later)), len(later))} of the validation steps of {name!r} lie beyond all "
                    f"that is trained on ({low[i]:.4g} to {high[i]:.4g}). Learn changes from the last value: "
                    f"--set task.from_last=true.",
                    field=field.name,
                    column=name,
                    count=round(beyond[i] * len(later)),
                    of=len(later),
                )


def holes(view: View) -> Iterator[Problem]:
    """Tell of variables with many missing values that were kept."""
    for field, values in _windows(view):
        rows = _rows(values, view.dataset.splits.train)
        for i, name in enumerate(field.encoding["variables"]):
            missing = int(np.isnan(rows[:, i]).sum())
            if missing >= HOLES * len(rows):
                yield Problem(
                    "holes",
                    "remark",
                    f"{share(missing, len(rows))} of the training steps of {name!r} are missing.",
                    field=field.name,
                    column=name,
                    count=missing,
                    of=len(rows),
                )


def _windows(view: View) -> Iterator[tuple["Field", Windows]]:
    for name, field in view.dataset.fields.items():
        raw = view.dataset.source.fields.get(name)
        if raw is not None and isinstance(raw.values, Windows):
            yield field, raw.values


def _rows(values: Windows, ids: np.ndarray) -> np.ndarray:
    return values.values.numpy()[values.rows(ids)]


def _constant(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) == 0 or (known == known[0]).all())
