"""Links: how strongly a column goes with the target, from 0 (not at all) to 1 (one gives the other).

All three measures are |r| when both sides are numbers or pairs of classes, so that they can stand side by side.
"""

import numpy as np

MEASURES = {
    "r": "|r|: Pearson's correlation, without its sign",
    "eta": "η: the root of the share of a number's variance that lies between the classes",
    "V": "V: Cramér's, of two categories, corrected for their number of classes",
}


def correlation(values: np.ndarray, target: np.ndarray) -> np.ndarray:
    """|r| of each column with a number. Shapes: values (examples, columns), target (examples,); returns (columns,).

    What is not finite is left out, column by column; a column without spread has 0.
    """
    known = np.isfinite(values) & np.isfinite(target)[:, None]
    count = np.maximum(known.sum(axis=0), 1)
    x = np.where(known, values - _mean(values, known, count), 0.0)
    y = np.broadcast_to(target[:, None], values.shape)
    y = np.where(known, y - _mean(y, known, count), 0.0)
    below = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    return _share(np.abs((x * y).sum(axis=0)), below)


def correlation_ratio(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Eta of each column with classes. Shapes: values (examples, columns), codes (examples,) from 0; returns (columns,).

    Source: Fisher, "Statistical Methods for Research Workers", 1925, section 45.
    """
    known = np.isfinite(values)
    x = np.where(known, values - _mean(values, known, np.maximum(known.sum(axis=0), 1)), 0.0)
    member = (codes[:, None] == np.arange(codes.max(initial=0) + 1)).astype(float)  # (examples, classes)
    counts, sums = member.T @ known, member.T @ x  # (classes, columns)
    between = (sums**2 / np.maximum(counts, 1)).sum(axis=0)
    return np.sqrt(_share(between, (x**2).sum(axis=0)))


def cramers_v(one: np.ndarray, other: np.ndarray) -> float:
    """Cramér's V of two categories, with Bergsma's correction, so that many classes alone make no link.

    Shapes: both (examples,) of codes, -1 where unknown. Source: Bergsma, "A bias-correction for Cramér's V", 2013.
    """
    known = (one >= 0) & (other >= 0)
    (_, a), (_, b) = (np.unique(c[known], return_inverse=True) for c in (one, other))
    n = len(a)
    if n < 2:
        return 0.0
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n
    rows, columns = table.shape
    phi = max(0.0, ((table - expected) ** 2 / expected).sum() / n - (rows - 1) * (columns - 1) / (n - 1))
    most = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(phi / most))) if most > 0 else 0.0


def _mean(values: np.ndarray, known: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / count)


def _share(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    tiny = 1e-12 * np.maximum(below.max(initial=0), 1e-300)
    return np.asarray(np.where(below > tiny, above / np.where(below > tiny, below, 1), 0.0).clip(0, 1))
