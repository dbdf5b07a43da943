"""Wrong parameters: the optimizer holds others than those of the network, or not all of them."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trend import learning
from deepglass.probes.evidence import Evidence

LISTED = Remedy(
    {}, "Keep the layers in an nn.ModuleList or nn.ModuleDict instead of a plain list or dictionary.", "code"
)
STEPPED = Remedy({}, "Call step() of every optimizer, and give all parts of the network a rate above 0.", "code")
FEWEST = 3  # looks that saw a layer's step
ENOUGH = 1e-3  # of the gradient, over its weights, of a layer that is moved: smaller ones may be lost in rounding
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
    elif left_behind := _left_behind(evidence):
        yield _finding(
            f"{len(left_behind)} layers have gradients and are never moved, by a single bit, at any step looked at, while others "
            f"are: {', '.join(left_behind[:5])}.",
            {"layers": float(len(left_behind)), "threshold": 0.0},
            STEPPED,
            left_behind[0],
        )


def _left_behind(evidence: Evidence) -> list[str]:
    """Of a loop: layers that learn, whose optimizer never steps or has a rate of 0."""
    if not evidence.loop:
        return []
    names = [y.name for y in learning(evidence)]
    steps = {n: evidence.series("update_norm", n).values for n in names}
    slopes = {n: _slope(evidence, n) for n in names}
    moved = [slopes[n] for n in names if any(value > 0 for value in steps[n])]
    enough = ENOUGH * max(moved, default=math.inf)
    still = [n for n in names if len(steps[n]) >= FEWEST and not any(steps[n]) and slopes[n] > enough]
    return [
        n for n in still if len(set(evidence.series("fingerprint", n).values)) == 1
    ]  # with biases, which may move alone


def _slope(evidence: Evidence, name: str) -> float:
    """The gradient of a layer over its weights, in the middle."""
    weights = evidence.series("weight_norm", name)
    found = [g / w for step, g in evidence.series("gradient_norm", name) if (w := weights.at(step))]
    return median(found) if found else 0.0


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
