"""Wrong parameters: the optimizer holds others than those of the network, or not all of them."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

LISTED = Remedy(
    {}, "Keep the layers in an nn.ModuleList or nn.ModuleDict instead of a plain list or dictionary.", "code"
)
HANDED = Remedy({}, "Give the optimizer network.parameters() of this very network, after it is complete.", "code")


def look(evidence: Evidence) -> Iterator[Finding]:
    """Layers in a plain list, parameters that no optimizer holds, and parameters of another network."""
    hidden = evidence.before.get("parameters", {}).get("hidden", [])
    if hidden:
        yield _finding(
            f"The network keeps layers in a plain list or dictionary ({', '.join(hidden[:5])}), where torch does not see them.",
            {"attributes": float(len(hidden)), "threshold": 0.0},
            LISTED,
            hidden[0],
        )
    left_out = evidence.loop.get("unoptimized") or []
    frozen = set(evidence.loop.get("frozen") or [])
    left_out = [name for name in left_out if name not in frozen]
    if left_out:
        yield _finding(
            f"{len(left_out)} parameters are in no optimizer: {', '.join(left_out[:5])}.",
            {"parameters": float(len(left_out)), "threshold": 0.0},
            HANDED,
            left_out[0].rpartition(".")[0] or None,
        )
    elif foreign := evidence.loop.get("foreign", 0):
        yield _finding(
            f"The optimizer holds {foreign} parameters that are not the network's.",
            {"parameters": float(foreign), "threshold": 0.0},
            HANDED,
            None,
        )


def _finding(what: str, numbers: dict[str, float], remedy: Remedy, layer: str | None) -> Finding:
    return Finding(
        "wrong_parameters",
        "alarm",
        what,
        "What the optimizer does not hold keeps its first numbers.",
        numbers,
        source="exact",
        layer=layer,
        remedies=(remedy,),
        explains=(
            "frozen",
            "slow_layer",
            "underfitting",
            "rate_too_low",
            "no_steps",
            "unfinished",
            "predicts_mean",
            "dead_units",
        ),
        refuted_by="All parameters are in the optimizer.",
    )
