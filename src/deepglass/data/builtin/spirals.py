"""Spirals: points on interleaved arms, the classic set that no straight line separates."""

import numpy as np

from deepglass.data.builtin.drawn import own_random, with_classes
from deepglass.data.source import Source
from deepglass.errors import SettingError

TURNS = 1.5  # full turns of an arm, from the centre to the rim


def spirals(*, points: int = 1000, arms: int = 2, noise_std: float = 0.02, seed: int = 0) -> Source:
    """Draw points on spiral arms, one class per arm, shared evenly.

    Shapes: x (points, 2) float32, class (points,): the arm, from 0.
    Units: x and y with the rim at distance 1 before noise; `noise_std` in that same unit.
    Source: generated here, after Lang and Witbrock, "Learning to Tell Two Spirals Apart", 1988.
    """
    if arms < 2:
        raise SettingError(f"{arms=} leaves nothing to tell apart in spirals. Choose 2 or more.")
    random = own_random("spirals", points=points, noise_std=noise_std, seed=seed, least=arms)
    codes = np.arange(points) % arms
    radius = np.sqrt(random.random(points))  # square root: even density over the disc
    angle = 2 * np.pi * (TURNS * radius + codes / arms)
    xy = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    xy += noise_std * random.standard_normal((points, 2))
    return with_classes(
        "spirals",
        xy,
        codes,
        range(arms),
        description="points on interleaved spiral arms of 1.5 turns",
        source='generated, after Lang and Witbrock, "Learning to Tell Two Spirals Apart", 1988',
    )
