"""Metrics: how good predictions are, as numbers that people judge by; no gradient runs through them.

All take the prediction first and the target second, as numpy arrays or tensors, and return a plain float, or None where
the value is not defined: never nan.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Any

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.tasks.calibration import calibration_error
from deepglass.tasks.scores import mean_average_precision, roc_auc, top_k_accuracy

AVERAGES = ("macro", "weighted", "micro", "binary")


def accuracy(predicted: Any, target: Any) -> float | None:
    """Share of the codes that are right, 0 to 1; None without examples. Shapes: both (examples,), of codes."""
    predicted, target = _codes(predicted), _codes(target)
    return (predicted == target).double().mean().item() if len(target) else None


def balanced_accuracy(predicted: Any, target: Any) -> float | None:
    """Average of the recalls of the classes in the target, so that a rare class counts as much as a common one.

    Shapes: both (examples,), of codes. Returns: 0 to 1, 1/K for a constant guess; None without examples.
    Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.
    """
    predicted, target = _codes(predicted), _codes(target)
    if not len(target):
        return None
    total = torch.bincount(target)
    right = torch.bincount(target[predicted == target], minlength=len(total))
    occurring = total > 0
    return (right[occurring].double() / total[occurring]).mean().item()


def confusion_matrix(predicted: Any, target: Any, classes: int | None = None) -> Tensor:
    """Count the examples of each class (row) that were predicted as each class (column).

    Shapes: both (examples,), of codes below `classes` (default: the highest code + 1); returns (classes, classes)
        int64.
    """
    predicted, target = _codes(predicted), _codes(target)
    if classes is None:
        classes = int(torch.cat([predicted, target]).max()) + 1 if len(target) else 0
    return torch.bincount(target * classes + predicted, minlength=classes**2).reshape(classes, classes)


def by_class(predicted: Any, target: Any, classes: int | None = None) -> dict[str, list[float]]:
    """Give precision, recall, F1 and the number of examples ("support") of each class.

    Precision: the share of those predicted as the class that are of it. Recall: the share of its examples that were
    found.
    F1: their harmonic mean, 2 TP / (2 TP + FP + FN). Each runs 0 to 1; where it would be 0/0 it is 0.
    Shapes: as in `confusion_matrix`; lists of `classes` numbers.
    Source: van Rijsbergen, "Information Retrieval", 1979, chapter 7.
    """
    counts = confusion_matrix(predicted, target, classes).double()
    return _shares(counts.diag(), counts.sum(dim=0), counts.sum(dim=1))


def precision(predicted: Any, target: Any, *, average: str = "macro") -> float | None:
    """One number for the precision of all classes; see `by_class` and `f1` for the averages."""
    return _averaged("precision", predicted, target, average)


def recall(predicted: Any, target: Any, *, average: str = "macro") -> float | None:
    """One number for the recall of all classes; see `by_class` and `f1` for the averages."""
    return _averaged("recall", predicted, target, average)


def f1(predicted: Any, target: Any, *, average: str = "macro") -> float | None:
    """One number for the F1 of all classes, 0 to 1; None without examples.

    Args: average: "macro" (every class counts alike), "weighted" (by its examples), "micro" (all examples in one pot,
        which for one class an example is the accuracy), or "binary" (class 1 alone). A class that occurs neither in
        the target nor among the predictions does not count.
    Raises: SettingError, for another average.
    """
    return _averaged("f1", predicted, target, average)


def specificity(predicted: Any, target: Any) -> float | None:
    """Of two classes: the share of the examples of class 0 that were left alone, 0 to 1; None where there are none.

    It stands beside the recall of class 1, which is also called sensitivity. Shapes: both (examples,), of codes.
    """
    predicted, target = _codes(predicted), _codes(target)
    absent = target == 0
    return (predicted[absent] == 0).double().mean().item() if absent.any() else None


def subset_accuracy(predicted: Any, target: Any) -> float | None:
    """Share of the examples whose labels are all right, 0 to 1. Shapes: both (examples, labels) of 0 and 1."""
    predicted, target = _labels(predicted), _labels(target)
    return (predicted == target).all(dim=1).double().mean().item() if len(target) else None


def labels_f1(predicted: Any, target: Any, *, average: str = "macro") -> float | None:
    """F1 of many labels: "macro" averages over all labels (0 where it is 0/0), "micro" pools their counts.

    Shapes: both (examples, labels) of 0 and 1. Returns: 0 to 1; None without examples.
    """
    predicted, target = _labels(predicted), _labels(target)
    if not target.numel():
        return None
    hits, found, there = ((t.sum(dim=0).double()) for t in (predicted & target, predicted, target))
    if average == "micro":
        hits, found, there = hits.sum()[None], found.sum()[None], there.sum()[None]
    shares = _shares(hits, found, there)["f1"]
    return sum(shares) / len(shares)


def mse(predicted: Any, target: Any) -> float | None:
    """Mean squared error over all numbers, in the target's unit squared; 0 is perfect. Shapes: both (examples, ...)."""
    return _finite((_difference(predicted, target) ** 2).mean())


def rmse(predicted: Any, target: Any) -> float | None:
    """Root of `mse`, in the unit of the target. Several targets are pooled before the root is taken."""
    return _finite((_difference(predicted, target) ** 2).mean().sqrt())


def mae(predicted: Any, target: Any) -> float | None:
    """Mean absolute error over all numbers, in the unit of the target; 0 is perfect. Shapes: both (examples, ...)."""
    return _finite(_difference(predicted, target).abs().mean())


def r2(predicted: Any, target: Any) -> float | None:
    """Share of the target's variance that is explained, averaged over the numbers of an example.

    Shapes: both (examples, ...).
    Returns: up to 1; 0 for predicting the mean, negative for worse. A number that is the same in all examples has no
    variance to explain and is left out; None when that leaves none.
    Source: Draper and Smith, "Applied Regression Analysis", 1998, the coefficient of determination.
    """
    error = _difference(predicted, target)
    actual = _numbers(target).reshape(error.shape)
    if not len(actual):
        return None
    varies = (actual != actual[:1]).any(dim=0)
    total = ((actual - actual.mean(dim=0)) ** 2).sum(dim=0)[varies]
    return _finite((1 - (error**2).sum(dim=0)[varies] / total).mean())


def wilson_interval(correct: int, examples: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Where the true accuracy may lie, given `correct` of `examples` right: chance in the choice of examples alone.

    Returns: low and high, 0 to 1; (0, 1) without examples.
    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.

    >>> tuple(round(end, 4) for end in wilson_interval(8, 10))
    (0.4902, 0.9433)
    """
    if not examples:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, stretch = correct / examples, 1 + z * z / examples
    centre = (share + z * z / (2 * examples)) / stretch
    reach = z * math.sqrt(share * (1 - share) / examples + z * z / (4 * examples**2)) / stretch
    return max(0.0, centre - reach), min(1.0, centre + reach)


@dataclass(frozen=True)
class Metric:
    """One entry of the catalogue: `function(prediction, target)` gives a float, or None where it is not defined.

    direction: "max" or "min" is better. target: category, labels or number.
    takes: what the prediction is: codes, scores (one a class), labels (0 and 1) or values.
    """

    function: Callable[..., float | None]
    direction: str
    target: str
    takes: str


METRICS: dict[str, Metric] = {
    "accuracy": Metric(accuracy, "max", "category", "codes"),
    "balanced_accuracy": Metric(balanced_accuracy, "max", "category", "codes"),
    "precision": Metric(precision, "max", "category", "codes"),
    "recall": Metric(recall, "max", "category", "codes"),
    "f1": Metric(f1, "max", "category", "codes"),
    "f1_micro": Metric(partial(f1, average="micro"), "max", "category", "codes"),
    "f1_weighted": Metric(partial(f1, average="weighted"), "max", "category", "codes"),
    "precision_binary": Metric(partial(precision, average="binary"), "max", "category", "codes"),
    "recall_binary": Metric(partial(recall, average="binary"), "max", "category", "codes"),
    "f1_binary": Metric(partial(f1, average="binary"), "max", "category", "codes"),
    "specificity": Metric(specificity, "max", "category", "codes"),
    "top_3_accuracy": Metric(partial(top_k_accuracy, k=3), "max", "category", "scores"),
    "top_5_accuracy": Metric(top_k_accuracy, "max", "category", "scores"),
    "roc_auc": Metric(roc_auc, "max", "category", "scores"),
    "mean_average_precision": Metric(mean_average_precision, "max", "category", "scores"),
    "calibration_error": Metric(calibration_error, "min", "category", "scores"),
    "subset_accuracy": Metric(subset_accuracy, "max", "labels", "labels"),
    "labels_f1": Metric(labels_f1, "max", "labels", "labels"),
    "labels_f1_micro": Metric(partial(labels_f1, average="micro"), "max", "labels", "labels"),
    "labels_mean_average_precision": Metric(mean_average_precision, "max", "labels", "scores"),
    "r2": Metric(r2, "max", "number", "values"),
    "mae": Metric(mae, "min", "number", "values"),
    "rmse": Metric(rmse, "min", "number", "values"),
    "mse": Metric(mse, "min", "number", "values"),
}


def _codes(values: Any) -> Tensor:
    return torch.as_tensor(values).detach().flatten().long()


def _labels(values: Any) -> Tensor:
    return torch.as_tensor(values).detach() > 0


def _numbers(values: Any) -> Tensor:
    return torch.as_tensor(values).detach().double()


def _difference(predicted: Any, target: Any) -> Tensor:
    """Prediction minus target in the shape of the target, so that (n, 1) and (n,) do not spread to (n, n)."""
    target = _numbers(target)
    return _numbers(predicted).reshape(target.shape) - target


def _finite(value: Tensor) -> float | None:
    return value.item() if value.isfinite() else None


def _shares(hits: Tensor, found: Tensor, there: Tensor) -> dict[str, list[float]]:
    """Precision, recall and F1 from counts (classes,): right ones, all predicted, all that there are; 0/0 is 0."""
    return {
        "precision": (hits / found.clamp(min=1)).tolist(),
        "recall": (hits / there.clamp(min=1)).tolist(),
        "f1": (2 * hits / (found + there).clamp(min=1)).tolist(),
        "support": there.tolist(),
    }


def _averaged(name: str, predicted: Any, target: Any, average: str) -> float | None:
    if average not in AVERAGES:
        raise SettingError(f"{average=} does not exist. Choose one of {', '.join(AVERAGES)}.")
    predicted, target = _codes(predicted), _codes(target)
    if not len(target):
        return None
    if average == "micro":
        return accuracy(predicted, target)
    shares = by_class(predicted, target)
    values = shares[name]
    if average == "binary":
        return values[1] if len(values) > 1 else 0.0
    occurring = torch.cat([predicted, target]).unique().tolist()
    weights = shares["support"] if average == "weighted" else [float(c in occurring) for c in range(len(values))]
    return sum(v * w for v, w in zip(values, weights)) / sum(weights)
