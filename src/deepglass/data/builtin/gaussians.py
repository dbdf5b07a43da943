"""Gaussians: two round clouds, which one straight line separates."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_classes
from deepglass.data.source import Source

CENTRES = np.array([[-0.5, -0.5], [0.5, 0.5]])


def gaussians(*, points: int = 1000, noise_std: float = 0.2, seed: int = 0) -> Source:
    """Draw points from two normal distributions, shared evenly.

    Shapes: x (points, 2) float32, class (points,): the cloud at "lower left" or at "upper right".
    Units: the centres are 1 apart along each axis; `noise_std` is the standard deviation of a cloud in that unit.
    Source: generated here, after the "gauss" set of the TensorFlow playground (Smilkov and Carter, 2016).
    """
    random = own_random("gaussians", points=points, noise_std=noise_std, seed=seed, least=2)
    codes = np.arange(points) % 2
    xy = CENTRES[codes] + noise_std * random.standard_normal((points, 2))
    return with_classes(
        "gaussians",
        xy,
        codes,
        ("lower left", "upper right"),
        description="points of two round clouds",
        source='generated, after the "gauss" set of the TensorFlow playground (Smilkov and Carter, 2016)',
    )
