"""Calibration: whether probabilities are what they claim to be, and the one number that brings them nearer to it."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

BINS = 15  # as in Guo et al.
LOWEST, HIGHEST = 1 / 20, 20.0  # temperatures that are looked through
GOLDEN = (math.sqrt(5) - 1) / 2
STEPS = 60  # of golden section: the temperature is then known to 1 part in 10^11
ABOUT_RIGHT = 0.05  # a temperature within 5 % of 1 changes nothing that anyone would notice


@dataclass(frozen=True)
class Reliability:
    """How often answers come true that are given with like confidence, bin by bin of confidence.

    Shapes: all (bins,); `confidence` and `right` are means over the examples of a bin, nan where it has none.
    """

    low: np.ndarray
    high: np.ndarray
    confidence: np.ndarray
    right: np.ndarray
    examples: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error: how far confidence is from what comes true, on average over the examples.

        Returns: 0 to 1; 0 is perfect.
        """
        there = self.examples > 0
        gap = np.abs(self.confidence[there] - self.right[there])
        return float((gap * self.examples[there]).sum() / self.examples.sum())


def reliability(confidence: Any, right: Any, *, bins: int = BINS) -> Reliability:
    """Sort answers into bins of equal width by their confidence. Shapes: both (answers,), confidence from 0 to 1.

    Source: Guo et al., "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 2; a bin holds its upper
        end and not its lower one.
    """
    sure, came_true = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.float64)
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(sure, edges[1:-1], right=True)
    examples = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_sure, mean_true = (np.bincount(place, v, minlength=bins) / examples for v in (sure, came_true))
    return Reliability(edges[:-1], edges[1:], mean_sure, mean_true, examples)


def sureness(probabilities: Any, truth: Any) -> tuple[np.ndarray, np.ndarray]:
    """Say how sure each answer is, and whether it came true.

    Shapes: probabilities (examples,) of class 1, or (examples, classes), with truth (examples,) of codes: the likeliest
        class is the answer. With truth (examples, labels) of 0 and 1, "the label is there" is an answer for each label.
    """
    shares, actual = np.asarray(probabilities, dtype=np.float64), np.asarray(truth)
    if actual.ndim == 2:
        return shares.reshape(-1), actual.reshape(-1) > 0
    if shares.ndim == 1 or shares.shape[1] == 1:
        shares = np.stack([1 - shares.reshape(-1), shares.reshape(-1)], axis=1)
    return shares.max(axis=1, initial=0), shares.argmax(axis=1) == actual


def calibration_error(probabilities: Any, truth: Any) -> float | None:
    """The expected calibration error over 15 bins, 0 to 1, less is better; None without examples. Shapes: as in `sureness`."""
    confidence, right = sureness(probabilities, truth)
    if not len(right) or not np.isfinite(confidence).all():
        return None
    return reliability(confidence, right).error


@dataclass(frozen=True)
class Calibration:
    """The temperature that logits are divided by, and what it does on the examples that it was fitted on.

    Args:
        temperature: above 1, probabilities were too sure; below 1, not sure enough; 1 leaves them as they are.
        error_before, error_after: expected calibration error, 0 to 1.
        loss_before, loss_after: mean surprise at the truth (cross-entropy).
        note: why it was left at 1, if it was.
    """

    temperature: float
    examples: int
    error_before: float
    error_after: float
    loss_before: float
    loss_after: float
    note: str = ""

    def __repr__(self) -> str:
        if self.note:
            return f"temperature 1: {self.note}"
        near = abs(math.log(self.temperature)) < ABOUT_RIGHT
        was = "about right already" if near else "too sure" if self.temperature > 1 else "not sure enough"
        return (
            f"temperature {self.temperature:.3f}: the probabilities were {was}\n"
            f"  calibration error {self.error_before:.4f}, now {self.error_after:.4f}; cross-entropy {self.loss_before:.4f}, "
            f"now {self.loss_after:.4f}\n"
            f"  on the {self.examples:,} validation examples that it was fitted on: the test split has the last word"
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def calibrate(log_probabilities: Tensor, truth: Tensor, *, labels: bool = False) -> Calibration:
    """Fit the temperature of temperature scaling.

    Shapes: log_probabilities (answers, classes), truth (answers,) of codes.
    Args: labels: an answer is whether a label is there (class 1), and is judged as that.
    Returns: temperature 1 where none is the best: without examples, or when all answers are right, for then a lower
        temperature always looks better.
    Source: Guo et al., arXiv:1706.04599, section 4.2.
    """
    log_p, truth = log_probabilities.double(), truth.long()
    before = _judged(log_p, truth, labels)
    note = ""
    if not len(truth):
        note = "there are no validation examples to learn it from."
    elif bool((log_p.argmax(dim=1) == truth).all()):
        note = "all validation examples are answered rightly, so they say nothing of how sure a wrong answer is."
    temperature = 1.0 if note else fit_temperature(log_p, truth)
    after = before if note else _judged(tempered(log_p, temperature).log(), truth, labels)
    return Calibration(temperature, len(truth), before[0], after[0], before[1], after[1], note)


def fit_temperature(log_probabilities: Tensor, truth: Tensor) -> float:
    """The temperature with the lowest cross-entropy, from 1/20 to 20, by golden section: it has one lowest point.

    Shapes: log_probabilities (answers, classes) float64, truth (answers,) of codes.
    """

    def loss(log_temperature: float) -> float:
        scaled = (log_probabilities / math.exp(log_temperature)).log_softmax(dim=1)
        return float(torch.nn.functional.nll_loss(scaled, truth))

    low, high = math.log(LOWEST), math.log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return math.exp((low + high) / 2)


def tempered(log_probabilities: Tensor, temperature: float) -> Tensor:
    """Return the probabilities with all logits divided by `temperature`. Shapes: both (examples, classes, ...)."""
    return (log_probabilities / temperature).softmax(dim=1)


def _judged(log_p: Tensor, truth: Tensor, labels: bool) -> tuple[float, float]:
    """The calibration error and the cross-entropy."""
    if not len(truth):
        return 0.0, 0.0
    shares = log_p.exp().numpy()
    error = calibration_error(shares[:, 1:] if labels else shares, truth.numpy()[:, None] if labels else truth.numpy())
    assert error is not None
    return error, float(torch.nn.functional.nll_loss(log_p, truth))
