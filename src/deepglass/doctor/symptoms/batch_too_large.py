"""Batch too large: an epoch has too few steps."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trend import batch_size, course, finite, is_lacking, noise_scale
from deepglass.plurals import counted
from deepglass.probes.evidence import Evidence

FEW_STEPS = 500  # in the whole training, below which more steps are likelier to help than larger ones
STEPS_AN_EPOCH = 4  # at most; with more, the batch is a small part of the data
NEEDLESS = 4.0  # times the noise scale, beyond which a larger batch hardly makes a step better
FALLING = 0.02  # of its size by which the loss still fell in the last fifth
USUAL = 32  # Masters and Luschi, arXiv:1804.07612
SMALLEST_SPLIT = 8  # steps an epoch that the remedy aims at, at least


def look(evidence: Evidence) -> Iterator[Finding]:
    """Few steps in all, each on many times the examples that a gradient needs, and a loss that was still falling.

    Where the noise of gradients was not measured, as in somebody's own loop, the usual batch stands for what one needs.
    """
    size, steps_an_epoch = batch_size(evidence), evidence.facts.get("steps_an_epoch") or _of_a_loop(evidence)
    if not size or not steps_an_epoch or steps_an_epoch > STEPS_AN_EPOCH or not is_lacking(evidence):
        return
    steps = evidence.steps[-1] if evidence.steps else 0
    levels = finite(course(evidence))
    needed = [noise_scale(evidence, step) for step in evidence.steps]
    scale = median(needed) if needed and evidence.has("gradient_noise") else float(USUAL)
    falling = len(levels) > 2 and levels[-1] < (1 - FALLING) * levels[-1 - max(1, len(levels) // 5)]
    if not 0 < steps < FEW_STEPS or not falling or not size > NEEDLESS * scale:
        return
    yield Finding(
        "batch_too_large",
        "alarm",
        what=f"An epoch is {counted(steps_an_epoch, 'step')} of {size} examples, {counted(steps, 'step')} in all, and the "
        f"loss was still falling. About {scale:.0f} examples are enough for a good step here.",
        why="A larger batch makes a step surer, not longer: beyond a few times the noise scale the "
        "rest of the work is for nothing.",
        evidence={"batch_size": size, "noise_scale": scale, "threshold": NEEDLESS * scale, "steps": steps},
        source="McCandlish et al., An Empirical Model of Large-Batch Training, arXiv:1812.06162",
        remedies=(
            Remedy(
                {"recipe.batch_size": min(USUAL, max(1, size * steps_an_epoch // SMALLEST_SPLIT))},
                "More steps from the same examples.",
            ),
        ),
        explains=("unfinished", "rate_too_low", "underfitting", "predicts_mean", "class_never_predicted"),
        refuted_by=f"With batches of {USUAL} the score is no better.",
        strength=1.0,
    )


def _of_a_loop(evidence: Evidence) -> int | None:
    """Steps an epoch of a loop that logs its epochs."""
    steps, epochs = evidence.loop.get("optimizer_steps", 0), len(evidence.epochs)
    return math.ceil(steps / epochs) if steps and epochs else None
