"""Vanishing: gradients shrink from layer to layer on their way down, so the first layers hardly learn."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import is_lacking, learning
from deepglass.probes.evidence import Evidence

SHRUNK = 1e-3  # gradient over weight of the first layer, over that of the last (Zhang et al., AutoTrainer, ICSE 2021)
FORGOT = 1e-3  # spread over rows of the last hidden layer's outputs, over that of the first
LOOKS = 6  # at the beginning, where it is decided whether the first layers get going
FLAT = ("sigmoid", "tanh", "hard_sigmoid", "hardsigmoid", "softsign")


def look(evidence: Evidence) -> Iterator[Finding]:
    """The relative gradient of the first layer against the last, or the signal that is left at the end of the way up.

    Silent while the run does well, and where gradients are exactly 0, which has other reasons.
    """
    layers = learning(evidence)
    if len(layers) < 3 or not is_lacking(evidence):
        return
    ratios = list(_ratios(evidence, layers[0].name, layers[-1].name))
    spread = [
        float(b) / a
        for step, a in evidence.series("activation_unit_std", layers[0].name)
        if a > 0 and (b := evidence.series("activation_unit_std", layers[-2].name).at(step)) is not None
    ]
    shrunk = median(ratios[:LOOKS]) if ratios else 1.0
    left = median(spread[:LOOKS]) if spread else 1.0
    if shrunk >= SHRUNK and (left >= FORGOT or shrunk >= 1):
        return
    if shrunk < SHRUNK:
        seen = f"The gradient of {layers[0].name!r}, measured against its weights, is {shrunk:.1g} of that of {layers[-1].name!r}"
    else:
        seen = (
            f"Of what differs between examples after {layers[0].name!r}, {left:.1g} is left before {layers[-1].name!r}"
        )
    yield Finding(
        "vanishing",
        "alarm",
        what=f"{seen} (under {SHRUNK:g} is lost), over {len(layers)} layers that learn.",
        why="Each layer multiplies the gradient by less than 1. The layers near the input hear next to nothing of the loss.",
        evidence={"gradient_ratio": shrunk, "signal_left": left, "threshold": SHRUNK, "layers": len(layers)},
        source="Glorot and Bengio, AISTATS 2010; threshold: AutoTrainer (Zhang et al., ICSE 2021)",
        layer=layers[0].name,
        remedies=tuple(_remedies(evidence)),
        explains=(
            "slow_layer",
            "rate_too_low",
            "underfitting",
            "unfinished",
            "predicts_mean",
            "class_never_predicted",
            "batch_too_small",
        ),
        refuted_by="The first layers' gradients are as large with another activation or normalization, and the score is no better.",
        strength=0.9 if shrunk < SHRUNK else 0.7,
    )


def _ratios(evidence: Evidence, first: str, last: str) -> Iterator[float]:
    zero = evidence.series("gradient_zero", first)
    for step, g in evidence.series("gradient_norm", first):
        end = evidence.series("gradient_norm", last).at(step)
        w, w_end = (evidence.series("weight_norm", name).at(step) for name in (first, last))
        if g > 0 and end and w and w_end and zero.at(step) != 1:
            yield (g / w) / (end / w_end)


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    network = evidence.settings.get("network", {})
    if str(setting(evidence, "network.activation", "")).lower() in FLAT:
        yield Remedy({"network.activation": "relu"}, "ReLU passes gradients on unchanged where it is active.")
    if "norm" in network and network["norm"] != "batch":
        yield Remedy({"network.norm": "batch"}, "Batch norm brings each layer's signal back to size 1.")
    if network.get("initialization", "auto") != "auto":
        yield Remedy({"network.initialization": "auto"}, "Initial weights that keep the size of the signal.")
    yield Remedy(
        {},
        "Lead the input of a block around it (residual connections), use ReLU and He's initial weights, or fewer layers.",
        by="code",
    )
