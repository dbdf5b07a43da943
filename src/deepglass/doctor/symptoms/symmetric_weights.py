"""Symmetric weights: the units of a layer start alike."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, weighted
from deepglass.probes.evidence import Evidence

HALF = 0.5  # share of the units that are twins of another; random ones have none


def look(evidence: Evidence) -> Iterator[Finding]:
    """Units of a hidden layer whose weights equal those of another, bit for bit; a layer of zeros is another finding."""
    twins, zero = at_start(evidence, "twin_units"), at_start(evidence, "weight_zero")
    alike = [
        y
        for y in weighted(evidence)[:-1]
        if y.trainable and (y.units or 0) > 1 and twins.get(y.name, 0.0) >= HALF and zero.get(y.name) != 1
    ]
    if not alike:
        return
    first = alike[0]
    yield Finding(
        "symmetric_weights",
        "alarm",
        f"In {first.name}, {twins[first.name]:.0%} of the units start with the very weights of another unit.",
        "Equal units get equal gradients and stay equal for ever: the layer has as many units as it has different ones.",
        {"twin_units": twins[first.name], "threshold": HALF},
        source="Goodfellow et al., Deep Learning, 2016, section 8.4",
        layer=first.name,
        remedies=(
            Remedy({"network.initialization": "auto"}, "Start from random weights."),
            Remedy({}, "Draw the initial weights at random.", "code"),
        ),
        explains=(
            "vanishing",
            "slow_layer",
            "underfitting",
            "predicts_mean",
            "dead_units",
            "weights_too_large",
            "weights_too_small",
            "rate_too_low",
            "unfinished",
            "class_never_predicted",
            "exploding",
            "saturated_units",
        ),
        refuted_by="Outputs of two of these units that differ.",
    )
