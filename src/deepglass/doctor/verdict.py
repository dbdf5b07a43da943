"""Verdict: what pairs of trainings, with and without a change, say of it, from plain numbers."""

import math
from collections.abc import Sequence

import numpy as np

from deepglass.paired import CONFIDENCE, Difference

VERDICTS = ("helped", "no_difference", "hurt", "undecided")
FEWEST_PAIRS = 5  # below, a spread over seeds that is small by chance passes for a sure result
# The least that is worth a change of settings: one answer in a hundred, or one hundredth of what a constant answer leaves
# unexplained; and never less than one validation example, which is the smallest step that a share of right answers can take.
LEAST = 0.01
SAME = 1e-12  # relative: differences closer than this are rounding


def least(examples: int) -> float:
    """The least share that matters where so many examples are judged.

    >>> least(30), least(5000)
    (0.03333333333333333, 0.01)
    """
    return max(LEAST, 1 / examples) if examples else LEAST


def chance_of(remedies: int = 1, looks: int = 1) -> float:
    """How often one interval may miss the truth, so that all of them hold at 95 %.

    Whoever tries three remedies and looks twice has six chances to be fooled.
    Source: Dunn, "Multiple Comparisons among Means", JASA 1961 (Bonferroni's inequality); it holds for looks at data that grow
        as well, since the number of looks is fixed before the first.

    >>> round(chance_of(), 3), round(chance_of(remedies=2, looks=2), 4)
    (0.05, 0.0125)
    """
    return (1 - CONFIDENCE) / (remedies * looks)


def weigh(
    gains: Sequence[float], left_out: Sequence[float] | None = None, *, chance: float = 1 - CONFIDENCE
) -> Difference:
    """Give the mean gain of pairs and where it may lie, over other seeds and over other examples to judge by.

    Args:
        gains: with the change minus without it, a number a seed.
        left_out: the mean gain over all seeds when a part of the examples is left out, for each of some equal parts (the
            jackknife); None, when examples are not drawn but given.
        chance: how often the interval may miss the truth.
    Returns: no interval for a single pair. When seeds and parts all say the same, the interval is that one number.
    Source: the two variances are added, and their degrees of freedom joined after Satterthwaite, Biometrics Bulletin 1946;
        jackknife by groups: Shao and Tu, "The Jackknife and Bootstrap", 1995, section 2.3. What seed and example do together
        is in both variances, so the interval errs on the wide side (Owen, "The pigeonhole bootstrap", 2007, section 3).

    >>> found = weigh([0.01, 0.02, 0.03])  # spread 0.01, so 0.02 -+ 4.303 * 0.01 / sqrt(3)
    >>> [round(end, 4) for end in found.interval]
    [-0.0048, 0.0448]
    """
    from scipy.stats import t

    values = np.asarray(gains, dtype=np.float64)
    count, mean = len(values), float(values.mean()) if len(values) else math.nan
    method = "paired t over seeds" + ("" if left_out is None else ", with the jackknife over examples")
    if count < 2:
        return Difference(mean, None, None, method)
    parts = [(float(values.var(ddof=1)) / count, count - 1)]
    if left_out is not None and len(left_out) > 1:
        means = np.asarray(left_out, dtype=np.float64)
        blocks = len(means)
        parts.append((float(((means - means.mean()) ** 2).sum()) * (blocks - 1) / blocks, blocks - 1))
    variance = sum(part for part, _ in parts)
    if math.sqrt(variance) <= SAME * max(1.0, abs(mean)):
        return Difference(mean, (mean, mean), float(mean == 0), method)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    error = math.sqrt(variance)
    reach = float(t.ppf(1 - chance / 2, freedom)) * error
    return Difference(mean, (mean - reach, mean + reach), float(2 * t.sf(abs(mean) / error, freedom)), method)


def verdict_of(found: Difference, margin: float, pairs: int) -> str:
    """Return the verdict, one of `VERDICTS`. Args: found: of gains, where more is better; margin: the least that matters.

    "no_difference" is a finding too: the whole interval lies closer to 0 than the margin. "undecided" says that the interval
    holds both no gain and one that matters.
    Source: intervals against a margin: Schuirmann, J. Pharmacokinetics and Biopharmaceutics 1987 (equivalence).

    >>> verdict_of(weigh([0.30, 0.31, 0.32, 0.29, 0.30]), 0.01, 5)
    'helped'
    """
    if found.interval is None or pairs < FEWEST_PAIRS:
        return "undecided"
    low, high = found.interval
    if -margin <= low and high <= margin:
        return "no_difference"
    return "helped" if low > 0 else "hurt" if high < 0 else "undecided"
