"""Class intervals: how far balanced accuracy and the area under the ROC curve reach by the choice of examples alone."""

import math
from statistics import NormalDist

import numpy as np

from deepglass.paired import CONFIDENCE
from deepglass.tasks.metrics import wilson_interval

REACH = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # 1.96 standard errors


def balanced_interval(predicted: np.ndarray, truth: np.ndarray) -> list[float]:
    """Give a 95 % interval of the mean recall over the classes that there are.

    Shapes: both (examples,) of codes. Source: Zou and Donner, "Construction of confidence limits about effect measures",
        Statistics in Medicine 2008, for a mean of independent shares, each with Wilson's interval.
    """
    if not len(truth):
        return [0.0, 1.0]
    recalls, below, above = [], 0.0, 0.0
    for code in np.unique(truth):
        there = truth == code
        right, count = int((predicted[there] == code).sum()), int(there.sum())
        low, high = wilson_interval(right, count)
        recalls.append(right / count)
        below += (right / count - low) ** 2
        above += (high - right / count) ** 2
    mean, classes = float(np.mean(recalls)), len(recalls)
    return [max(0.0, mean - math.sqrt(below) / classes), min(1.0, mean + math.sqrt(above) / classes)]


def auc_interval(score: np.ndarray, truth: np.ndarray) -> list[float] | None:
    """Give a 95 % interval of the area under the ROC curve of two classes; None where it is 0 or 1, or a class has
    one example.

    Shapes: score (examples,), the larger the more like class 1; truth (examples,) of 0 and 1.
    Source: DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two or More Correlated Receiver Operating
        Characteristic Curves", Biometrics 1988, by ranks (Sun and Xu, IEEE Signal Processing Letters 2014), on the scale of log
        odds, which does not end at 0 and 1.
    """
    ones, zeros = score[truth == 1], score[truth == 0]
    if min(len(ones), len(zeros)) < 2 or not np.isfinite(score).all():
        return None
    ranks = _ranks(np.concatenate([ones, zeros]))
    beaten = (ranks[: len(ones)] - _ranks(ones)) / len(zeros)  # of each 1, the share of zeros below it
    beating = 1 - (ranks[len(ones) :] - _ranks(zeros)) / len(ones)  # of each 0, the share of ones above it
    area = float(beaten.mean())
    error = math.sqrt(beaten.var(ddof=1) / len(ones) + beating.var(ddof=1) / len(zeros))
    if not 0 < area < 1 or error == 0:
        return None
    odds, reach = math.log(area / (1 - area)), REACH * error / (area * (1 - area))
    return [1 / (1 + math.exp(-(odds - reach))), 1 / (1 + math.exp(-(odds + reach)))]


def _ranks(values: np.ndarray) -> np.ndarray:
    """The place of each value from the smallest up, from 1 on; equal ones share the middle of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2)[where])
