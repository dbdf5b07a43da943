"""Seasonal: a trend, a season whose swing grows with the level, and noise, as sales and passengers have them."""

import numpy as np

from deepglass.data.builtin.drawn import own_random
from deepglass.data.builtin.timeline import timeline
from deepglass.data.source import Source

LEVEL = 100.0  # at the beginning
SHAPE = (0.7, 0.3)  # of the season: its own wave, and one of half the length


def seasonal(
    *,
    points: int = 480,
    period: int = 12,
    growth: float = 0.002,
    swing: float = 0.2,
    noise_std: float = 0.03,
    lookback: int = 36,
    horizon: int = 12,
    stride: int = 1,
    seed: int = 0,
) -> Source:
    """Multiply a growing level, a season of `period` time steps and noise.

    Shapes: windows of (lookback, 1) and (horizon, 1).
    Units: `growth` is a share of the level a time step, `swing` and `noise_std` shares of the level.
    Raises: SettingError, for fewer points than a window takes.
    Source: generated here, as the multiplicative model of Winters, "Forecasting Sales by Exponentially Weighted Moving
        Averages", 1960.
    """
    random = own_random("seasonal", points=points, noise_std=noise_std, seed=seed)
    time = np.arange(points)
    turn = 2 * np.pi * time / max(1, period)
    season = 1 + swing * (SHAPE[0] * np.sin(turn) + SHAPE[1] * np.sin(2 * turn + 1))
    value = LEVEL * (1 + growth) ** time * season * np.exp(noise_std * random.standard_normal(points))
    return timeline(
        "seasonal",
        {"value": value},
        lookback=lookback,
        horizon=horizon,
        stride=stride,
        description="a trend with a season whose swing grows with it, to be forecast",
    )
