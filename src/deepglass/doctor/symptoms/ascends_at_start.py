"""Ascends, told at the start: a loss of one's own is larger for right answers than for wrong ones."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

CLEARLY = 0.1  # of their size: right and wrong answers differ by more than their rounding


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the loss said of sure right and sure wrong answers before the first step."""
    own = evidence.before.get("own_loss", {})
    right, wrong = own.get("right"), own.get("wrong")
    if right is None or wrong is None or not right - wrong > CLEARLY * (abs(right) + abs(wrong)):
        return
    yield Finding(
        "ascends",
        "alarm",
        f"The loss of right answers is {right:.4g}, that of wrong ones {wrong:.4g}: what makes it small makes answers wrong.",
        "Training makes the loss small, and so the answers as wrong as it can.",
        {"right": right, "wrong": wrong, "threshold": CLEARLY},
        source="exact: a loss is least for right answers",
        remedies=(
            Remedy({}, "Change the sign of the loss.", "code"),
            Remedy({"task.loss": "auto"}, "Take the named loss for this target."),
        ),
        explains=(
            "exploding",
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
