"""Class imbalance: one class has many times the examples of another."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import Column, View

# Google's Machine Learning Crash Course calls a minority of 20 % and less "moderate" and of 1 % and less "extreme": for
# two classes these are ratios of 4 and 99. At 10, always giving the larger class is right in nine cases of ten.
REMARK, WARN, ALARM = 4, 10, 99


def imbalance(view: View) -> Iterator[Problem]:
    """Compare the largest with the smallest class of the training split."""
    for column in view.targets:
        if column.kind != "category" or len(column.classes) < 2:
            continue
        counts = class_counts(column, "train")
        least, most = int(np.argmin(counts)), int(np.argmax(counts))
        ratio = counts[most] / max(1, counts[least])
        if ratio < REMARK:
            continue
        names = [str(c) for c in column.classes]
        yield Problem(
            "imbalance",
            "alarm" if ratio >= ALARM else "warning" if ratio >= WARN else "remark",
            f"{column.title}: class {names[most]!r} has {counts[most]:,} training examples, {names[least]!r} has "
            f"{counts[least]:,}, one to {ratio:,.0f}; always answering {names[most]!r} would be right in "
            f"{counts[most] / counts.sum():.0%}. Judge by balanced_accuracy or f1; task.class_weight=balanced or "
            "recipe.sampling=balanced lets rare examples count.",
            column.field,
            column.name,
            int(counts[least]),
            int(counts.sum()),
            (names[most], names[least]),
        )


def class_counts(column: Column, *splits: str) -> np.ndarray:
    """Examples of each class in some splits."""
    codes = np.concatenate([column.values[s] for s in splits])
    return np.bincount(codes[np.isfinite(codes)].astype(int), minlength=len(column.classes))
