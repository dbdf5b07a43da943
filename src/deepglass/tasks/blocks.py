"""Blocks: where the mean of numbers that follow one another in time may lie, as neighbours are alike."""

import math

import numpy as np

from deepglass.paired import of_pairs

MOST_BLOCKS = 20  # more would be shorter, and more alike to their neighbours
FEWEST_BLOCKS = 5  # below, Student's t says nearly nothing
HORIZONS = 2  # that a block is long at least: windows share their targets with those up to one horizon away


def over_blocks(values: np.ndarray, moments: np.ndarray, horizon: int) -> list[float] | None:
    """Give the 95 % interval of the mean of one number a window, from the means of blocks of time.

    Forecasts of neighbouring windows share most of their steps, so that drawing single windows again would be far too sure.
    Shapes: values and moments (windows,), the value and the time step of each.
    Returns: [low, high] around the mean; None for fewer than 5 blocks, or where all blocks are equal.
    Source: the method of batch means, Law and Kelton, "Simulation Modeling and Analysis", 1982, section 9.5.3; for forecasts
        the block has to be longer than the horizon, as in Diebold and Mariano, "Comparing Predictive Accuracy", 1995.

    >>> over_blocks(np.tile([0.0, 1.0], 50), np.arange(100), 1) is None
    True
    """
    if not len(values):
        return None
    there = int(moments.max() - moments.min()) + 1
    blocks = min(MOST_BLOCKS, there // (HORIZONS * horizon))
    if blocks < FEWEST_BLOCKS:
        return None
    place = np.minimum((moments - moments.min()) * blocks // there, blocks - 1)
    counts = np.bincount(place, minlength=blocks)
    sums = np.bincount(place, weights=values, minlength=blocks)
    means = sums[counts > 0] / counts[counts > 0]
    found = of_pairs(means.tolist()) if len(means) >= FEWEST_BLOCKS else None
    if found is None or found.interval is None or not all(map(math.isfinite, found.interval)):
        return None
    shift = float(values.mean()) - found.mean  # blocks need not hold equally many windows
    return [found.interval[0] + shift, found.interval[1] + shift]
