"""Evaluation: everything that is said of predictions once training is over, as plain numbers."""

from typing import Any

import numpy as np

from deepglass.data.source import Label
from deepglass.tasks import metrics, scores
from deepglass.tasks.class_intervals import auc_interval, balanced_interval
from deepglass.tasks.intervals import number_intervals


def category_scores(
    predicted: np.ndarray, probabilities: np.ndarray | None, truth: np.ndarray, classes: list[Label]
) -> dict[str, Any]:
    """Score classes: accuracy with its interval, averages, each class, areas under curves, and the confusion matrix.

    Shapes: predicted and truth (examples,) of codes, probabilities (examples, classes) or None where there are none.
    Returns: shares from 0 to 1; the interval covers the choice of these examples alone.
    """
    count = len(truth)
    right = int((predicted == truth).sum())
    low, high = metrics.wilson_interval(right, count)
    result: dict[str, Any] = {
        "examples": count,
        "accuracy": metrics.accuracy(predicted, truth),
        "accuracy_interval": [low, high],
        "balanced_accuracy": metrics.balanced_accuracy(predicted, truth),
        "balanced_accuracy_interval": balanced_interval(predicted, truth),
    }
    for name, function in (("precision", metrics.precision), ("recall", metrics.recall), ("f1", metrics.f1)):
        result |= {f"{name}_macro": function(predicted, truth, average="macro")}
    result["f1_micro"] = metrics.f1(predicted, truth, average="micro")
    if probabilities is not None:
        judged = probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
        result["roc_auc"] = scores.roc_auc(judged, truth)
        if judged.ndim == 1 and (ends := auc_interval(judged, truth)) is not None:
            result["roc_auc_interval"] = ends
        result["average_precision"] = scores.mean_average_precision(judged, truth)
        if len(classes) > 10:
            result["top_5_accuracy"] = scores.top_k_accuracy(probabilities, truth)
    result["classes"] = {"name": [str(c) for c in classes], **metrics.by_class(predicted, truth, len(classes))}
    result["confusion"] = metrics.confusion_matrix(predicted, truth, len(classes)).tolist()
    return result


def labels_scores(predicted: np.ndarray, probabilities: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Score many labels an example. Shapes: all (examples, labels)."""
    return {
        "examples": len(truth),
        "subset_accuracy": metrics.subset_accuracy(predicted, truth),
        "f1_macro": metrics.labels_f1(predicted, truth, average="macro"),
        "f1_micro": metrics.labels_f1(predicted, truth, average="micro"),
        "average_precision": scores.mean_average_precision(probabilities, truth),
    }


def number_scores(predicted: np.ndarray, truth: np.ndarray, unit: str) -> dict[str, Any]:
    """Score numbers with their intervals, in the unit of the target. Shapes: both (examples, numbers)."""
    return {
        "examples": len(truth),
        "r2": metrics.r2(predicted, truth),
        "mae": metrics.mae(predicted, truth),
        "rmse": metrics.rmse(predicted, truth),
        **{f"{name}_interval": ends for name, ends in number_intervals(predicted, truth).items()},
        "unit": unit,
    }
