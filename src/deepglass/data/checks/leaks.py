"""Leaks: a column that equals the target, or gives it away alone."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import Column, View

ALONE = 0.98  # accuracy, or share of the target's variance: measured features rarely reach this alone (iris: 0.96)
GAIN = 0.9  # of the errors that always giving the commonest class makes, so many must be gone as well
EQUAL = 0.999  # share of the column's variance that the target explains, when it is the target under another name
FEWEST = 20  # examples, below which a column tells the classes apart by chance


def leaks(view: View) -> Iterator[Problem]:
    """Ask of each column how well the simplest rule predicts the target from it alone."""
    if len(view.columns) == 1 and len(view.dataset.inputs) == 1:
        return  # a problem of one number: it is there to be predicted from
    for target in view.targets:
        if len(target.open) < FEWEST or len(np.unique(target.present)) < 2:
            continue
        scores = [alone(column, target) for column in view.columns]
        telling = [(c, s, explained(c, target) >= EQUAL) for c, s in zip(view.columns, scores) if s >= ALONE]
        # A leak stands out. Where two columns tell the target, each in its own way, the problem is easy (setosa among irises).
        easy = sum(not equal for _, _, equal in telling) > 1
        for column, score, equal in telling:
            what = "is the target under another name" if equal else "alone predicts the target"
            measure = "accuracy" if target.kind == "category" else "share of its variance"
            advice = "Is it known before the target is? If not, load without it: inputs= chooses the columns."
            yield Problem(
                "leaks",
                "alarm" if equal else "remark" if easy else "warning",
                f"{column.title} {what} {target.name!r}: {measure} {score:.3f}. "
                + ("Other columns do so too: the problem seems an easy one." if easy and not equal else advice),
                column.field,
                column.name,
                len(target.open),
                len(target.open),
                (column.name,),
            )


def alone(column: Column, target: Column) -> float:
    """How well one column predicts the target, by a rule too simple to learn by heart; 0 when no better than a guess.

    Returns: for a category the accuracy over the training and validation examples, for a number the share of its variance.
    """
    x, y = _both(column, target)
    if len(x) < FEWEST:
        return 0.0
    if target.kind == "number":
        if column.kind == "category":
            return _explained_share(x, y)
        return max(_correlation(x, y) ** 2, _correlation(ranks(x), ranks(y)) ** 2)
    right = _by_value(x, y) if column.kind == "category" else _by_nearest_mean(x, y)
    guess = np.unique(y, return_counts=True)[1].max() / len(y)
    return right if right - guess >= GAIN * (1 - guess) else 0.0


def ranks(values: np.ndarray) -> np.ndarray:
    """The place of each value in rising order, ties sharing theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _both(column: Column, target: Column) -> tuple[np.ndarray, np.ndarray]:
    x, y = column.open, target.open
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def _by_nearest_mean(x: np.ndarray, y: np.ndarray) -> float:
    """Accuracy of answering the class whose mean is nearest."""
    classes, codes = np.unique(y, return_inverse=True)
    means = np.bincount(codes, x) / np.bincount(codes)
    order = np.argsort(means)
    borders = (means[order][1:] + means[order][:-1]) / 2
    return float((classes[order][np.searchsorted(borders, x)] == y).mean())


def _by_value(x: np.ndarray, y: np.ndarray) -> float:
    """Accuracy of answering the commonest class among the other examples of the same value."""
    (values, rows), (classes, codes) = np.unique(x, return_inverse=True), np.unique(y, return_inverse=True)
    counts = np.bincount(rows * len(classes) + codes, minlength=len(values) * len(classes)).reshape(len(values), -1)
    others = counts[rows]
    others[np.arange(len(x)), codes] -= 1
    return float(((others.argmax(axis=1) == codes) & (others.max(axis=1) > 0)).mean())


def explained(column: Column, target: Column) -> float:
    """Share of the column's variance that the target explains; 1 when the one is a function of the other."""
    x, y = _both(column, target)
    if target.kind == "number":
        return _correlation(x, y) ** 2 if column.kind == "number" else 0.0
    return _by_value(y, x) if column.kind == "category" else _explained_share(y, x)


def _explained_share(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the variance of `values` between groups, less what chance explains (adjusted eta squared)."""
    _, group = np.unique(groups, return_inverse=True)
    counts = np.bincount(group)
    means = np.bincount(group, values) / counts
    total, free = ((values - values.mean()) ** 2).sum(), len(values) - len(counts)
    if total == 0 or free <= 0:
        return 0.0
    return float(max(0.0, 1 - ((values - means[group]) ** 2).sum() / total * (len(values) - 1) / free))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x**2).sum() * (y**2).sum())
    return float((x * y).sum() / size) if size > 0 else 0.0
