"""Zero weights: hidden layers that start with every weight at 0."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, weighted
from deepglass.probes.evidence import Evidence


def look(evidence: Evidence) -> Iterator[Finding]:
    """Exact. A layer may start at 0 where its units get different gradients: the last one, or the end of a residual branch."""
    zero, stuck = at_start(evidence, "weight_zero"), at_start(evidence, "gradient_zero")
    layers = [y for y in weighted(evidence)[:-1] if y.trainable and zero.get(y.name) == 1]
    hidden = [y for y in layers if stuck.get(y.name, 1.0) == 1]
    if not hidden:
        return
    yield Finding(
        "zero_weights",
        "alarm",
        f"{len(hidden)} hidden layers start with all weights 0: {', '.join(y.name for y in hidden[:5])}.",
        "All units of such a layer get equal gradients, or none at all, and stay equal for ever.",
        {"weight_zero": 1.0, "threshold": 1.0},
        source="Goodfellow et al., Deep Learning, 2016, section 8.4: initial weights must break the symmetry",
        layer=hidden[0].name,
        remedies=(
            Remedy(
                {"network.initialization": "auto"}, "Start from random weights: He's before ReLU, Glorot's elsewhere."
            ),
            Remedy({}, "Draw the initial weights at random.", "code"),
        ),
        explains=(
            "symmetric_weights",
            "vanishing",
            "dead_units",
            "slow_layer",
            "predicts_mean",
            "underfitting",
            "weights_too_small",
            "inputs_constant",
            "rate_too_low",
            "rate_too_high",
            "unfinished",
            "class_never_predicted",
            "cut_gradient",
            "frozen",
            "no_steps",
            "labels_shuffled",
        ),
        refuted_by="A weight of these layers that is not 0.",
    )
