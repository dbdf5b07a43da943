"""Frozen: layers that do not require gradients."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.probes.evidence import Evidence


def look(evidence: Evidence) -> Iterator[Finding]:
    """Called layers none of whose parameters learn; a remark where the recipe asks for it."""
    asked = setting(evidence, "recipe.freeze") or []
    frozen = [y for y in evidence.layers if y.depth is not None and y.parameters and not y.trainable]
    if not frozen:
        return
    names = [y.name for y in frozen]
    by_user = bool(asked)
    total = sum(y.parameters for y in evidence.layers)
    share = sum(y.parameters for y in frozen) / total
    yield Finding(
        "frozen",
        "remark" if by_user else "warning",
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
