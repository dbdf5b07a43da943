"""Frozen: layers that do not require gradients."""

import math
from collections.abc import Iterator, Sequence

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting, weighted
from deepglass.doctor.sizes import against_he
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence, Layer

# Deviation of newly drawn weights over He's: He's own, LeCun's (1998), and torch's default, uniform to 1 / sqrt(inputs).
DRAWN = (1.0, math.sqrt(1 / 2), math.sqrt(1 / 6))
ERRORS = 2.0  # standard errors of a deviation, 1 / sqrt(2 weights) of normal numbers; those of uniform ones are smaller
FEWEST_WEIGHTS = 512  # of a layer, below which its deviation tells too little


def look(evidence: Evidence) -> Iterator[Finding]:
    """Called layers none of whose parameters learn; a remark where the recipe asks for it, or where the run does well and their
    weights are not as wide as newly drawn ones."""
    asked = setting(evidence, "recipe.freeze") or setting(evidence, "recipe.unfreeze_depth")
    frozen = [y for y in evidence.layers if y.depth is not None and y.parameters and not y.trainable]
    frozen = frozen or _with_frozen_weights(evidence)
    waits = setting(evidence, "recipe.unfreeze_after") or setting(evidence, "recipe.unfreeze_every")
    if not frozen or waits:  # those that wait for their turn will learn
        return
    names = [y.name for y in frozen]
    by_user = bool(asked)
    is_meant = by_user or (standing(evidence).is_well and not _is_as_drawn(evidence, frozen))
    total = sum(y.parameters for y in evidence.layers)
    share = sum(y.parameters for y in frozen) / total
    yield Finding(
        "frozen",
        "remark" if is_meant else "warning",
        f"{len(frozen)} layers do not learn: {', '.join(names[:5])}. They hold {share:.0%} of the parameters and do not require "
        f"gradients{', as recipe.freeze asks' if by_user else ''}.",
        "They keep the numbers that they started with; that is meant for layers that have learned before, and for no others.",
        {"layers": float(len(frozen)), "share": share, "threshold": 0.0},
        source="exact",
        layer=names[0],
        remedies=(Remedy({}, "Call requires_grad_(True) on these layers before training.", "code"),),
        explains=(
            "slow_layer",
            "underfitting",
            "rate_too_low",
            "unfinished",
            "cut_gradient",
            "no_steps",
            "wrong_parameters",
        ),
        refuted_by="The layers bring weights that have learned before.",
    )


def _with_frozen_weights(evidence: Evidence) -> list[Layer]:
    """The layers whose weights are frozen while their biases learn, where that is so of all layers that have weights."""
    named = evidence.loop.get("frozen") or evidence.before.get("parameters", {}).get("frozen") or []
    held = {name.rpartition(".")[0] for name in named if "weight" in name.rpartition(".")[2]}
    layers = weighted(evidence)
    return layers if layers and all(y.name in held for y in layers) else []


def _is_as_drawn(evidence: Evidence, frozen: Sequence[Layer]) -> bool:
    """Whether all frozen layers with enough weights are as wide as newly drawn ones: layers that have learned hardly ever are."""
    ratios = against_he(evidence)
    told = [(y, ratios[y.name]) for y in frozen if y.name in ratios and y.parameters >= FEWEST_WEIGHTS]
    return bool(told) and all(
        any(abs(ratio - usual) <= ERRORS * usual / math.sqrt(2 * y.parameters) for usual in (*DRAWN, _glorot(y)))
        for y, ratio in told
    )


def _glorot(layer: Layer) -> float:
    """Glorot's deviation, sqrt(2 / (inputs + units)), over He's."""
    units = layer.units or 1
    inputs = max(1.0, layer.parameters / units - 1)
    return math.sqrt(inputs / (inputs + units))
