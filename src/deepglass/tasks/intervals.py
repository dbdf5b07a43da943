"""Intervals: how far scores, and differences between two models, reach by the choice of examples alone."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import torch

from deepglass.paired import CONFIDENCE, of_right
from deepglass.randomness import generator
from deepglass.tasks.metrics import METRICS, mae, r2

RESAMPLES = 1000  # enough for ends at 2.5 and 97.5 % (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993)
GROUPS = 2000  # drawn at a time: beyond so many examples, random groups of equal size, which vary alike and cost less
FEWEST = 20  # examples below which drawing them again says too little
MOST_NUMBERS = 100  # an example; beyond, the sums of all resamples take seconds

Resampled = dict[str, np.ndarray]


def number_intervals(predicted: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Give a 95 % interval of r2, mae, rmse and mse: percentiles of the score over bootstrap samples of the examples.

    Shapes: both (examples, ...). Returns: metric -> [low, high]; nothing for a metric that is not defined, for fewer
        than `FEWEST` examples or for more than `MOST_NUMBERS` numbers an example.
    Source: Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 2015, section 5.3: the
        percentiles stand further out for few examples, as Student's t does.
    """
    found = _resampled(_rows(truth), [_rows(predicted)])
    ends = {name: _ends(values[0], len(truth)) for name, values in found.items()}
    return {name: pair for name, pair in ends.items() if pair is not None}


def compared(kind: str, own: np.ndarray, other: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Judge another model against one's own by their answers to the same examples.

    Shapes: own, other and truth (examples,) of codes for kind "category", (examples, labels) for "labels", (examples, ...)
        for "number".
    Returns: `metric`; `difference`, that of the other model minus one's own; `interval` of it at 95 %, or None; and
        `verdict` on the other one: better, worse or within noise. Empty where there is nothing to compare.
    Source: shares of right answers after Agresti and Min, "Simple improved confidence intervals for comparing matched
        proportions", Statistics in Medicine 2005, as resampling is too sure where two models differ on few examples: 4
        against 0 would count. Numbers by a paired bootstrap: each sample of examples judges both models.
    """
    if not len(truth):
        return {}
    if kind == "number":
        own, other, truth = _rows(own), _rows(other), _rows(truth)
        metric, score = ("r2", r2) if r2(own, truth) is not None else ("mae", mae)
        difference, interval = _of_numbers(metric, score, own, other, truth)
    else:
        metric = "accuracy" if kind == "category" else "subset_accuracy"
        right = [(answers == truth).reshape(len(truth), -1).all(axis=1) for answers in (own, other)]
        found = of_right(right[1], right[0])
        difference, interval = found.mean, None if found.interval is None else list(found.interval)
    if difference is None:
        return {}
    return {"metric": metric, "difference": difference, "interval": interval, "verdict": _verdict(metric, interval)}


def _of_numbers(
    metric: str, score: Callable[..., float | None], own: np.ndarray, other: np.ndarray, truth: np.ndarray
) -> tuple[float | None, list[float] | None]:
    ours, theirs = score(own, truth), score(other, truth)
    if ours is None or theirs is None:
        return None, None
    found = _resampled(truth, [own, other])
    return theirs - ours, _ends(found[metric][1] - found[metric][0], len(truth)) if found else None


def _verdict(metric: str, interval: list[float] | None) -> str:
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "within noise"
    return "better" if (interval[0] > 0) == (METRICS[metric].direction == "max") else "worse"


def _resampled(truth: np.ndarray, models: list[np.ndarray]) -> Resampled:
    """The scores of some models over the same bootstrap samples: metric -> (models, samples)."""
    examples, numbers = truth.shape
    if examples < FEWEST or numbers > MOST_NUMBERS or not all(np.isfinite(m).all() for m in (truth, *models)):
        return {}
    groups = min(examples, GROUPS)
    member = torch.randperm(examples, generator=generator(0, "bootstrap groups")).numpy() % groups
    draws = torch.randint(groups, (RESAMPLES, groups), generator=generator(0, "bootstrap")).numpy()
    places = draws + groups * np.arange(RESAMPLES)[:, None]
    counts = np.bincount(places.ravel(), minlength=RESAMPLES * groups).reshape(RESAMPLES, groups).astype(np.float64)

    def sums(columns: np.ndarray) -> np.ndarray:  # (examples, columns) -> (samples, columns)
        grouped = np.zeros((groups, columns.shape[1]))
        np.add.at(grouped, member, columns)
        return counts @ grouped

    drawn = sums(np.ones((examples, 1)))  # (samples, 1)
    centred = truth - truth.mean(axis=0)
    spread = sums(centred**2) - sums(centred) ** 2 / drawn
    varies = (truth != truth[:1]).any(axis=0)
    enough = spread > 1e-12 * (centred**2).sum(axis=0)  # a sample may hold one value alone
    spread = np.where(enough, spread, np.nan)[:, varies]
    found: dict[str, list[np.ndarray]] = {"r2": [], "mae": [], "rmse": [], "mse": []}
    for model in models:
        error = model - truth
        squares = sums(error**2)
        mse = squares.mean(axis=1) / drawn[:, 0]
        scores = {"mae": sums(abs(error)).mean(axis=1) / drawn[:, 0], "mse": mse, "rmse": mse**0.5}
        scores["r2"] = (1 - squares[:, varies] / spread).mean(axis=1) if varies.any() else np.full(RESAMPLES, np.nan)
        for name, values in scores.items():
            found[name].append(values)
    return {name: np.stack(values) for name, values in found.items()}


def _ends(values: np.ndarray, examples: int) -> list[float] | None:
    """The ends of the interval; None where a score is not defined in too many samples."""
    from scipy.stats import t

    defined = values[np.isfinite(values)]
    if len(defined) < CONFIDENCE * len(values):
        return None
    reach = (examples / (examples - 1)) ** 0.5 * float(t.ppf((1 + CONFIDENCE) / 2, examples - 1))
    below = 100 * NormalDist().cdf(-reach)
    low, high = np.percentile(defined, [below, 100 - below])
    return [float(low), float(high)]


def _rows(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    return array.reshape(len(array), int(np.prod(array.shape[1:])))
