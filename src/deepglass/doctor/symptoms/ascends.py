"""Ascends: the loss is made large instead of small."""

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import LITTLE, OF_FINDING, standing
from deepglass.doctor.trend import course, finite, first_loss, training_curve, update_ratios
from deepglass.probes.evidence import Evidence

GREW = 1.5  # times its start that the loss has come to
STEADY = 0.8  # share of the parts of the training in which it rose; a loss that is thrown about rises in about half
UPHILL = 0.8  # share of the steps looked at that were promised to make the loss larger
FELL = (
    0.1  # of its start, that is left of a loss which nobody can name, while a score of what is found comes to nothing
)
ERRORS = 4.0  # standard errors under the share of the rarest class: by chance once in 30,000 times
MODERATE = 0.05  # of the weights in a step: longer ones make any loss rise, see rate_too_high


def look(evidence: Evidence) -> Iterator[Finding]:
    """A loss that rises steadily by moderate steps; or one that was below 0 from the start, falls on, and leaves answers wrong."""
    levels = finite(course(evidence)) if evidence.losses else training_curve(evidence)
    first = first_loss(evidence)
    if len(levels) < 4:
        return
    rises = sum(b > a for a, b in pairwise(levels)) / (len(levels) - 1)
    slopes = finite(evidence.series("slope_before").values)
    ratios = update_ratios(evidence)
    uphill = sum(s > 0 for s in slopes) / len(slopes) if slopes else None
    wrong_way = _answers_against(evidence) if rises >= STEADY else None
    moderate = not ratios or median(ratios[:6]) < MODERATE
    if (
        first > 0
        and levels[-1] > GREW * first
        and ((rises >= STEADY and moderate and (uphill is None or uphill >= UPHILL)) or wrong_way)
    ):
        yield _finding(
            f"The loss rises steadily, from {first:.3g} to {levels[-1]:.3g}, by moderate steps"
            + (
                f"; {wrong_way:.1%} of the training examples are answered rightly, less than one class for all would get."
                if wrong_way
                else f"; {uphill:.0%} of the steps looked at went up the slope."
                if uphill is not None
                else "."
            ),
            {"first_loss": first, "last_loss": levels[-1], "rising_share": rises, "threshold": STEADY},
            (Remedy({}, "Take the minus out of the loss, or maximize=True out of the optimizer.", by="code"),),
            1.0 if uphill is not None else 0.8,
        )
    elif first < 0 and levels[-1] < GREW * first and 1 - rises >= STEADY and _answers_are_wrong(evidence):
        named = setting(evidence, "task.loss")
        yield _finding(
            f"The loss was {first:.3g} from the start and falls without end, to {levels[-1]:.3g}, while the answers are no better "
            "than constant ones.",
            {"first_loss": first, "last_loss": levels[-1], "threshold": 0},
            (
                Remedy({}, "Take the minus out of the loss: a mean of errors is never below 0.", by="code"),
                *([] if named in (None, "auto") else [Remedy({"task.loss": "auto"}, "The loss that fits the target.")]),
            ),
            0.9,
        )

    elif 0 <= levels[-1] < FELL * first and evidence.losses and not evidence.before.get("output"):
        yield from _by_a_score(evidence, first, levels[-1])


def _by_a_score(evidence: Evidence, first: float, last: float) -> Iterator[Finding]:
    """Of a loop with a loss of its own: it falls to nothing, and with it the score of what is found."""
    for metric in OF_FINDING:
        scores = evidence.curve("validation", metric)
        if scores and max(scores[len(scores) // 2 :]) < LITTLE and scores[-1] <= scores[0]:
            yield _finding(
                f"The loss fell from {first:.3g} to {last:.3g}, and the validation {metric} is {scores[-1]:.3g}: what is made "
                "small is a score that should be large.",
                {"first_loss": first, "last_loss": last, metric: scores[-1], "threshold": LITTLE},
                (Remedy({}, "Minimize 1 minus the score, or the score with a minus.", by="code"),),
                0.7,
            )
            return


def _answers_against(evidence: Evidence) -> float | None:
    """The share of training examples that are answered rightly, where chance does not explain that it is so small: whoever knows
    nothing, and gives one class to all, is right about as many as the rarest class has. None where it may be chance."""
    judged, counts = evidence.before.get("judged", {}), evidence.before.get("target", {}).get("counts") or []
    known = [count for count in counts if count]
    if "accuracy" not in judged or len(known) < 2:
        return None
    rarest = min(known) / sum(known)
    error = math.sqrt(rarest * (1 - rarest) / judged["rows"])
    return judged["accuracy"] if judged["accuracy"] < rarest - ERRORS * error else None


def _answers_are_wrong(evidence: Evidence) -> bool:
    how = standing(evidence)
    if how.metric and how.metric != "loss":
        return how.is_poor
    scores = [value for value in evidence.curve("validation", "accuracy") if value == value]
    return bool(scores) and scores[-1] <= scores[0]


def _finding(what: str, numbers: dict[str, float], remedies: tuple[Remedy, ...], strength: float) -> Finding:
    return Finding(
        "ascends",
        "alarm",
        what=what,
        why="An optimizer makes small what it is given. With the sign turned round, it learns to be as wrong as it can.",
        evidence=numbers,
        source="exact where slopes were looked at: the step times the gradient is above 0",
        remedies=remedies,
        explains=(
            "rate_too_high",
            "exploding",
            "oscillating",
            "predicts_mean",
            "class_never_predicted",
            "underfitting",
            "overfitting",
            "not_finite",
            "metric_disagrees",
            "dead_units",
            "unfinished",
        ),
        refuted_by="The loss falls when its sign is turned round, and the answers are as bad.",
        strength=strength,
    )
