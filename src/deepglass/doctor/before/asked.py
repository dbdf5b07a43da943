"""Asked: the rows that a loop asks its network about without gradients, beside those that it trains on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.doctor.before.batches import inputs_of, narrowed
from deepglass.probes.examples import Kept

FEWEST = 20  # rows that means and deviations are taken of
FEWEST_OF_A_CALL = 8  # rows, below which the share of a single call says little
# Of the usual distance from a trained row to its nearest neighbour among these. By chance as near lie 0.7 % of rows that vary in
# one direction, fewer in more (1 - 2**-0.01: distances to neighbours on a line are exponential); a copy that was rounded is nearer.
NEARLY = 0.01
ROUNDING = 1e-6  # of the largest number: what float32 leaves of a difference


def of_asked(inputs: np.ndarray, asked: Sequence[Kept], trained: Sequence[Kept] = ()) -> dict[str, Any]:
    """How many rows are the same, and how far the columns lie apart. Shape: inputs (rows, ...), those trained on, in batches.

    Returns: rows; same: their share that was trained on; least_same: that of the call that has the fewest, for a loop may ask for
    its training rows as well; near, least_near: how many are not quite a trained row but hardly another (see `_nearly`), and their
    share likewise; alone: the share of different rows in a training batch; bits: how rare equal training rows are if their columns
    are independent; shift: the middle column's distance of means, in deviations of training; widths: its quotient of
    deviations. Empty where nothing can be compared.
    """
    other = inputs_of(asked)
    if other is None or other.shape[1:] != inputs.shape[1:] or not len(other):
        return {}
    x, new = inputs.reshape(len(inputs), -1), other.reshape(len(other), -1)
    mine = {row.tobytes() for row in x}
    same = np.array([row.tobytes() in mine for row in new])
    ends = np.cumsum([k.rows for k in asked])
    calls = [part for part in np.split(same, ends[:-1]) if len(part) >= FEWEST_OF_A_CALL]
    near = _nearly(x, new)
    nearly = [part for part in np.split(near, ends[:-1]) if len(part) >= FEWEST_OF_A_CALL]
    found: dict[str, Any] = {
        "least_near": float(min((part.mean() for part in nearly), default=0.0)),
        "near": int(near.sum()),
        "rows": len(new),
        "same": float(same.mean()),
        "least_same": float(min((part.mean() for part in calls), default=0.0)),
        "bits": float(sum(map(_bits, np.unique(x, axis=0).T))) if same.any() else 0.0,  # rows come once an epoch
        "trained": len(mine),
        "alone": _alone(x, [k.rows for k in trained]),
    }
    fresh = np.unique(new[~same], axis=0)  # a row that is asked again tells no more
    if len(fresh) >= FEWEST and np.isfinite(fresh).all() and np.isfinite(x).all():
        wide = x.std(0)
        live = wide > 1e-9 * (1 + np.abs(x.mean(0)))
        if live.any():
            apart = np.abs(fresh.mean(0) - x.mean(0))[live] / wide[live]
            found["shift"] = float(np.median(apart))
            found["widths"] = float(np.median(fresh.std(0)[live] / wide[live]))
    return found


def _nearly(x: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Which new rows are not quite a trained one, and yet nearer to it than NEARLY of what is usual among different ones."""
    spread = x.std(0)
    live = spread > 0
    if not (np.isfinite(x).all() and np.isfinite(new).all() and live.any()):
        return np.zeros(len(new), bool)
    rows = np.unique(narrowed(x[:, live] / spread[live]), axis=0)
    others = narrowed(new[:, live] / spread[live])
    if len(rows) < FEWEST:
        return np.zeros(len(new), bool)
    distances = _nearest(others, rows)
    least = ROUNDING * np.abs(rows).max()
    return (distances > least) & (distances < NEARLY * float(np.median(_nearest(rows, rows, itself=True))))


def _nearest(x: np.ndarray, y: np.ndarray, *, itself: bool = False) -> np.ndarray:
    """The distance of each row of x to the nearest of y. Args: itself: x is y, and a row is no neighbour of its own."""
    squares = (x * x).sum(1)[:, None] + (y * y).sum(1)[None] - 2 * x @ y.T
    if itself:
        np.fill_diagonal(squares, np.inf)
    return np.sqrt(squares.min(1).clip(min=0))


def _alone(x: np.ndarray, sizes: Sequence[int]) -> float:
    """The share of different rows among those of a batch, over all batches of more than one row; nan where there is none."""
    parts = [part for part in np.split(x, np.cumsum(sizes)[:-1]) if len(part) > 1]
    return (
        sum(len({row.tobytes() for row in part}) for part in parts) / max(1, sum(map(len, parts))) if parts else np.nan
    )


def _bits(column: np.ndarray) -> float:
    """How rare it is that two values of a column are equal, in bits: minus the logarithm of the share of such pairs, of which one
    pair is taken to be there."""
    counts, rows = np.unique(column, return_counts=True)[1], len(column)
    if rows < 2:
        return 0.0
    pairs = rows * (rows - 1) / 2
    return float(-np.log2(max(1.0, (counts * (counts - 1) / 2).sum()) / pairs))
