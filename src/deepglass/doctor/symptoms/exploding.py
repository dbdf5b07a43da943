"""Exploding: signals or gradients grow from layer to layer."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start
from deepglass.doctor.trend import is_lacking, is_not_finite, learning
from deepglass.probes.evidence import Evidence

GREW = 100.0  # from the first layer to the last: DOCTOR's limit over the whole depth
BACK = 1e3  # of the gradient on its way down (AutoTrainer takes 70, SageMaker Debugger waits for infinity)


def look(evidence: Evidence) -> Iterator[Finding]:
    """Growth of the outputs on the way up, and of gradients on the way down, before the first step."""
    layers = learning(evidence)
    if len(layers) < 3 or not (is_lacking(evidence) or is_not_finite(evidence)):
        return
    up = _growth(at_start(evidence, "activation_std"), layers[0].name, layers[-1].name)
    down = _growth(at_start(evidence, "backward_rms"), layers[-1].name, layers[0].name)
    if not (up > GREW or down > BACK):
        return
    grew = (
        f"outputs grow {up:.3g}-fold from {layers[0].name!r} to {layers[-1].name!r}"
        if up > GREW
        else f"gradients grow {down:.3g}-fold from {layers[-1].name!r} down to {layers[0].name!r}"
    )
    yield Finding(
        "exploding",
        "alarm",
        what=f"Before the first step {grew}, over {len(layers)} layers that learn.",
        why="Each layer multiplies the signal by more than 1. The loss is huge at first, and no step suits both ends.",
        evidence={"growth_up": up, "threshold_up": GREW, "growth_down": down, "threshold_down": BACK},
        source="He et al., ICCV 2015 (variance of the signal through depth); thresholds: benchmarks/doctor/calibration.md",
        layer=layers[-1].name,
        remedies=tuple(_remedies(evidence)),
        explains=(
            "not_finite",
            "rate_too_high",
            "oscillating",
            "rate_too_low",
            "underfitting",
            "unfinished",
            "saturated_units",
            "dead_units",
        ),
        refuted_by="With outputs of the same size at every depth the score is no better.",
        strength=0.9,
    )


def _growth(found: dict[str, float], start: str, end: str) -> float:
    first, last = found.get(start), found.get(end)
    if not first or last is None:
        return 1.0
    return last / first if math.isfinite(last) else math.inf


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    network = evidence.settings.get("network", {})
    if network.get("initialization", "auto") != "auto":
        yield Remedy({"network.initialization": "auto"}, "Initial weights that keep the size of the signal.")
    if "norm" in network and network["norm"] != "batch":
        yield Remedy({"network.norm": "batch"}, "Batch norm brings each layer's signal back to size 1.")
    yield Remedy({}, "He's initial weights: a deviation of sqrt(2 / inputs) in every layer.", by="code")
    if evidence.settings:
        yield Remedy({"recipe.clip_norm": 1.0}, "Let no gradient be longer than 1.")
