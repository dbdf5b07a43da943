"""Inputs unscaled: their mean or deviation is far from 0 and 1."""

from collections.abc import Iterator
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called
from deepglass.probes.evidence import Evidence

# Initial weights (Glorot and Bengio 2010; He et al. 2015) keep the signal at 1 for inputs of deviation 1. From 10 on, sigmoid
# and tanh stand at their ends; under 0.01, biases of that size hide the signal. Sound sets that train unscaled: digits 0 to 16
# (root mean square 8), pixels 0 to 1 (0.3).
LARGE, SMALL = 10.0, 0.01
OFFSET = 10.0  # mean over deviation: the offset carries 99 % of the signal's power
NORMS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm")
SATURATED = 0.5  # of the first activation, the share that is flat


def look(evidence: Evidence) -> Iterator[Finding]:
    """Size and offset of the inputs as they reach the network; certain where the first activations are flat as well."""
    for name, field in evidence.before.get("inputs", {}).items():
        if "std" not in field or field["kind"] == "category" or field.get("distinct") == 0:
            continue
        if _is_brought_back(evidence):
            return
        size = (field["mean"] ** 2 + field["std"] ** 2) ** 0.5
        offset = _offset(field)
        if SMALL <= size <= LARGE and offset <= OFFSET:
            continue
        flat = _first_saturated(evidence)
        numbers = {
            "size": size,
            "largest_allowed": LARGE,
            "smallest_allowed": SMALL,
            "offset": offset,
            "offset_allowed": OFFSET,
        }
        seen = f" The first activation is flat for {flat:.0%} of its outputs." if flat >= SATURATED else ""
        remedies = (Remedy({"data.scaling": "standard"}, "Bring the inputs to mean 0 and deviation 1."),)
        if field["scaling"] != "none":
            remedies = (Remedy({}, "See why scaled inputs are of that size.", "data"),)
        yield Finding(
            "inputs_unscaled",
            "alarm" if flat >= SATURATED else "warning",
            f"The input {name!r} has a mean of {field['mean']:.4g} and a deviation of {field['std']:.4g} when it reaches the "
            f"network, from {field['min']:.4g} to {field['max']:.4g}.{seen}",
            "Initial weights and usual rates are made for numbers near 1; with others units saturate, or steps are too long.",
            {**numbers, "first_activation_saturated": flat},
            source="LeCun et al., Efficient BackProp, 1998, section 4.3; calibration.md",
            column=name,
            remedies=remedies,
            explains=EXPLAINS,
            refuted_by="The same training with data.scaling=standard is no better.",
            strength=min(1.0, 0.5 + flat),
        )


def _is_brought_back(evidence: Evidence) -> bool:
    """Whether a norm stands right after the first layer, which takes scale and offset out again."""
    layers = called(evidence)
    first = next((n for n, y in enumerate(layers) if y.parameters), None)
    follows = layers[first : first + 2] if first is not None else []
    return any(y.kind.startswith(NORMS) for y in follows)


def _offset(field: dict[str, Any]) -> float:
    """The largest part of the columns that lies far from 0 for its width: the median, so that one odd column does not count."""
    columns = sorted(abs(c["mean"]) / c["std"] for c in field.get("columns", []) if c["std"] > 0)
    if not columns:
        return abs(field["mean"]) / field["std"] if field["std"] > 0 else 0.0
    return float(columns[len(columns) // 2])


def _first_saturated(evidence: Evidence) -> float:
    flat = at_start(evidence, "saturated")
    first = next((y for y in called(evidence) if y.is_activation), None)
    return flat.get(first.name, 0.0) if first is not None else 0.0


OF_INPUTS = (  # what comes of inputs that no usual weights and rates suit
    "saturated_units",
    "dead_units",
    "vanishing",
    "exploding",
    "rate_too_high",
    "rate_too_low",
    "underfitting",
    "unfinished",
    "slow_layer",
    "weights_too_large",
    "predicts_mean",
)
EXPLAINS = (*OF_INPUTS, "weights_too_small")
