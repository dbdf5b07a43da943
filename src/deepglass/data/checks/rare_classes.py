"""Rare classes: too few examples to learn a class from, or none to judge it by."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.imbalance import class_counts
from deepglass.data.checks.problem import Problem, some
from deepglass.data.checks.view import View

FEW = (
    10  # training examples of a class; with fewer, one odd example is over a tenth of what is known of it (our choice)
)


def rare_classes(view: View) -> Iterator[Problem]:
    """Name the classes with few training examples, and those without any for validation."""
    for column in view.targets:
        if column.kind != "category" or not len(column.classes):
            continue
        train, held = class_counts(column, "train"), class_counts(column, "validation")
        fair = train.sum() / len(column.classes)
        few = np.flatnonzero(train < FEW).tolist()
        if len(few):
            named = [f"{column.classes[i]} ({train[i]})" for i in few]
            # In a set that is small as a whole, every class is: then it is a remark.
            small = bool(fair < 2 * FEW and (train[few] >= fair / 2).all())
            yield Problem(
                "rare_classes",
                "remark" if small else "warning",
                f"{column.title}: {len(few)} of {len(train)} classes have fewer than {FEW} training examples: {some(named)}. "
                f"Gather more, join them with another class, or leave them out with classes=[...].",
                column.field,
                column.name,
                len(few),
                len(train),
                tuple(str(column.classes[i]) for i in few),
            )
        absent = np.flatnonzero((held == 0) & (train > 0)).tolist()
        if held.sum() and len(absent):
            names = [str(column.classes[i]) for i in absent]
            yield Problem(
                "rare_classes",
                "remark" if held.sum() < FEW * len(train) else "warning",
                f"{column.title}: {len(absent)} of {len(train)} classes have no validation example: {some(names)}. Nothing "
                f"can be said on how well they are told apart; use a larger validation= or folds.",
                column.field,
                column.name,
                len(absent),
                len(train),
                tuple(names),
            )
