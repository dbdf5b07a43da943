"""Clipping too strict: gradients are cut so short that training stands nearly still."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.symptoms import exploding
from deepglass.doctor.trend import finite, is_lacking, late, rounded, update_ratios
from deepglass.probes.evidence import Evidence

ADAPTIVE = (
    "adam",
    "adamw",
    "rmsprop",
    "adagrad",
    "adadelta",
)  # these divide by the gradient's size: clipping changes little
CUT = 10.0  # times the limit that the gradients were long
SHORT = 1e-3  # of the weights in a step; Karpathy's recipe: about 1e-3 is good


def look(evidence: Evidence) -> Iterator[Finding]:
    """Gradients ten times the limit, at least, and steps that hardly move the weights. Clipping at every step can be healthy."""
    limit, value = setting(evidence, "recipe.clip_norm"), setting(evidence, "recipe.clip_value")
    if setting(evidence, "recipe.optimizer", "adam") in ADAPTIVE or not is_lacking(evidence):
        return
    ratios = late(update_ratios(evidence))
    if not ratios or median(ratios) >= SHORT:
        return
    if limit:
        norms = finite(evidence.series("step_gradient_norm").values) or finite(evidence.series("gradient_norm").values)
        name, bound, usual = "clip_norm", float(limit), median(norms) if norms else math.nan
    elif value:
        sizes = [
            float(v)
            for step in evidence.steps
            for v in evidence.across("gradient_mean_abs", step).values()
            if isinstance(v, float) and v > 0
        ]
        name, bound, usual = "clip_value", float(value), median(sizes) if sizes else math.nan
    else:
        return
    if not usual > CUT * bound or any(exploding.look(evidence)):  # then it is the gradient that is too long
        return
    yield Finding(
        "clipping_too_strict",
        "alarm",
        what=f"Gradients of about {usual:.2g} are cut to {name}={bound:g}, and a step moves the weights by {median(ratios):.1g} of "
        "themselves.",
        why="Clipping is for the rare long gradient. Where it cuts every one to a small part, it is a tiny learning rate.",
        evidence={"gradient": usual, "limit": bound, "threshold": CUT * bound, "update_ratio": median(ratios)},
        source="Pascanu et al., On the Difficulty of Training Recurrent Networks, ICML 2013: a limit near the mean norm",
        remedies=(
            Remedy({f"recipe.{name}": rounded(usual)}, "A limit at the usual size cuts the long ones alone."),
            Remedy({f"recipe.{name}": None}, "No clipping."),
        ),
        explains=("rate_too_low", "unfinished", "underfitting", "predicts_mean", "class_never_predicted", "slow_layer"),
        refuted_by="Without clipping the loss falls no faster.",
        strength=1.0,
    )
