"""Waves: two sine waves of different length on top of each other, the plainest series there is to forecast."""

import numpy as np

from deepglass.data.builtin.drawn import own_random
from deepglass.data.builtin.timeline import timeline
from deepglass.data.source import Source

LENGTHS = (24.0, 8.0)  # time steps of one wave
HEIGHTS = (1.0, 0.6)


def waves(
    *,
    points: int = 2000,
    noise_std: float = 0.1,
    lookback: int = 48,
    horizon: int = 12,
    stride: int = 1,
    seed: int = 0,
) -> Source:
    """Add two sine waves, of 24 and 8 time steps, and some noise.

    Shapes: windows of (lookback, 1) and (horizon, 1). Units: `noise_std` is in that of the larger wave, whose height is 1.
    Raises: SettingError, for fewer points than a window takes.
    Source: generated here.
    """
    random = own_random("waves", points=points, noise_std=noise_std, seed=seed)
    phases = random.uniform(0, 2 * np.pi, 2)
    time = np.arange(points)[:, None]
    value = (np.array(HEIGHTS) * np.sin(2 * np.pi * time / LENGTHS + phases)).sum(axis=1)
    value += noise_std * random.standard_normal(points)
    return timeline(
        "waves",
        {"value": value},
        lookback=lookback,
        horizon=horizon,
        stride=stride,
        description="two sine waves of 24 and 8 time steps in noise, to be forecast",
    )
