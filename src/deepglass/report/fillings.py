"""Fillings: what a network put into the holes of a series beside what was hidden there, as plain numbers for a picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.tasks.imputation import Imputation
from deepglass.tasks.supervised import Collected

SHOWN = 4  # windows that are drawn, evenly spread over the split


@dataclass(frozen=True)
class ShownFilling:
    """One window of one variable. Shapes: all (steps,), nan where there is nothing: known, hidden (the truth) and filled."""

    example: int
    known: np.ndarray
    hidden: np.ndarray
    filled: np.ndarray


@dataclass(frozen=True)
class Fillings:
    """Windows of one variable, in its unit."""

    variable: str
    unit: str
    shown: list[ShownFilling]


def fillings_of(task: Any, said: Collected | None) -> Fillings | None:
    """Take the first variable out of what a network said; None for other tasks."""
    if not isinstance(task, Imputation) or said is None or not len(said.ids):
        return None
    steps, width = task.field.shape
    places = np.linspace(0, len(said.ids) - 1, min(SHOWN, len(said.ids))).round().astype(int)
    truth = task.truth(said).reshape(-1, steps, width)[..., 0]
    guess = task.judged(said, "values").reshape(-1, steps, width)[..., 0]
    values, there = said.prediction["seen"].chunk(2, dim=2)
    known = task.in_units(values).reshape(-1, steps, width)[..., 0]
    known = np.where(there[..., 0].numpy() > 0, known, np.nan)
    filled = np.where(np.isfinite(truth), guess, np.nan)
    shown = [ShownFilling(int(said.ids[i]), known[i], truth[i], filled[i]) for i in places.tolist()]
    return Fillings(task.variables[0], task.field.unit, shown)
