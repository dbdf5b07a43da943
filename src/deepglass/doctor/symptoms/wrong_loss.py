"""Wrong loss: it is made for another task, or takes another kind of output."""

from collections.abc import Iterator
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

# Classes whose names are numbers count as quantities where all hold (calibration.md; digits: r2 0.55, accuracy 0.96, off by 1.2).
MANY = 12  # classes
LINEAR = 0.3  # r2 of a linear model that takes the names for numbers
UNSURE = 0.5  # at most so much accuracy by the best cheap model
NEAR = 0.8  # where it is wrong, it is less off than this share of a mixed answer


def look(evidence: Evidence) -> Iterator[Finding]:
    """A named loss against output and target, and classes that behave like quantities."""
    output, labels = evidence.before.get("output", {}), evidence.before.get("labels", {})
    target = evidence.before.get("target", {})
    if output and not output["own_loss"]:
        yield from _named(output)
        yield from _over_the_batch(output)
        yield from _outside(output, target)
    many = output.get("target") == "category" and output["classes"] >= MANY
    alike = labels.get("as_number", 0.0) >= LINEAR and labels["accuracy"] <= UNSURE and labels["within"] <= NEAR
    if many and alike:
        yield _finding(
            "warning",
            f"The {output['classes']} classes are numbers that behave like a quantity: a plane explains "
            f"{labels['as_number']:.0%} of their variance, while classes are told apart in {labels['accuracy']:.0%} only, and "
            "mistaken for their neighbours.",
            "Cross-entropy takes 12 for as wrong as 40 where 13 is right, and needs examples of every single number.",
            {"as_number": labels["as_number"], "accuracy": labels["accuracy"], "threshold": LINEAR},
            (
                Remedy(
                    {"data.kinds": {target.get("name", "y"): "number"}},
                    "Give the target as numbers: regression.",
                    "data",
                ),
            ),
        )


def _over_the_batch(output: dict[str, Any]) -> Iterator[Finding]:
    if output.get("softmax_axis") == 0 and output["target"] == "category" and output["outputs"] > 1:
        yield _finding(
            "alarm",
            f"The softmax shares out over axis 0, the {output['softmax_size']} examples of a batch, instead of over the classes.",
            "An example's probabilities then depend on who is in its batch, and the classes do not compete.",
            {"axis": 0.0, "threshold": 1.0},
            (Remedy({}, "Take dim=1, or leave it to cross_entropy.", "code"),),
        )


def _outside(output: dict[str, Any], target: dict[str, Any]) -> Iterator[Finding]:
    """A cross-entropy of targets that are no probabilities; classes that are written otherwise are `labels_encoded_wrongly`."""
    low, high = target.get("min"), target.get("max")
    is_of_two = str(output["loss"]).startswith("binary_cross_entropy")
    if not is_of_two or target.get("kind") != "number" or low is None or high is None or (low >= 0 and high <= 1):
        return
    yield _finding(
        "alarm",
        f"The loss {output['loss']} takes targets from 0 to 1, and these go from {low:.3g} to {high:.3g}.",
        "A target outside has no best answer: the loss falls below 0 without end, and answers grow with it.",
        {"least": float(low), "most": float(high), "threshold": 1.0},
        (Remedy({"task.loss": "auto"}, "A loss for numbers, such as mse."),),
    )


def _named(output: dict[str, object]) -> Iterator[Finding]:
    takes, gives, loss = output["takes"], output["gives"], output["loss"]
    auto = Remedy({"task.loss": "auto"}, "Take the loss that was made for this output and target.")
    plain = Remedy(
        {"network.output_activation": "none", "task.loss": "auto"}, "Give plain scores, and the loss for these."
    )
    if takes in ("probabilities", "log_probabilities") and gives != takes:
        given = str(gives).replace("_", "-")
        yield _finding(
            "alarm",
            f"The loss {loss} takes {str(takes).replace('_', '-')}, and the network gives {given}.",
            "Their logarithms mean nothing then, and are not defined below 0.",
            {"takes": str(takes), "gives": str(gives)},
            (auto, plain),
        )
    elif takes == "scores" and loss != "multi_margin" and gives in ("probabilities", "log_probabilities"):
        yield _finding(
            "alarm",
            f"The loss {loss} asks for scores of either sign, and {output['last_layer']} gives one sign only.",
            "One of the sides can never be answered.",
            {"takes": "scores", "gives": str(gives)},
            (auto, plain),
        )
    elif output["loss_for"] == "number" and output["target"] in ("category", "labels"):
        yield _finding(
            "remark",
            f"Classes are learned with {loss}, a loss for numbers.",
            "A squared error hardly moves a probability that is confidently wrong, and punishes a score better than right.",
            {"loss": str(loss)},
            (auto,),
        )


def _finding(
    severity: str, what: str, why: str, numbers: dict[str, float | str], remedies: tuple[Remedy, ...]
) -> Finding:
    return Finding(
        "wrong_loss",
        severity,
        what,
        why,
        numbers,
        source="Goodfellow et al., Deep Learning, 2016, section 6.2.2",
        remedies=remedies,
        explains=(
            "underfitting",
            "predicts_mean",
            "overfitting",
            "unfinished",
            "rate_too_low",
            "class_never_predicted",
            "log_of_zero",
            "saturated_units",
            "vanishing",
            "metric_disagrees",
            "dead_units",
            "ascends",
            "rate_too_high",
            "exploding",
            "labels_encoded_wrongly",
            "oscillating",
        ),
        refuted_by="The same training with task.loss=auto is no better.",
    )
