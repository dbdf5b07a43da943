"""Plane: a number that rises evenly, which a single linear unit can learn."""

from deepglass.data.builtin.drawn import own_random, with_target
from deepglass.data.source import Source


def plane(*, points: int = 1000, noise_std: float = 0.05, seed: int = 0) -> Source:
    """Draw points in a square, with target = (x + y) / 2.

    Shapes: x (points, 2) float32, target (points,) float32.
    Units: x, y and the target run -1 to 1; `noise_std` is added to the target, in its unit.
    Source: generated here, after the "plane" set of the TensorFlow playground (Smilkov and Carter, 2016).
    """
    random = own_random("plane", points=points, noise_std=noise_std, seed=seed)
    xy = 2 * random.random((points, 2)) - 1
    target = xy.mean(axis=1) + noise_std * random.standard_normal(points)
    return with_target(
        "plane",
        xy,
        target,
        description="points in a square with a number that rises evenly from corner to corner",
        source='generated, after the "plane" set of the TensorFlow playground (Smilkov and Carter, 2016)',
    )
