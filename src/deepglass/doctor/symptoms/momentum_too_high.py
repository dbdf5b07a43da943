"""Momentum too high: the run swings through the valley again and again, carried by earlier steps."""

import math
from collections.abc import Iterator
from itertools import combinations, pairwise

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import course, finite, is_lacking
from deepglass.plurals import counted
from deepglass.probes.evidence import Evidence

USUAL = 0.9  # Sutskever et al., On the Importance of Initialization and Momentum, ICML 2013
MUCH = 0.95  # above it, more than 20 earlier steps are felt
MEMORIES = 10  # a training that is shorter than so many memories, 1/(1 - momentum) steps each, never comes to rest
SWINGS = 2  # times that the loss rose by RISE between two equal parts of the training
RISE = 1.2  # of means over a twentieth of the training: more than the noise of so many steps
FEW_MEMORIES = 3  # in which a wave hardly comes back
CLIMB = 1.5  # of the same means, from the lowest to a later one: no noise of so many steps, and no step down
SETTINGS = {"momentum": "momentum", "nesterov": "momentum", "adam": "beta1", "adamw": "beta1"}


def look(evidence: Evidence) -> Iterator[Finding]:
    """More momentum than the training has time for, and a loss that goes up and down in long waves.

    Or a training of a few memories that does badly and ends clearly above where it has been. Short steps with much momentum fall
    smoothly, and are left alone.
    """
    optimizer = setting(evidence, "recipe.optimizer", "adam")
    name = SETTINGS.get(str(optimizer))
    kept = setting(evidence, f"recipe.{name}") if name else None
    if kept is None or kept <= MUCH:
        return
    memory = 1 / (1 - kept)
    steps = evidence.losses[-1][0]
    levels = finite(course(evidence))
    rises = sum(b > RISE * a for a, b in pairwise(levels) if a > 0)
    uphill = [s for s, slope in evidence.series("slope_before") if slope > 0]
    rolled = steps < MEMORIES * memory and is_lacking(evidence) and levels[-1] > RISE * min(levels)
    # One long wave is enough where there was no time for more: up by half from its lowest, in the middle of the training.
    highest = max((b / a for a, b in combinations(levels[len(levels) // 4 :], 2) if a > 0), default=0.0)
    rolled = rolled or (steps < FEW_MEMORIES * memory and highest > CLIMB)
    if not rolled and (rises < SWINGS or not (uphill or steps < MEMORIES * memory)):
        return
    yield Finding(
        "momentum_too_high",
        "alarm" if steps < MEMORIES * memory else "warning",
        what=f"{name}={kept:g} carries the last {counted(round(memory), 'step')} along; the loss rose by a fifth "
        f"{counted(rises, 'time')}, and ends at "
        f"{levels[-1] / min(levels):.2g} times its lowest"
        + (f"; {len(uphill)} of the steps looked at went uphill." if uphill else "."),
        why="A step that is mostly made of old ones cannot turn when the slope does: the run rolls through the minimum and back.",
        evidence={name or "momentum": kept, "threshold": MUCH, "memory_steps": memory, "steps": steps, "rises": rises},
        source="1/(1 - momentum) steps are remembered: Goodfellow et al., Deep Learning, section 8.3.2; usual values 0.5 to 0.99",
        remedies=(
            Remedy({f"recipe.{name}": USUAL}, f"The usual {USUAL}: the last 10 steps count, and the run can turn."),
            Remedy({f"recipe.{name}": MUCH}, f"{MUCH}, if {USUAL} is too slow."),
        ),
        explains=(
            "oscillating",
            "rate_too_high",
            "unfinished",
            "underfitting",
            "exploding",
            "not_finite",
            "dead_units",
            "predicts_mean",
            "class_never_predicted",
        ),
        refuted_by=f"The loss swings as much with {name}={USUAL}.",
        strength=1 - math.exp(-rises / 2),
    )
