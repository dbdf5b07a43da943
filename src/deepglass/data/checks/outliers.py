"""Outliers: numbers so far out that they look like another unit or a slip of the keyboard."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.problem import Problem, share, some
from deepglass.data.checks.view import View

# In robust deviations from the median. Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993, take 3.5, which
# any skewed column exceeds; a skewed but sound one reaches 20 to 50, a wrong unit (gram for kilogram) is 100 or more.
FAR, ABSURD = 20, 100
DISTINCT = 10  # with fewer different values a column counts or codes something, and has no tail


def outliers(view: View) -> Iterator[Problem]:
    """Find numbers far out, in the training and validation examples."""
    for column in view.columns:
        values = column.open
        if column.kind != "number" or not len(values):
            continue
        distance = robust_distance(values)
        far = np.flatnonzero(distance >= FAR)
        if not len(far) or len(np.unique(values)) < DISTINCT:
            continue
        far = far[np.argsort(-distance[far], kind="stable")]
        ids, worst = view.open_ids[far].tolist(), far[0]
        yield Problem(
            "outliers",
            "warning" if distance[worst] >= ABSURD else "remark",
            f"{column.title}: {share(len(far), len(values))} values lie {FAR} robust deviations or more from the median "
            f"{np.nanmedian(values):.4g}; the farthest is {values[worst]:.6g}, {distance[worst]:,.0f} off (examples "
            f"{some(ids)}). Correct them, or clip the column or take its logarithm.",
            column.field,
            column.name,
            len(far),
            len(values),
            tuple(ids[:20]),
        )


def robust_distance(values: np.ndarray) -> np.ndarray:
    """Distance from the median in robust deviations, 0 for a missing value; all 0 for a column (nearly) without spread.

    One robust deviation is 1.4826 times the median distance, which is the standard deviation of normal numbers. When more
    than half the values agree it is taken from the middle 90 %.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(len(values))
    centre = np.median(known)
    spread = 1.4826 * np.median(np.abs(known - centre))
    if spread == 0:
        low, high = np.quantile(known, [0.05, 0.95])
        spread = (high - low) / 3.29  # the middle 90 % of normal numbers are 3.29 deviations wide
    if spread == 0:
        return np.zeros(len(values))
    return np.nan_to_num(np.abs(values - centre) / spread, nan=0.0)
