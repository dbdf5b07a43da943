"""Trained: how the validation score of a run stands beside its training score."""

from deepglass.doctor.standing import is_small_good
from deepglass.probes.evidence import Evidence

# The validation score is clearly worse: of r2 or accuracy by so much, of an error or a loss by so large a share.
BEHIND, BEHIND_SHARE = 0.1, 0.3
# How far the rows that a loop judges by may lie from those that it trains on: deviations of the middle column's mean (a split by
# chance of 100 rows reaches 0.2), and the quotient of the deviations, either way. See symptoms.validation_shift and calibration.md.
SHIFTED, WIDER = 1.0, 3.0


def is_asked_alike(evidence: Evidence) -> bool:
    """Whether a loop judges by rows that lie like those it trains on; False where nobody has seen them."""
    asked = evidence.before.get("asked", {})
    return "shift" in asked and asked["shift"] <= SHIFTED and 1 / WIDER <= asked["widths"] <= WIDER


def falls_behind(evidence: Evidence) -> bool:
    """Whether validation is clearly worse than training at the last epoch, by accuracy, r2, or else the loss."""
    for metric in ("accuracy", "r2", "loss"):
        train, other = evidence.curve("train", metric), evidence.curve("validation", metric)
        pairs = [(a, b) for a, b in zip(train, other) if a == a and b == b]
        if pairs:
            a, b = pairs[-1]
            return b > a * (1 + BEHIND_SHARE) if is_small_good(metric) else a - b > BEHIND
    return False
