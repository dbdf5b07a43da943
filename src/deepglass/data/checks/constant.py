"""Constant columns: what is the same in (nearly) every training example teaches nothing."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem, some
from deepglass.data.checks.view import Column, View

NEARLY = 0.99  # share of one value; 95 to 5 in R's caret (nearZeroVar), stricter here, as rare values can matter
ENOUGH = 100  # training examples, below which 99 % is all but one


def constant(view: View) -> Iterator[Problem]:
    """Name the columns with one value only, and those in which one value stands for nearly all."""
    shares = [(c, _commonest(c)) for c in view.columns if len(c.present) > 1]
    same = [c.name for c, part in shares if part == 1]
    nearly = [c.name for c, part in shares if NEARLY <= part < 1 and len(c.present) >= ENOUGH]
    if same:
        yield Problem(
            "constant",
            "warning",
            f"{len(same)} of {len(view.columns)} columns hold one value in all training examples: {some(same)}. "
            f"Leave them out: they teach nothing, and a new value would surprise the network.",
            count=len(same),
            of=len(view.columns),
            places=tuple(same),
        )
    if nearly:
        yield Problem(
            "constant",
            "remark",
            f"{len(nearly)} of {len(view.columns)} columns hold one value in {NEARLY:.0%} of the training examples or more: "
            f"{some(nearly)}. Keep them only if the rare values matter.",
            count=len(nearly),
            of=len(view.columns),
            places=tuple(nearly),
        )


def _commonest(column: Column) -> float:
    """The share of the value that comes most often."""
    return float(np.unique(column.present, return_counts=True)[1].max() / len(column.present))
