"""Asked: the rows that a loop asks its network about without gradients, beside those that it trains on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.doctor.before.batches import inputs_of
from deepglass.probes.examples import Kept

FEWEST = 20  # rows that means and deviations are taken of
FEWEST_OF_A_CALL = 8  # rows, below which the share of a single call says little


def of_asked(inputs: np.ndarray, asked: Sequence[Kept], trained: Sequence[Kept] = ()) -> dict[str, Any]:
    """How many rows are the same, and how far the columns lie apart. Shape: inputs (rows, ...), those trained on, in batches.

    Returns: rows; same: their share that was trained on; least_same: that of the call that has the fewest, for a loop may ask for
    its training rows as well; alone: the share of different rows in a training batch; bits: how rare equal training rows are if
    their columns are independent; shift: the middle column's distance of means, in deviations of training; widths: its quotient of
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
    found: dict[str, Any] = {
        "rows": len(new),
        "same": float(same.mean()),
        "least_same": float(min((part.mean() for part in calls), default=0.0)),
        "bits": float(sum(map(_bits, x.T))) if same.any() else 0.0,
        "trained": len(mine),
        "alone": _alone(x, [k.rows for k in trained]),
    }
    fresh = new[~same]
    if len(fresh) >= FEWEST and np.isfinite(fresh).all() and np.isfinite(x).all():
        wide = x.std(0)
        live = wide > 1e-9 * (1 + np.abs(x.mean(0)))
        if live.any():
            apart = np.abs(fresh.mean(0) - x.mean(0))[live] / wide[live]
            found["shift"] = float(np.median(apart))
            found["widths"] = float(np.median(fresh.std(0)[live] / wide[live]))
    return found


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
