"""Gaussian: a number that forms one bump, which no linear unit can learn."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_target
from deepglass.data.source import Source

WIDTH = 0.4  # standard deviation of the bump, in the unit of x and y


def gaussian(*, points: int = 1000, noise_std: float = 0.05, seed: int = 0) -> Source:
    """Draw points in a square, with target = exp(-(x² + y²) / (2 WIDTH²)).

    Shapes: x (points, 2) float32, target (points,) float32.
    Units: x and y run -1 to 1, the target 0 to 1; `noise_std` is added to the target, in its unit.
    Source: generated here; the TensorFlow playground (Smilkov and Carter, 2016) has six bumps of either sign instead.
    """
    random = own_random("gaussian", points=points, noise_std=noise_std, seed=seed)
    xy = 2 * random.random((points, 2)) - 1
    target = np.exp(-np.square(xy).sum(axis=1) / (2 * WIDTH**2)) + noise_std * random.standard_normal(points)
    return with_target(
        "gaussian",
        xy,
        target,
        description="points in a square with a number that forms one bump in the middle",
        source="generated, after the regression sets of the TensorFlow playground (Smilkov and Carter, 2016)",
    )
