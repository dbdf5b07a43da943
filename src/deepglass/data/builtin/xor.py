"""XOR: four quadrants, of which the opposite ones belong together."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_classes
from deepglass.data.source import Source

GAP = 0.06  # from each axis to the nearest point before noise, as in the TensorFlow playground


def xor(*, points: int = 1000, noise_std: float = 0.02, seed: int = 0) -> Source:
    """Draw points in the four quadrants of a square, shared evenly.

    Shapes: x (points, 2) float32, class (points,): whether x and y have the "same" sign or a "different" one.
    Units: x and y run -1 to 1 before noise; `noise_std` in that same unit.
    Source: generated here, after the "xor" set of the TensorFlow playground (Smilkov and Carter, 2016).
    """
    random = own_random("xor", points=points, noise_std=noise_std, seed=seed, least=4)
    quadrant = np.arange(points) % 4
    sign = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])[quadrant]
    xy = sign * (GAP + (1 - GAP) * random.random((points, 2)))
    xy += noise_std * random.standard_normal((points, 2))
    return with_classes(
        "xor",
        xy,
        quadrant % 2,
        ("same", "different"),
        description="points in four quadrants, where the opposite ones are one class",
        source='generated, after the "xor" set of the TensorFlow playground (Smilkov and Carter, 2016)',
    )
