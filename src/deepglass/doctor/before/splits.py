"""Splits: whether validation examples are like those of training."""

from typing import Any

from deepglass.data import Dataset
from deepglass.data.checks.drift import drift
from deepglass.data.checks.view import MOST_EXAMPLES, View
from deepglass.tasks import Supervised


def splits(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Return sizes of the splits, whether order was meant (time, groups), and what `data.checks.drift` finds in validation.

    drift: a record each of field, column, role, severity and sentence.
    """
    counts = {name: len(getattr(data.splits, name)) for name in ("train", "validation", "test")}
    found = []
    if counts["validation"]:
        for problem in drift(View.of(data, MOST_EXAMPLES)):
            if problem.places == ("validation",):
                role = "target" if problem.field in data.targets else "input"
                found.append(
                    {
                        "field": problem.field,
                        "column": problem.column,
                        "role": role,
                        "severity": problem.severity,
                        "sentence": problem.sentence,
                    }
                )
    settings = data.settings
    return {
        "sizes": counts,
        "by_time": settings.time is not None,
        "by_group": settings.group is not None,
        "drift": found,
    }
