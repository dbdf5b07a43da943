"""Random walk: each value is the one before plus chance, so that nothing beats the last value."""

from deepglass.data.builtin.drawn import own_random
from deepglass.data.builtin.timeline import timeline
from deepglass.data.source import Source


def random_walk(
    *,
    points: int = 2000,
    step_std: float = 1.0,
    lookback: int = 24,
    horizon: int = 6,
    stride: int = 1,
    seed: int = 0,
) -> Source:
    """Sum up independent steps of a normal distribution.

    Shapes: windows of (lookback, 1) and (horizon, 1). Units: `step_std` is the deviation of one step.
    Raises: SettingError, for fewer points than a window takes.
    Source: generated here, after Pearson, "The Problem of the Random Walk", Nature 1905.
    """
    random = own_random("random_walk", points=points, noise_std=step_std, seed=seed)
    return timeline(
        "random_walk",
        {"value": (step_std * random.standard_normal(points)).cumsum()},
        lookback=lookback,
        horizon=horizon,
        stride=stride,
        description="each value is the one before plus chance: nothing beats the last value",
    )
