"""Unused parameters: layers that are made and never called."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence


def look(evidence: Evidence) -> Iterator[Finding]:
    """Layers with parameters that no forward has called."""
    unused = [y for y in evidence.layers if y.depth is None and y.parameters and y.trainable]
    if not unused or not any(y.depth is not None and y.parameters for y in evidence.layers):
        return
    total = sum(y.parameters for y in evidence.layers)
    share = sum(y.parameters for y in unused) / total
    yield Finding(
        "unused_parameters",
        "warning",
        f"{len(unused)} layers are never called: {', '.join(y.name for y in unused[:5])} ({share:.0%} of all parameters).",
        "forward goes past them, so they do nothing; the network is smaller than it looks.",
        {"layers": float(len(unused)), "share": share, "threshold": 0.0},
        source="exact",
        layer=unused[0].name,
        remedies=(Remedy({}, "Call these layers in forward, or take them out.", "code"),),
        explains=("underfitting", "cut_gradient", "frozen", "slow_layer"),
        refuted_by="A call of these layers while training.",
    )
