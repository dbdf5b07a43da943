"""Planted: what a fault makes of a context, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from cases.sampled.context import Context


@dataclass(frozen=True)
class Planted:
    """A context with its fault and without. For the other words see case.Fault; metric: where it is not the context's own."""

    faulty: Context
    mended: Context
    where: str
    repair: str
    also: tuple[str, ...] = ()
    by: str = "code"
    hidden: str = ""
    metric: str = ""


Fault = Callable[[Context, Random], Planted | None]  # None where it would be none in this context
TOO_GOOD = "validation looks better than it is"


def own_loop(c: Context) -> Context:
    """The same context in a loop of somebody's own, for faults that no recipe can say."""
    return c.but(style="index", early_stopping=False) if c.style == "train" else c


def strength(random: Random, low: float, high: float) -> float:
    """Draw a factor, evenly in its logarithm, of two digits."""
    return float(f"{low * (high / low) ** random.random():.2g}")
