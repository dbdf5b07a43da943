"""Label noise: a part of the labels is wrong."""

import math
from collections.abc import Iterator
from math import isnan

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.standing import standing
from deepglass.doctor.trained import is_asked_alike
from deepglass.doctor.trend import LACKING, gain_lacking, training_curve
from deepglass.probes.evidence import Evidence

SUSPECT = 0.15  # share of the training labels that contradict a confident cheap model
AGREES = 0.5  # the network is wrong about at least so many of the training examples, over the suspects
ROSE = 1.03  # validation loss in the end over its lowest
ERRORS = 3.0  # standard errors, by which more of the unseen examples are right: by chance once in 700 times
BETTER = 0.1  # and by so much of accuracy: training examples that are changed at random are a little harder
FEW_ROWS = 64  # of validation, where nobody knows how many there are: what a loop keeps of each call
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
    if suspects >= SUSPECT and (unseen := _cheaply_better(evidence)):
        yield _finding(
            evidence,
            f"and cheap models answer {unseen:.0%} of the validation examples as they are labelled, but {labels['accuracy']:.0%} "
            "of the training examples that they had not learned from.",
            {"right_on_validation": unseen, "right_in_folds": labels["accuracy"]},
        )
        return
    if suspects >= SUSPECT and right and (unseen := _better_on_unseen(evidence, right[-1])):
        yield _finding(
            evidence,
            f"and the network answers {unseen:.0%} of unseen examples as they are labelled, but {right[-1]:.0%} of those "
            "that it was trained on.",
            {"wrong_in_training": 1 - right[-1], "right_on_unseen": unseen},
        )
        return
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
    yield _finding(
        evidence,
        f"and the network is wrong about {wrong:.0%} of the training examples, while validation loss has risen from "
        f"{lowest:.3g} to {curve[-1]:.3g}.",
        {"wrong_in_training": wrong, "rose": curve[-1] / lowest},
    )


def _cheaply_better(evidence: Evidence) -> float:
    """The share of validation examples that the best cheap model gets right, where it is more than chance above that of
    training examples that were left out of its learning; else 0.

    Both are rows that it has not seen, drawn alike: a difference says that training rows are labelled worse. Rows in both parts,
    and parts that differ, would explain it too.
    """
    labels, splits = evidence.before.get("labels", {}), evidence.before.get("splits", {})
    known = evidence.before.get("baselines", {}).get("accuracy", {})
    rows = splits.get("sizes", {}).get("validation", 0)
    target = evidence.before.get("target", {})
    judged = target.get("validation_counts") or [0]
    if "best" not in known or rows < FEW_ROWS // 2 or min(judged) == 0 or splits.get("drift"):
        return 0.0
    if any(row["severity"] != "remark" for row in evidence.before.get("leakage", {}).get("rows", [])):
        return 0.0
    share = known["best"]
    error = math.hypot(labels["error"], math.sqrt(max(share * (1 - share), 0.25 / rows) / rows))
    # Beside what the commonest class gives in either part.
    gap = share - max(judged) / sum(judged) - labels["accuracy"] + max(target["counts"]) / sum(target["counts"])
    return share if gap > max(ERRORS * error, BETTER) else 0.0


def _better_on_unseen(evidence: Evidence, trained: float) -> float:
    """The validation accuracy, where it is above that of the training examples by more than chance; else 0.

    Nobody knows what was never seen better than what was, unless what was seen is labelled worse. Dropout, which makes training
    scores lower, is left out, and so is a loop that judges by other rows than it trains on.
    """
    scores = [v for v in evidence.curve("validation", "accuracy") if not isnan(v)]
    judged = evidence.before.get("judged", {})
    if not scores or scores[-1] > 1 or (any("Dropout" in y.kind for y in evidence.layers) and "accuracy" not in judged):
        return 0.0
    if not evidence.settings and not is_asked_alike(evidence):
        return 0.0
    rows = evidence.before.get("splits", {}).get("sizes", {}).get("validation") or FEW_ROWS
    error = math.sqrt(max(trained * (1 - trained), 0.25 / rows) / rows)
    return scores[-1] if scores[-1] > trained + max(ERRORS * error, BETTER) else 0.0


def _finding(evidence: Evidence, seen: str, numbers: dict[str, float | str]) -> Finding:
    labels = evidence.before.get("labels", {})
    suspects, rows = labels["suspects"], labels.get("suspect_ids", [])
    return Finding(
        "label_noise",
        "warning",
        what=f"{suspects:.0%} of the training labels contradict what a confident model says of their inputs, {seen}"
        + (f" Look at rows {', '.join(map(str, rows[:10]))} first." if rows else ""),
        why="Wrong labels cannot be told from the inputs; what is learned of them makes other answers worse.",
        evidence={"suspects": suspects, "threshold": SUSPECT, **numbers},
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
