"""Near: all pairs of vectors within a small distance, without comparing each with each."""

from itertools import product

import numpy as np

AXES = 4  # principal axes along which space is cut into cells; 3 ** AXES cells are searched for each vector
MOST_PAIRS = 20_000_000  # candidates at most: more means that the radius is no small one, and nothing can be said


def near_pairs(a: np.ndarray, b: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return indices i of `a` and j of `b` of all pairs with |a[i] - b[j]| <= radius, none missed.

    Seen along any axis two vectors are no farther apart than they are in truth, so both lie in the same or in neighbouring
    cells of side `radius` along the axes where `b` spreads most; only those are compared.
    Shapes: a (n, dimensions), b (m, dimensions).
    """
    nothing = np.empty(0, np.int64)
    if not len(a) or not len(b):
        return nothing, nothing
    centre = b.mean(axis=0)
    axes = np.linalg.eigh((b - centre).T @ (b - centre))[1][:, ::-1][:, :AXES]  # the widest first
    low_a, low_b = (a - centre) @ axes, (b - centre) @ axes
    cells_a, cells_b = np.floor(low_a / radius), np.floor(low_b / radius)
    names = _names(cells_b)
    order = np.argsort(names, kind="stable")
    names = names[order]
    found = []
    budget = MOST_PAIRS
    for step in product((-1, 0, 1), repeat=axes.shape[1]):
        wanted = _names(cells_a + np.array(step))
        first, last = np.searchsorted(names, wanted, "left"), np.searchsorted(names, wanted, "right")
        lengths = last - first
        budget -= int(lengths.sum())
        if budget < 0:
            return nothing, nothing
        i = np.repeat(np.arange(len(a)), lengths)
        j = order[np.arange(len(i)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(first, lengths)]
        close = (np.abs(low_a[i] - low_b[j]) <= radius).all(axis=1)
        i, j = i[close], j[close]
        close = ((a[i] - b[j]) ** 2).sum(axis=1) <= radius**2
        found.append((i[close], j[close]))
    return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])


def _names(cells: np.ndarray) -> np.ndarray:
    """One whole number for each cell; that two cells may share one costs time and no truth."""
    factors = np.array([73_856_093, 19_349_663, 83_492_791, 49_979_687], dtype=np.int64)  # large primes
    return (cells.clip(-1e15, 1e15).astype(np.int64) * factors[: cells.shape[1]]).sum(axis=1)
