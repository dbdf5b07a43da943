"""Ascends, told at the start: a loss of one's own is larger for right answers than for wrong ones."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

CLEARLY = 0.1  # of their size: right and wrong answers differ by more than their rounding


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the loss said of sure right and sure wrong answers before the first step; of a loop, the sign that the graph shows."""
    yield from _of_a_loop(evidence)
    own = evidence.before.get("own_loss", {})
    right, wrong = own.get("right"), own.get("wrong")
    if right is None or wrong is None or not right - wrong > CLEARLY * (abs(right) + abs(wrong)):
        return
    yield _finding(
        f"The loss of right answers is {right:.4g}, that of wrong ones {wrong:.4g}: what makes it small makes answers wrong.",
        {"right": right, "wrong": wrong, "threshold": CLEARLY},
    )


def _of_a_loop(evidence: Evidence) -> Iterator[Finding]:
    """A known loss that counts with a minus, or an optimizer that maximizes one; both together are as good as neither."""
    output = evidence.before.get("output", {})
    turned, maximizes = output.get("sign") == -1, bool(evidence.loop.get("optimizer", {}).get("maximize"))
    if (
        "sign" not in output
        or output["loss"] == "own"
        or turned == maximizes
        or (output.get("by_hand") and standing(evidence).is_well)
    ):
        return  # a squared difference may be a part of a longer formula
    yield _finding(
        f"What is made small is minus the {output['loss']}."
        if turned
        else f"The optimizer makes the {output['loss']} large: maximize=True.",
        {"sign": -1.0 if turned else 1.0, "maximizes": float(maximizes), "threshold": 0.0},
    )


def _finding(what: str, numbers: dict[str, float]) -> Finding:
    return Finding(
        "ascends",
        "alarm",
        what,
        "Training makes the loss small, and so the answers as wrong as it can.",
        numbers,
        source="exact: a loss is least for right answers",
        remedies=(
            Remedy({}, "Change the sign of the loss.", "code"),
            Remedy({"task.loss": "auto"}, "Take the named loss for this target."),
        ),
        explains=(
            "exploding",
            "not_finite",
            "rate_too_high",
            "underfitting",
            "class_never_predicted",
            "predicts_mean",
            "metric_disagrees",
            "labels_shuffled",
            "overfitting",
            "output_range",
            "saturated_units",
            "labels_encoded_wrongly",
            "unfinished",
            "dead_units",
        ),
        refuted_by="A loss that is smaller for right answers.",
    )
