"""Output range: the last layer cannot give the numbers that are asked for."""

from collections.abc import Iterator
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

# A classifier that ends in one of these cannot say what it should.
SQUASHING = ("tanh", "hardtanh", "scaledtanh")
HALVED = ("relu", "softplus")


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the last layer gives against the target, both as the loss sees them."""
    output, target = evidence.before.get("output", {}), evidence.before.get("target", {})
    if not output:
        return
    last = output["last_layer"].lower().replace("_", "")
    if output["target"] == "number":
        yield from _of_number(output, target)
    elif output["loss"] == "multi_margin" and output["low"] is not None and output["high"] is not None:
        yield _finding(
            f"{output['last_layer']} keeps scores between {output['low']:g} and {output['high']:g}, and the loss wants the right "
            "one to lead by 1: it never gets all of that.",
            {"low": output["low"], "high": output["high"]},
            "warning",
        )
    elif last in HALVED:
        yield _finding(
            f"A classifier that ends in {output['last_layer']}: no score can be below 0.",
            {"low": 0.0},
            "warning",
        )
    elif last in SQUASHING and output["takes"] == "logits":
        yield _finding(
            f"{output['last_layer']} keeps the logits between {output['low']:g} and {output['high']:g}, so no class gets a "
            "probability near 1.",
            {"low": output["low"], "high": output["high"]},
            "warning",
        )
    elif last == "sigmoid" and output["outputs"] > 1 and output["takes"] == "probabilities" and output["classes"]:
        yield _finding(
            f"{output['outputs']} sigmoids do not sum to 1, and the loss looks at the right class alone: nothing pushes down the "
            "wrong ones.",
            {"outputs": float(output["outputs"])},
            "warning",
            Remedy({"network.output_activation": "softmax"}, "Let one class win at the expense of the others."),
        )


def _of_number(output: dict[str, Any], target: dict[str, Any]) -> Iterator[Finding]:
    low, high = output["low"], output["high"]
    if (low is None and high is None) or "min" not in target:
        return
    low, high = -float("inf") if low is None else low, float("inf") if high is None else high
    if target["min"] >= low and target["max"] <= high:
        return
    yield _finding(
        f"{output['last_layer']} gives numbers from {low:g} to {high:g}, and the targets run from {target['min']:.4g} to "
        f"{target['max']:.4g} as the loss sees them.",
        {"low": low, "high": high, "target_min": target["min"], "target_max": target["max"]},
        "alarm",
    )


def _finding(what: str, numbers: dict[str, float], severity: str, *first: Remedy) -> Finding:
    numbers = {name: value for name, value in numbers.items() if abs(value) != float("inf")}
    plain = Remedy({"network.output_activation": "none", "task.loss": "auto"}, "Leave the last activation out.")
    return Finding(
        "output_range",
        severity,
        what,
        "What lies outside cannot be answered, and where the activation is flat nothing is learned from it.",
        numbers,
        source="Goodfellow et al., Deep Learning, 2016, section 6.2.2",
        remedies=(*first, plain),
        explains=(
            "dead_units",
            "saturated_units",
            "predicts_mean",
            "underfitting",
            "vanishing",
            "unfinished",
            "rate_too_low",
            "wrong_loss",
            "class_never_predicted",
            "targets_unscaled",
            "overfitting",
            "slow_layer",
        ),
        refuted_by="The same training without the last activation is no better.",
    )
