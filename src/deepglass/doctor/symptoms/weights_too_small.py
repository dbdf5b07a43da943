"""Weights too small: initial weights let the signal die on its way."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called, weighted
from deepglass.doctor.sizes import against_he
from deepglass.probes.evidence import Evidence

# Deviation over He's. PyTorch's own is 0.4; AlexNet's 0.01 is 0.2 for 784 inputs, and trains (calibration.md).
SMALL = 0.15
SHRUNK = 0.01  # the spread of the output over that of the first layer, over the whole depth
NORMS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm")  # bring the signal back to 1


def look(evidence: Evidence) -> Iterator[Finding]:
    """Narrow weights in most layers of a deep network, together with a signal that is lost before the end."""
    ratios = against_he(evidence)
    layers = weighted(evidence)
    if len(layers) < 2 or not ratios or median(ratios.values()) > SMALL:
        return
    if any(y.kind.startswith(NORMS) for y in called(evidence)):
        return
    spread = at_start(evidence, "activation_unit_std")
    first, last = spread.get(layers[0].name, 0.0), spread.get(layers[-1].name, 0.0)
    shrunk = last / first if first > 0 else 0.0
    if shrunk > SHRUNK:
        return
    least = min(ratios, key=lambda name: ratios[name])
    yield Finding(
        "weights_too_small",
        "warning",
        f"Initial weights are as narrow as {ratios[least]:.3f} of He's ({least}), and {shrunk:.1e} of the signal of the first "
        "layer is left at the last.",
        "The output hardly depends on the input, and gradients shrink by the same factors on their way back.",
        {"over_he": median(ratios.values()), "threshold": SMALL, "signal_left": shrunk, "signal_threshold": SHRUNK},
        source="Glorot and Bengio, AISTATS 2010; He et al., ICCV 2015; calibration.md",
        layer=least,
        remedies=(
            Remedy({"network.initialization": "auto"}, "Start from He's or Glorot's weights."),
            Remedy({}, "Draw the initial weights with deviation sqrt(2 / inputs of a unit).", "code"),
        ),
        explains=(
            "vanishing",
            "slow_layer",
            "rate_too_low",
            "rate_too_high",
            "predicts_mean",
            "underfitting",
            "unfinished",
            "class_never_predicted",
            "labels_shuffled",
        ),
        refuted_by="The same training from Glorot's weights is no better.",
    )
