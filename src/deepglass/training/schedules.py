"""Schedules: what share of the learning rate is used, as a function of how much of the training is over."""

import math
from collections.abc import Callable


def constant(progress: float) -> float:
    """The full rate, all the time."""
    return 1.0


def cosine(progress: float) -> float:
    """From the full rate to nothing along half a cosine, so that the last steps settle down.

    Source: Loshchilov and Hutter, "SGDR", arXiv:1608.03983, equation 5, without restarts.

    >>> cosine(0.0), cosine(0.5), round(cosine(1.0), 12)
    (1.0, 0.5, 0.0)
    """
    return 0.5 + 0.5 * math.cos(math.pi * progress)


SCHEDULES: dict[str, Callable[[float], float]] = {"constant": constant, "cosine": cosine}
