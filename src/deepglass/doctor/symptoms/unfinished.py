"""Unfinished: training ends while it still gains."""

from collections.abc import Iterator
from itertools import pairwise
from math import nan
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.doctor.symptoms.underfitting import is_needle
from deepglass.doctor.trend import (
    USUAL_RATES,
    course,
    first_loss,
    gain_lacking,
    is_lacking,
    last_loss,
    rate,
    training_curve,
    update_ratios,
    weighs_classes,
)
from deepglass.probes.evidence import Evidence

GAINED = (
    0.1  # of the constant answer's loss (else of the first epoch's), and of itself, that the last quarter has taken off
)
FEWEST = 3  # epochs
PARTS = 8  # of a training of fewer epochs, over which its steps' losses are averaged: a quarter is two
ROOM = 0.25  # of the way to the best possible score, that is left
AMONG_THE_BEST = 1.02  # the last loss over the lowest
SLOWLY = 0.02  # of the first loss, that the last quarter took off where a cheap model is far ahead (BEHIND)
BEHIND = 0.25  # of the way to perfection
# The same, where every epoch was better, in training and in validation, and the last quarter took off more than a usual one.
LEAST = 0.01
AS_BEFORE = 0.5  # of what a quarter took off on average: it has not slowed down, as it would near its end
LONGER = 8  # times the epochs
SHORT = 5.0  # times under the usual rate of the optimizer: few people choose so short steps on purpose
# Adam moves a weight by about its rate a step, 0.001 (Kingma and Ba 2015, section 2.1): 50 steps are 0.05, a third of what the
# initial weights of 64 inputs are wide. Whatever is lacking after so few, it is steps before it is size.
FEW_STEPS = 50
# Steps that in all move the weights by less than this share of their size leave the network about as it was drawn.
HARDLY_MOVED = 0.1
HARDLY = 0.75  # of the first loss, that is left at least: a training that is under way is judged by its last quarter


def look(evidence: Evidence) -> Iterator[Finding]:
    """The last quarter took off a tenth of a constant answer's loss, the last epoch was among the best, and there is room."""
    if is_needle(evidence):
        return  # what two units leave is no matter of time
    if is_hardly_begun(evidence):
        yield _of_so_few_steps(evidence)
        return
    split = "validation" if evidence.has("validation") else "train"
    curve = [v for v in evidence.curve(split) if v == v] or training_curve(evidence)
    asked = setting(evidence, "recipe.epochs", len(evidence.epochs))
    is_short = len(curve) < FEWEST and len(evidence.losses) >= PARTS  # how many steps an epoch has is chance
    if is_short:
        split, curve = "train", course(evidence, PARTS)
    if len(curve) < FEWEST or len(evidence.epochs) < asked or not min(curve) > 0:
        return
    how = standing(evidence)
    told = how.metric not in ("", "loss") and not weighs_classes(evidence)
    room = 1 - how.gain if told else curve[-1] / curve[0]
    quarter = max(1, len(curve) // 4)
    level = evidence.before.get("baselines", {}).get("loss", {}).get("constant") or curve[0]
    gained = (curve[-1 - quarter] - curve[-1]) / min(level, curve[0])
    fell = curve[-1 - quarter] - curve[-1]
    rise = max((b - a for a, b in pairwise(curve[len(curve) // 2 :])), default=0.0)
    enough = gained >= GAINED and curve[-1] <= (1 - GAINED) * curve[-1 - quarter]
    if (
        not (enough or (told and _goes_on(evidence, curve, fell)))
        or curve[-1] > AMONG_THE_BEST * min(curve)
        or fell <= rise  # no more than its ups and downs: it would have been said of the epoch before as well
        or not ((told and is_lacking(evidence)) or (room > ROOM and not is_short))
    ):
        return
    epochs = LONGER * len(evidence.epochs)
    last = evidence.epochs[-1]["epoch"] if evidence.epochs else None
    parts = "epochs" if evidence.epochs and not is_short else "parts of the training"
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
        remedies=_remedies(evidence, epochs),
        explains=("underfitting", "class_never_predicted"),
        refuted_by="Twice the epochs gain nothing.",
        strength=min(1.0, gained / 0.5),
    )


def is_hardly_begun(evidence: Evidence) -> bool:
    """Whether a training of a few steps in all ended far from what can be had, by no fault of steps that were too long."""
    steps = evidence.losses[-1][0] if evidence.losses else FEW_STEPS
    stopped = len(evidence.epochs) < setting(evidence, "recipe.epochs", len(evidence.epochs))
    told, first = standing(evidence).metric not in ("", "loss"), first_loss(evidence)
    if stopped or not told or not is_lacking(evidence):
        return False
    levels = course(evidence)
    far = bool(levels) and 0 < travelled(evidence) < HARDLY_MOVED and levels[-1] >= HARDLY * levels[0] > 0
    return far or (steps < FEW_STEPS and HARDLY * first <= last_loss(evidence) <= first)


def travelled(evidence: Evidence) -> float:
    """How far all steps together can have moved the weights, beside their size; nan where no step was looked at."""
    ratios = update_ratios(evidence)
    steps = evidence.loop.get("optimizer_steps", evidence.losses[-1][0] if evidence.losses else 0)
    return steps * median(ratios) if ratios else nan


def _of_so_few_steps(evidence: Evidence) -> Finding:
    steps, passes = evidence.losses[-1][0], max(1, len(evidence.epochs))
    return Finding(
        "unfinished",
        "warning",
        what=f"The whole training was {steps} steps, in which weights moved by {travelled(evidence):.1%} of their size at most; "
        f"the loss went from {first_loss(evidence):.3g} to {last_loss(evidence):.3g}.",
        why="A step moves weights by a small share of themselves; so few cannot take them anywhere.",
        evidence={"steps": float(steps), "threshold": float(FEW_STEPS)},
        source="Kingma and Ba, Adam, ICLR 2015, section 2.1: a step is about as long as the rate",
        remedies=_remedies(evidence, LONGER * passes),
        explains=("underfitting", "class_never_predicted", "predicts_mean"),
        refuted_by="Ten times the steps gain nothing.",
        strength=0.5,
    )


def _remedies(evidence: Evidence, epochs: int) -> tuple[Remedy, ...]:
    """Longer steps first where they are far shorter than usual, as they cost nothing; then more of them."""
    longer = tuple(_longer_steps(evidence))
    if not evidence.settings:
        return (*longer, Remedy({}, f"Train {LONGER} times as long.", by="code"))
    stops = setting(evidence, "recipe.early_stopping", True)
    ends = "; early stopping ends it when nothing is gained any more" if stops else ""
    return (*longer, Remedy({"recipe.epochs": epochs}, f"{epochs} epochs{ends}."))


def _longer_steps(evidence: Evidence) -> Iterator[Remedy]:
    optimizer, used = str(setting(evidence, "recipe.optimizer")), rate(evidence)
    usual = USUAL_RATES.get(optimizer, 0.0)
    if used * SHORT <= usual:
        words = f"A learning rate of {usual:g} instead of {used:g}: with {optimizer} steps of that length do as a rule."
        yield Remedy({"recipe.learning_rate": usual}, words)


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
