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
FEWEST = 4  # looks at which a loop's gradients all had one norm
ALIKE = 0.01  # share by which these norms differ at most: clip_grad_norm_ leaves the limit to six digits
SHORT = 1e-3  # of the weights in a step; Karpathy's recipe: about 1e-3 is good
LONG = 10 * SHORT  # a step that is long by any measure


def look(evidence: Evidence) -> Iterator[Finding]:
    """Gradients ten times the limit, at least, and steps that hardly move the weights. Clipping at every step can be healthy."""
    limit, value = setting(evidence, "recipe.clip_norm"), setting(evidence, "recipe.clip_value")
    if setting(evidence, "recipe.optimizer", "adam") in ADAPTIVE or not is_lacking(evidence):
        return
    ratios = late(update_ratios(evidence))
    if not ratios or median(ratios) >= SHORT or max(update_ratios(evidence)) >= LONG:
        return  # what is short now was long under the same limit: it is the rate that has gone down
    constant = None if evidence.settings else _constant_norm(evidence)
    if constant is not None:
        name, bound, usual = "a norm", constant, math.inf
    elif limit:
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
    cut = (
        f"All gradients are cut to {bound:.2g}"
        if math.isinf(usual)
        else f"Gradients of about {usual:.2g} are cut to {name}={bound:g}"
    )
    yield Finding(
        "clipping_too_strict",
        "alarm",
        what=f"{cut}, and a step moves the weights by {median(ratios):.1g} of themselves.",
        why="Clipping is for the rare long gradient. Where it cuts every one to a small part, it is a tiny learning rate.",
        evidence={
            "gradient": min(usual, 1e30),
            "limit": bound,
            "threshold": CUT * bound,
            "update_ratio": median(ratios),
        },
        source="Pascanu et al., On the Difficulty of Training Recurrent Networks, ICML 2013: a limit near the mean norm",
        remedies=(*_remedies(name, usual),),
        explains=("rate_too_low", "unfinished", "underfitting", "predicts_mean", "class_never_predicted", "slow_layer"),
        refuted_by="Without clipping the loss falls no faster.",
        strength=1.0,
    )


def _constant_norm(evidence: Evidence) -> float | None:
    """The norm that the gradients of a loop have at every look; None where it differs, as gradients do that nobody cuts."""
    norms = finite(evidence.series("gradient_norm").values)
    if len(norms) < FEWEST or not min(norms) > 0 or max(norms) > (1 + ALIKE) * min(norms):
        return None
    return median(norms)


def _remedies(name: str, usual: float) -> Iterator[Remedy]:
    if math.isinf(usual):
        yield Remedy(
            {}, "Cut at a norm of about 1, or not at all: only the rare long gradient should be cut.", by="code"
        )
        return
    yield Remedy({f"recipe.{name}": rounded(usual)}, "A limit at the usual size cuts the long ones alone.")
    yield Remedy({f"recipe.{name}": None}, "No clipping.")
