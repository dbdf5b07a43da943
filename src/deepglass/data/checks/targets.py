"""Targets: one that never changes, or whose outliers would rule the loss."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.outliers import robust_distance
from deepglass.data.checks.problem import Problem, share, some
from deepglass.data.checks.view import View

NEARLY = 0.95  # share of one value of a number to predict, from which on guessing it is hard to beat (our choice)
OUT = 5  # robust deviations; normal numbers are farther once in 1.7 million
RULES = 0.5  # share of the squared deviation from the median: outliers with more than half of it rule the squared error


def constant_target(view: View) -> Iterator[Problem]:
    """Find a target with one value in (nearly) all training examples."""
    for target in view.targets:
        if len(target.present) < 2:
            continue
        values, counts = np.unique(target.present, return_counts=True)
        most, of = int(counts.max()), len(target.present)
        if len(values) > 1 and (target.kind == "category" or most < NEARLY * of):
            continue
        value = values[counts.argmax()]
        name = repr(str(target.classes[int(value)])) if target.kind == "category" else f"{value:.6g}"
        yield Problem(
            "constant_target",
            "alarm" if len(values) == 1 else "warning",
            f"target {target.name!r} is {name} in {share(most, of)} training examples: there is "
            f"{'nothing' if len(values) == 1 else 'little'} to learn. Choose another target=, or gather other examples.",
            target.field,
            target.name,
            most,
            of,
            (name,),
        )


def target_outliers(view: View) -> Iterator[Problem]:
    """Find a number to predict whose few far values make most of the squared error."""
    for target in view.targets:
        values = target.open
        if target.kind != "number" or not len(target.present):
            continue
        far = np.flatnonzero(robust_distance(values) >= OUT)
        squares = np.nan_to_num((values - np.nanmedian(values)) ** 2)
        if not len(far) or squares[far].sum() < RULES * squares.sum():
            continue
        far = far[np.argsort(-squares[far], kind="stable")]
        ids = view.open_ids[far].tolist()
        yield Problem(
            "target_outliers",
            "warning",
            f"target {target.name!r}: {share(len(far), len(values))} values lie {OUT} robust deviations or more from the "
            f"median and make {squares[far].sum() / squares.sum():.0%} of the squared deviation (examples {some(ids)}). "
            f"If they are right, train with task.loss=huber or mae, or predict the logarithm; else correct them.",
            target.field,
            target.name,
            len(far),
            len(values),
            tuple(ids[:20]),
        )
