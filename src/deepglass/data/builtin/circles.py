"""Circles: a disc inside a ring, which takes three straight lines to enclose."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_classes
from deepglass.data.source import Source

# Inner and outer radius of the disc and of the ring, in the proportions of the TensorFlow playground.
RADII = np.array([[0.0, 0.5], [0.7, 1.0]])


def circles(*, points: int = 1000, noise_std: float = 0.02, seed: int = 0) -> Source:
    """Draw points in a disc and in the ring around it, shared evenly.

    Shapes: x (points, 2) float32, class (points,): "disc" or "ring".
    Units: x and y with the outer rim at distance 1 before noise; `noise_std` in that same unit.
    Source: generated here, after the "circle" set of the TensorFlow playground (Smilkov and Carter, 2016).
    """
    random = own_random("circles", points=points, noise_std=noise_std, seed=seed, least=2)
    codes = np.arange(points) % 2
    inner, outer = RADII[codes].T
    radius = np.sqrt(inner**2 + (outer**2 - inner**2) * random.random(points))  # square root: even density
    angle = 2 * np.pi * random.random(points)
    xy = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    xy += noise_std * random.standard_normal((points, 2))
    return with_classes(
        "circles",
        xy,
        codes,
        ("disc", "ring"),
        description="points in a disc or in the ring around it",
        source='generated, after the "circle" set of the TensorFlow playground (Smilkov and Carter, 2016)',
    )
