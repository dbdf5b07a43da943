"""Slow layer: one layer learns far more slowly than the others."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import finite, is_lacking, late, learning
from deepglass.probes.evidence import Evidence

FAR = 1e-3  # its update ratio over that of the quickest layer; layers of healthy trainings are within 1 : 100
STILL = 1e-4  # of its weights in a step: below what TheDeepChecker takes for learning


def look(evidence: Evidence) -> Iterator[Finding]:
    """Update over weight, layer by layer in the second half. Layers that do not move at all have other reasons."""
    if not is_lacking(evidence):
        return
    ratios = {
        y.name: median(late(found))
        for y in learning(evidence)
        if (found := finite(evidence.series("update_ratio", y.name).values))
    }
    quickest = max(ratios.values(), default=math.nan)
    slow = [name for name, ratio in ratios.items() if 0 < ratio < min(FAR * quickest, STILL)]
    if not slow:
        return
    names = ", ".join(repr(name) for name in slow[:3]) + (" ..." if len(slow) > 3 else "")
    yield Finding(
        "slow_layer",
        "alarm",
        what=f"{names}: a step moves the weights by {ratios[slow[0]]:.1g} of themselves, and by {quickest:.1g} elsewhere.",
        why="Layers that stand still leave the others to work with what they were born with.",
        evidence={"update_ratio": ratios[slow[0]], "quickest": quickest, "threshold": FAR},
        source="update/weight by layer (Ben Braiek and Khomh, TheDeepChecker, TOSEM 2023)",
        layer=slow[0],
        remedies=tuple(_remedies(evidence)),
        explains=("rate_too_low", "underfitting", "unfinished", "predicts_mean", "frozen"),
        refuted_by="The score is no better when these layers learn as fast as the rest.",
        strength=0.6,  # after what explains it
    )


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    if setting(evidence, "recipe.rates"):
        yield Remedy({"recipe.rates": {}}, "One learning rate for all layers.")
    if evidence.settings and setting(evidence, "recipe.optimizer") in ("sgd", "momentum", "nesterov"):
        change = {"recipe.optimizer": "adam", "recipe.learning_rate": 0.001, "recipe.momentum": None}
        yield Remedy(change, "Adam gives each weight a step of its own size.")
    if not evidence.settings:
        yield Remedy(
            {}, "Look at the groups of parameters: these layers have a smaller rate, or a smaller gradient.", by="code"
        )
