"""Gradients not cleared: those of earlier steps are added to those of this one."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

NEARLY_ALL = 0.9  # of the steps looked at; a loop that clears them now and then does it on purpose
FEWEST = 2  # steps looked at


def look(evidence: Evidence) -> Iterator[Finding]:
    """Gradients of the step before still stood there when the first backward pass of a step began.

    Several backward passes a step, cleared after it, are gradients summed on purpose, and are not counted.
    """
    checked, left = evidence.loop.get("checked_for_leftovers", 0), evidence.loop.get("leftovers", 0)
    if checked < FEWEST or left < NEARLY_ALL * checked:
        return
    norms = evidence.series("gradient_norm")
    grew = f" The gradient grew from {norms.values[0]:.3g} to {norms.values[-1]:.3g}." if len(norms) > 1 else ""
    yield Finding(
        "gradients_not_cleared",
        "alarm",
        what=f"At {left} of {checked} steps looked at, the gradients of the step before were still there.{grew}",
        why="Every step then follows the sum of all gradients since the beginning: steps grow, and "
        "point to where the slope once was.",
        evidence={"leftovers": left, "checked": checked, "threshold": NEARLY_ALL},
        source="exact: gradients were read before each backward pass",
        remedies=(Remedy({}, "Call optimizer.zero_grad() before loss.backward(), in every step.", by="code"),),
        explains=EXPLAINS,
        refuted_by="Gradients are None or 0 before each backward pass.",
    )


EXPLAINS = (
    "rate_too_high",
    "momentum_too_high",
    "exploding",
    "oscillating",
    "not_finite",
    "dead_units",
    "saturated_units",
    "predicts_mean",
    "class_never_predicted",
    "underfitting",
    "unfinished",
    "overfitting",
    "ascends",
    "batch_too_small",
)
