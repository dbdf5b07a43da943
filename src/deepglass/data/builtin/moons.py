"""Moons: two half circles that reach into each other."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_classes
from deepglass.data.source import Source


def moons(*, points: int = 1000, noise_std: float = 0.1, seed: int = 0) -> Source:
    """Draw points on two half circles, shared evenly.

    Shapes: x (points, 2) float32, class (points,): the "upper" or the "lower" moon.
    Units: each moon has radius 1 before noise; the upper one is centred on (0, 0), the lower one on (1, 0.5).
        `noise_std` in that same unit.
    Source: generated here, in the geometry of scikit-learn's make_moons.
    """
    random = own_random("moons", points=points, noise_std=noise_std, seed=seed, least=2)
    codes = np.arange(points) % 2
    angle = np.pi * (random.random(points) + codes)  # the upper half turn, or the lower one
    xy = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    xy += codes[:, None] * np.array([1.0, 0.5])
    xy += noise_std * random.standard_normal((points, 2))
    return with_classes(
        "moons",
        xy,
        codes,
        ("upper", "lower"),
        description="points on two half circles that reach into each other",
        source="generated, in the geometry of scikit-learn's make_moons",
    )
