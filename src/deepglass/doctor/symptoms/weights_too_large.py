"""Weights too large: initial weights make the signal grow, or saturate units."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called, weighted
from deepglass.doctor.sizes import against_he
from deepglass.probes.evidence import Evidence

# Deviation over that of He et al., "Delving Deep into Rectifiers", ICCV 2015. Glorot's is about 0.7 of it, PyTorch's own 0.4,
# orthogonal 0.7, after training 1 to 2 (calibration.md).
LARGE = 3.0
GROWTH = 100.0  # of the signal over the whole depth (SageMaker: a ratio of variances above 10 for two neighbours)
SATURATED = 0.5
FIRST_LOSS = 3.0  # times the loss of the constant answer; Karpathy, "A Recipe for Training Neural Networks", 2019


def look(evidence: Evidence) -> Iterator[Finding]:
    """Wide weights in most layers, together with what they do: a growing signal, flat units or an absurd first loss."""
    ratios = against_he(evidence)
    if not ratios or (median(ratios.values()) < LARGE and max(ratios.values()) < 2 * LARGE):
        return
    worst = max(ratios, key=lambda name: ratios[name])
    growth, flat, loss = _growth(evidence), _saturated(evidence), _first_loss(evidence)
    if not (growth > GROWTH or flat >= SATURATED or loss > FIRST_LOSS):
        return
    yield Finding(
        "weights_too_large",
        "warning",
        f"Initial weights are up to {ratios[worst]:.1f} times as wide as He's ({worst}). The signal grows {growth:,.1f} times from "
        f"the first layer to the last, the flattest activation is flat for {flat:.0%}, and the first loss is {loss:.1f} times that "
        "of a constant answer.",
        "Training begins far from where it leads: it has to undo large answers, through units that are flat.",
        {"over_he": ratios[worst], "threshold": LARGE, "growth": growth, "saturated": flat, "first_loss": loss},
        source="He et al., Delving Deep into Rectifiers, ICCV 2015; Karpathy 2019; calibration.md",
        layer=worst,
        remedies=(
            Remedy({"network.initialization": "auto"}, "Start from He's or Glorot's weights."),
            Remedy({}, "Draw the initial weights with deviation sqrt(2 / inputs of a unit).", "code"),
            Remedy({"network.norm": "batch"}, "Bring every layer's signal back to deviation 1."),
        ),
        explains=(
            "exploding",
            "saturated_units",
            "dead_units",
            "vanishing",
            "rate_too_high",
            "rate_too_low",
            "overfitting",
            "unfinished",
            "slow_layer",
            "underfitting",
            "predicts_mean",
        ),
        refuted_by="The same training from He's weights is no better.",
        strength=min(1.0, ratios[worst] / (2 * LARGE)),
    )


def _growth(evidence: Evidence) -> float:
    spread = at_start(evidence, "activation_std")
    layers = [spread[y.name] for y in weighted(evidence) if spread.get(y.name, 0.0) > 0]
    return layers[-1] / layers[0] if len(layers) > 1 and math.isfinite(layers[-1]) else 1.0


def _saturated(evidence: Evidence) -> float:
    flat = at_start(evidence, "saturated")
    hidden = [y for y in called(evidence)[:-1] if y.bounded]
    return max((flat.get(y.name, 0.0) for y in hidden), default=0.0)


def _first_loss(evidence: Evidence) -> float:
    """The first loss over that of the constant answer; 0 where either is not known."""
    first = evidence.series("loss").at(0)
    constant = evidence.before.get("baselines", {}).get("loss", {}).get("constant")
    return first / constant if first is not None and constant and constant > 0 else 0.0
