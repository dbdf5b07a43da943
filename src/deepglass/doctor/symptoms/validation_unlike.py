"""Validation unlike training, told from curves: validation never fell, while training fell from the start."""

from collections.abc import Iterator
from math import isnan

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trained import is_asked_alike
from deepglass.doctor.trend import first_loss, training_curve
from deepglass.probes.evidence import Evidence

FEWEST = 4  # epochs
NEVER_FELL = 0.9  # the lowest validation loss over the loss before training
FELL = 0.3  # the training loss in the end over the loss before training


def look(evidence: Evidence) -> Iterator[Finding]:
    """Nothing of what is learned holds for the validation examples. Silent where the splits themselves
    were compared, and where the loss before the first epoch is not known."""
    validation = [v for v in evidence.curve("validation") if not isnan(v)]
    train, first = training_curve(evidence), first_loss(evidence)
    if (
        evidence.has("splits")
        or is_asked_alike(evidence)
        or not evidence.losses
        or len(validation) < FEWEST
        or not train
        or not first > 0
    ):
        return
    if train[-1] > FELL * first or min(validation) < NEVER_FELL * first:
        return
    yield Finding(
        "validation_shift",
        "warning",
        what=f"The training loss fell from {first:.3g} to {train[-1]:.3g}; the validation loss was never "
        f"below {min(validation):.3g}.",
        why="What holds for the training examples does not hold for these: they come from elsewhere, were prepared in another way, "
        "or there is nothing in common to learn.",
        evidence={"lowest_validation": min(validation), "first_loss": first, "threshold": NEVER_FELL * first},
        source="thresholds: benchmarks/doctor/calibration.md",
        remedies=(
            Remedy(
                {},
                "Mix all examples before they are split, and prepare both parts by the same code, fitted on training.",
                by="data",
            ),
            Remedy(
                {}, "See whether labels belong to their examples, and whether training holds all classes.", by="data"
            ),
        ),
        explains=("overfitting", "metric_disagrees"),
        refuted_by="A part of the training examples that was held back is answered as badly: then it is overfitting.",
        strength=0.7,
    )
