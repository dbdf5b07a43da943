"""Unfinished: training ends while it still gains."""

from collections.abc import Iterator
from itertools import pairwise

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.doctor.trend import gain_lacking, is_lacking, training_curve, weighs_classes
from deepglass.probes.evidence import Evidence

GAINED = (
    0.1  # of the constant answer's loss (else of the first epoch's), and of itself, that the last quarter has taken off
)
FEWEST = 3  # epochs
ROOM = 0.25  # of the way to the best possible score, that is left
AMONG_THE_BEST = 1.02  # the last loss over the lowest
SLOWLY = 0.02  # of the first loss, that the last quarter took off where a cheap model is far ahead (BEHIND)
BEHIND = 0.25  # of the way to perfection
# The same, where every epoch was better, in training and in validation, and the last quarter took off more than a usual one.
LEAST = 0.01
AS_BEFORE = 0.5  # of what a quarter took off on average: it has not slowed down, as it would near its end
LONGER = 8  # times the epochs


def look(evidence: Evidence) -> Iterator[Finding]:
    """The last quarter took off a tenth of a constant answer's loss, the last epoch was among the best, and there is room."""
    split = "validation" if evidence.has("validation") else "train"
    curve = [v for v in evidence.curve(split) if v == v] or training_curve(evidence)
    asked = setting(evidence, "recipe.epochs", len(evidence.epochs))
    if len(curve) < FEWEST or len(evidence.epochs) < asked or not min(curve) > 0:
        return
    how = standing(evidence)
    told = how.metric not in ("", "loss") and not weighs_classes(evidence)
    room = 1 - how.gain if told else curve[-1] / curve[0]
    quarter = max(1, len(curve) // 4)
    level = evidence.before.get("baselines", {}).get("loss", {}).get("constant") or curve[0]
    gained = (curve[-1 - quarter] - curve[-1]) / min(level, curve[0])
    fell = curve[-1 - quarter] - curve[-1]
    enough = gained >= GAINED and curve[-1] <= (1 - GAINED) * curve[-1 - quarter]
    if (
        not (enough or (told and _goes_on(evidence, curve, fell)))
        or curve[-1] > AMONG_THE_BEST * min(curve)
        or not ((told and is_lacking(evidence)) or room > ROOM)
    ):
        return
    epochs = LONGER * len(evidence.epochs)
    last = evidence.epochs[-1]["epoch"] if evidence.epochs else None
    parts = "epochs" if evidence.epochs else "parts of the training"
    yield Finding(
        "unfinished",
        "warning",
        what=f"The last {quarter} of {len(curve)} {parts} still took the {split} loss down by "
        f"{gained:.0%} of where a constant answer stands; it ended at {curve[-1]:.3g}, its lowest.",
        why="It was stopped on its way; what it can reach is not known yet.",
        evidence={"gained": gained, "threshold": GAINED, "room": room},
        source="slope of the last quarter (SageMaker Debugger's loss rules ask for .1 % a window); "
        "threshold: benchmarks/doctor/calibration.md",
        epoch=last,
        remedies=(
            Remedy(
                {"recipe.epochs": epochs}, f"{epochs} epochs; early stopping ends it when nothing is gained any more."
            )
            if evidence.settings
            else Remedy({}, f"Train {LONGER} times as long.", by="code"),
        ),
        explains=("underfitting", "class_never_predicted"),
        refuted_by="Twice the epochs gain nothing.",
        strength=min(1.0, gained / 0.5),
    )


def _goes_on(evidence: Evidence, curve: list[float], fell: float) -> bool:
    """Whether a run far behind a cheap model still falls about as fast as it always did."""
    quarters = len(curve) / max(1, len(curve) // 4)
    usual = (curve[0] - curve[-1]) / quarters
    is_faster = (
        fell > usual and fell >= LEAST * curve[0] and _only_falls(curve) and _only_falls(training_curve(evidence))
    )
    goes_on = fell >= SLOWLY * curve[0] and fell >= AS_BEFORE * usual
    return gain_lacking(evidence) > BEHIND and (goes_on or is_faster)


def _only_falls(curve: list[float]) -> bool:
    return all(b < a for a, b in pairwise(curve))
