"""Missing values, column by column."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem, share, some
from deepglass.data.checks.view import View

# Schafer, "Multiple imputation: a primer", 1999: up to 5 % missing is inconsequential. Half is our own choice: beyond it
# most of what a column says comes from the filling.
WARN, ALARM = 0.05, 0.5


def missing(view: View) -> Iterator[Problem]:
    """Count the values of each column that are missing or not finite, in the training and validation examples."""
    for column in [*view.columns, *view.targets]:
        gaps = np.flatnonzero(~np.isfinite(column.open))
        if not len(gaps):
            continue
        part = len(gaps) / len(column.open)
        ids = view.open_ids[gaps].tolist()
        filled = view.dataset.settings.on_missing == "fill"
        advice = (
            "The network is given filled values there."
            if filled
            else "Fill them (on_missing=fill), or drop these examples."
        )
        if part >= ALARM:
            advice = "Load without this column (inputs=): too little of it is known."
        yield Problem(
            "missing",
            "alarm" if part >= ALARM else "warning" if part >= WARN else "remark",
            f"{column.title} lacks {share(len(gaps), len(column.open))} values, first in examples {some(ids)}. {advice}",
            column.field,
            column.name,
            len(gaps),
            len(column.open),
            tuple(ids[:20]),
        )
