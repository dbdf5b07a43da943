"""Identifiers: columns that number or name the examples instead of describing them."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.leaks import ranks
from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import View

# Our choices, each with room to both sides of what sound columns show.
FEWEST = 20  # examples, below which distinct values are no sign
ORDERED = 0.95  # correlation of ranks with the place in the data, from which on a column counts the rows
DENSE = 2  # distinct whole numbers within so many times the number of rows number something
NAMES = 0.9  # classes for each example: a category has examples in common


def identifiers(view: View) -> Iterator[Problem]:
    """Find columns of distinct whole numbers that count the rows, and categories with a class for nearly every row."""
    for column in view.columns:
        known = np.isfinite(column.open)
        values, place = column.open[known], view.open_ids[known]
        distinct = len(np.unique(values))
        if len(values) < FEWEST or column.date:
            continue
        how = _naming(distinct, len(values)) if column.kind == "category" else _numbering(values, place)
        if how:
            yield Problem(
                "identifiers",
                "warning",
                f"{column.title} {how}: it looks like an identifier, which can be learned by heart and says nothing about "
                f"new examples. Load without it: inputs= chooses the columns.",
                column.field,
                column.name,
                distinct,
                len(values),
                (column.name,),
            )


def _naming(distinct: int, examples: int) -> str:
    return f"is a category of {distinct:,} classes for {examples:,} examples" if distinct >= NAMES * examples else ""


def _numbering(values: np.ndarray, place: np.ndarray) -> str:
    if (values != np.round(values)).any() or len(np.unique(values)) < len(values):
        return ""
    if abs(np.corrcoef(ranks(values), ranks(place))[0, 1]) >= ORDERED:
        return "holds a whole number of its own for each example, in the order of the rows"
    within = np.ptp(values) + 1 <= DENSE * (np.ptp(place) + 1)
    return "numbers the examples, in another order than they stand" if within else ""
