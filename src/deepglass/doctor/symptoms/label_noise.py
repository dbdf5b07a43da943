"""Label noise: a part of the labels is wrong."""

from collections.abc import Iterator
from math import isnan

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.standing import standing
from deepglass.doctor.trend import LACKING, gain_lacking, training_curve
from deepglass.probes.evidence import Evidence

SUSPECT = 0.15  # share of the training labels that contradict a confident cheap model
AGREES = 0.5  # the network is wrong about at least so many of the training examples, over the suspects
ROSE = 1.03  # validation loss in the end over its lowest
BEFORE = 0.75  # share of the epochs by which the lowest was reached


def look(evidence: Evidence) -> Iterator[Finding]:
    """Many labels that confident learning doubts, and a network that agrees with it: validation gets worse while even the training
    examples are far from learned.

    A network that learns them all, or is still getting better, says that the cheap model was wrong. Rows to look at, no verdict.
    """
    labels = evidence.before.get("labels", {})
    suspects = labels.get("suspects", 0.0)
    right = [v for v in evidence.curve("train", "accuracy") if not isnan(v)]
    if not right and "accuracy" in (judged := evidence.before.get("judged", {})):
        right = [judged["accuracy"]]
    curve = [v for v in evidence.curve("validation") if not isnan(v)]
    if suspects < SUSPECT or not right or len(curve) < 4 or not min(curve) > 0:
        return
    if gain_lacking(evidence) > LACKING and standing(evidence).is_poor:
        return  # clearly below a cheap model, chance allowed for: then the network has another fault
    wrong, lowest = 1 - right[-1], min(curve)
    train = training_curve(evidence)
    if len(train) < len(curve) or train[-1] > train[curve.index(lowest)]:
        return  # it is not learning these examples that makes validation worse
    if wrong < AGREES * suspects or curve[-1] < ROSE * lowest or curve.index(lowest) > BEFORE * len(curve):
        return
    rows = labels.get("suspect_ids", [])
    yield Finding(
        "label_noise",
        "warning",
        what=f"{suspects:.0%} of the training labels contradict what a confident model says of their "
        "inputs, and the network is wrong "
        f"about {wrong:.0%} of the training examples, while validation loss has risen from {lowest:.3g} to {curve[-1]:.3g}."
        + (f" Look at rows {', '.join(map(str, rows[:10]))} first." if rows else ""),
        why="Wrong labels cannot be told from the inputs; what is learned of them makes other answers worse.",
        evidence={"suspects": suspects, "threshold": SUSPECT, "wrong_in_training": wrong, "rose": curve[-1] / lowest},
        source="Northcutt et al., Confident Learning, JAIR 2021; Arpit et al., A Closer Look at Memorization, ICML 2017",
        remedies=(
            Remedy({}, "Look at the rows named, and correct or leave out the labels that are wrong.", by="data"),
            *(
                [Remedy({"recipe.early_stopping": True}, "Stop before wrong labels are learned by heart.")]
                if evidence.settings
                else []
            ),
        ),
        explains=("overfitting", "underfitting", "metric_disagrees", "unfinished"),
        refuted_by="The rows named are labelled as they should be: then the classes overlap.",
        strength=min(1.0, suspects * 2),
    )
