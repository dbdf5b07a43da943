"""Paired: how much two things that were measured alike differ, as a mean difference with its interval."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import Any

import numpy as np
import torch

from deepglass.randomness import generator

CONFIDENCE = 0.95
RESAMPLES = 2000  # of a bootstrap: the ends of its interval then vary by about a hundredth of its length
EXACT_PAIRS = 12  # up to here all 2 ** pairs choices of signs are looked through


@dataclass(frozen=True)
class Difference:
    """A mean difference, where it may lie at 95 %, and how often chance alone gives one as large.

    Args:
        interval: None where it cannot be told, such as from one pair.
        p_value: two-sided, 0 to 1; None where there is none.
        method: how the interval was made, and after "p:" the test.
    """

    mean: float
    interval: tuple[float, float] | None
    p_value: float | None
    method: str

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def of_pairs(differences: Sequence[float], *, overlap: float = 0.0) -> Difference:
    """Compare pairs, such as two networks trained with the same seeds: one difference a pair.

    Args: overlap: examples judged over examples learned from, when each pair has a split of its own of the same data:
        the pairs then share examples and are not independent.
    Returns: the interval of Student's t. Equal differences have no spread to make one of: it is then None.
        The p-value is that of exchanging signs, over all choices of them; beyond 12 pairs, or with overlap, that of t.
    Source: Student, 1908; Fisher, "The Design of Experiments", 1935, section 21; overlap: Nadeau and Bengio, "Inference for
        the Generalization Error", Machine Learning 2003, equation 9.

    >>> found = of_pairs([0.01, 0.02, 0.03])
    >>> round(found.mean, 3), [round(end, 4) for end in found.interval], found.p_value
    (0.02, [-0.0048, 0.0448], 0.25)
    """
    values = np.asarray(differences, dtype=np.float64)
    count, mean = len(values), float(values.mean())
    few = count <= EXACT_PAIRS and not overlap
    test = "all choices of signs" if few else "t"
    method = f"paired t{', corrected for splits that overlap' if overlap else ''}; p: {test}"
    spread = float(values.std(ddof=1)) if count > 1 else 0.0
    if spread <= 1e-12 * max(1.0, abs(mean)):
        return Difference(mean, None, sign_flip_p(values) if few else None, method)
    error = spread * math.sqrt(1 / count + overlap)
    interval, p_value = _t_interval(mean, error, count - 1)
    return Difference(mean, interval, sign_flip_p(values) if few else p_value, method)


def of_groups(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two groups without pairs, such as networks trained with different seeds: first minus second.

    Source: Welch, "The generalization of Student's problem", Biometrika 1947.
    """
    a, b = (np.asarray(values, dtype=np.float64) for values in (first, second))
    mean = float(a.mean() - b.mean())
    parts = [float(values.var(ddof=1)) / len(values) for values in (a, b)]
    if sum(parts) <= 1e-24 * max(1.0, mean**2):
        return Difference(mean, None, None, "Welch's t; p: t")
    freedom = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (a, b)))
    interval, p_value = _t_interval(mean, math.sqrt(sum(parts)), freedom)
    return Difference(mean, interval, p_value, "Welch's t; p: t")


def of_right(first: Any, second: Any) -> Difference:
    """Compare two accuracies on the same examples. Shapes: both (examples,), whether each was answered rightly.

    Returns: the interval adds half an example to each of the four counts, so that it holds for few examples, too.
    Source: McNemar, Psychometrika 1947 (exact test); Agresti and Min, Statistics in Medicine 2005 (interval).
    """
    a, b = (np.asarray(values, dtype=bool) for values in (first, second))
    count, only_a, only_b = len(a), int((a & ~b).sum()), int((~a & b).sum())
    p_value = _coin_p(only_a, only_b)
    more = count + 2
    centre = (only_a - only_b) / more
    error = math.sqrt((only_a + only_b + 1) / more - centre**2) / math.sqrt(more)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    interval = (max(-1.0, centre - reach), min(1.0, centre + reach))
    return Difference((only_a - only_b) / max(1, count), interval, p_value, "Agresti and Min; p: McNemar's exact test")


def _coin_p(heads: int, tails: int) -> float:
    """The chance that a fair coin falls as unevenly as this, to either side."""
    # In whole numbers, and not by scipy, whose import takes half a second.
    ways = fewest = 1  # of as few heads as the rarer side has, and of fewer
    for more in range(min(heads, tails)):
        ways = ways * (heads + tails - more) // (more + 1)
        fewest += ways
    return 1.0 if heads == tails else fewest / 2 ** (heads + tails - 1)


def of_resampled(
    difference: Callable[[np.ndarray], float | None], examples: int, *, resamples: int = RESAMPLES, seed: int = 0
) -> Difference:
    """Compare any two metrics on the same examples, which are drawn anew with replacement many times.

    Args: difference: from positions of examples to the difference of the two metrics, None where it is not defined.
    Returns: the interval that holds the middle 95 % of the differences; None when fewer than half of them are defined.
    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentiles), 15 (p-value).
    """
    random = generator(seed, "resamples")
    mean = difference(np.arange(examples))
    draws = (
        torch.randint(examples, (examples,), generator=random).numpy() for _ in range(resamples if examples else 0)
    )
    drawn = [difference(places) for places in draws]
    defined = np.array([value for value in drawn if value is not None])
    if mean is None or len(defined) <= resamples / 2 or np.ptp(defined) == 0:
        return Difference(float("nan") if mean is None else mean, None, None, "paired bootstrap; p: the same")
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    beyond = min((defined <= 0).sum(), (defined >= 0).sum())
    p_value = min(1.0, 2 * (beyond + 1) / (len(defined) + 1))
    return Difference(mean, (float(low), float(high)), float(p_value), "paired bootstrap; p: the same")


def sign_flip_p(differences: Any) -> float:
    """The share of all choices of signs that give a mean as far from 0 as the one that was seen.

    It cannot go below 2 / 2 ** pairs: 0.0625 for five.
    """
    values = np.asarray(differences, dtype=np.float64)
    signs = np.array(list(product((1.0, -1.0), repeat=len(values))))
    seen = abs(values.sum())
    return float((np.abs(signs @ values) >= seen * (1 - 1e-12)).mean())


def _t_interval(mean: float, error: float, freedom: float) -> tuple[tuple[float, float], float]:
    from scipy.stats import t

    reach = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    return (mean - reach, mean + reach), float(2 * t.sf(abs(mean) / error, freedom))
