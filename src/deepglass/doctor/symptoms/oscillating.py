"""Oscillating: the loss goes up and down instead of down."""

from collections.abc import Iterator
from itertools import pairwise

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trend import course, finite, is_lacking, training_curve
from deepglass.probes.evidence import Evidence

TURNS = 0.5  # share of the places between equal parts of the training where it turned; AutoTrainer asks for 20 % of the epochs
SWING = 0.3  # mean change from part to part, over the mean loss; what smooth falling does not reach with so many turns
FEWEST = 6  # parts or epochs


def look(evidence: Evidence) -> Iterator[Finding]:
    """Turns and swings of the loss, averaged over equal parts of the training. A remark: its causes are found by themselves."""
    levels = finite(course(evidence)) if evidence.losses else training_curve(evidence)
    if len(levels) < FEWEST or min(levels) <= 0 or not is_lacking(evidence):
        return
    changes = [b - a for a, b in pairwise(levels)]
    turns = sum(a * b < 0 for a, b in pairwise(changes)) / (len(changes) - 1)
    swing = sum(abs(c) for c in changes) / len(changes) / (sum(levels) / len(levels))
    if turns < TURNS or swing < SWING:
        return
    yield Finding(
        "oscillating",
        "remark",
        what=f"The loss turns at {turns:.0%} of the places looked at, and changes by {swing:.0%} from "
        "one part of the training to the next.",
        why="What one stretch gains the next one loses.",
        evidence={"turns": turns, "turns_threshold": TURNS, "swing": swing, "swing_threshold": SWING},
        source="turns of the loss: Zhang et al., AutoTrainer, ICSE 2021; on means over a twentieth of the training",
        remedies=(
            Remedy(
                {}, "Lower the learning rate or the momentum, or use larger batches: see the other findings.", by="code"
            ),
        ),
        refuted_by="Means over longer stretches fall evenly.",
        strength=min(1.0, swing),
    )
