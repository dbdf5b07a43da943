"""Rate too low: the loss falls steadily and hardly gets anywhere."""

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.rates import longer_rates, of_rates
from deepglass.doctor.reading import setting
from deepglass.doctor.symptoms import vanishing
from deepglass.doctor.trend import (
    course,
    finite,
    first_loss,
    is_lacking,
    last_loss,
    late,
    learning,
    rate,
    training_curve,
    update_ratios,
)
from deepglass.probes.evidence import Evidence

SMALL_UPDATE = 1e-4  # of the weights in a step; Ben Braiek and Khomh, TheDeepChecker: healthy ones are 1e-4 to 1e-1
GOOD_UPDATE = 3e-3  # Karpathy's recipe takes about 1e-3; early steps of healthy trainings here take 1e-3 to 3e-2
BARELY = 1e-3  # the same, where the slope goes on FAR times and next to nothing is lost: in the healthy range, and yet too short
FAR = 100.0  # times as far as the step went
CAN_GO_ON = 10.0  # times as far as the step went, until the slope along it would be zero
LITTLE = 0.1  # share of the first loss that has gone in the whole training, where curves are all there is
STEADY = 0.8  # share of the epochs in which the loss fell
MOST = 1000.0  # times that the rate is raised, at most
DROPPED = 0.05  # of the highest rate: a schedule that takes it below has ended the training
EARLY = 0.4  # share of the training by which it has


def look(evidence: Evidence) -> Iterator[Finding]:
    """Updates of less than SMALL_UPDATE of the weights in every layer, while the slope goes on and there is more to be had.

    From curves alone: a loss that falls nearly every epoch, does not slow down, and has lost less than a tenth.
    """
    if not is_lacking(evidence):
        return
    used = rate(evidence)
    ratios = late(update_ratios(evidence)) if evidence.probes else []
    if ratios:
        names = [y.name for y in learning(evidence)]
        largest = max(
            (median(late(found)) for n in names if (found := finite(evidence.series("update_ratio", n).values))),
            default=1,
        )
        update = median(ratios)
        fell = _dropped(evidence)
        if fell:
            update = largest = min(ratios)
        if (
            not (update < SMALL_UPDATE or _hardly_moves(evidence, update))
            or largest >= SMALL_UPDATE * CAN_GO_ON
            or any(vanishing.look(evidence))
        ):
            return
        if not fell and (update <= 0 or not _slope_goes_on(evidence)):
            return
        limit = SMALL_UPDATE if update < SMALL_UPDATE else BARELY
        yield _finding(
            f"A step moves the weights by {update:.1g} of themselves (less than {limit:g} is hardly a step), and the slope "
            f"goes on beyond it; the loss went from {first_loss(evidence):.3g} to {last_loss(evidence):.3g}."
            + (f" The schedule had brought the rate to {fell:.1g} of its start early on." if fell else ""),
            {"update_ratio": update, "threshold": limit, "learning_rate": used},
            tuple(_remedies(evidence, used, update, bool(fell))),
            0.9,
        )
        return
    curve = training_curve(evidence)
    if evidence.probes or len(curve) < 5 or not curve[0] > 0:
        return
    falls = [a - b for a, b in pairwise(curve)]
    share, half = (curve[0] - curve[-1]) / curve[0], len(falls) // 2
    steady = sum(f > 0 for f in falls) >= STEADY * len(falls)
    if steady and 0 < share < LITTLE and sum(falls[half:]) > 0.5 * sum(falls[:half]):
        yield _finding(
            f"The loss falls in nearly every epoch, does not slow down, and has lost {share:.1%} in {len(curve)} epochs.",
            {"share_lost": share, "threshold": LITTLE, "epochs": len(curve)},
            tuple(_remedies(evidence, used, math.nan, False)),
            0.6,
        )


def _hardly_moves(evidence: Evidence, update: float) -> bool:
    """Steps that are longer, and end on the very slope on which they began, in a training that has lost next to nothing."""
    first, last = first_loss(evidence), last_loss(evidence)
    return update < BARELY and first > 0 and last > (1 - LITTLE) * first and _reach(evidence) >= FAR


def _reach(evidence: Evidence) -> float:
    """How many times as far as a step the slope goes on, in the middle; nan where no landing was seen."""
    before, after = evidence.series("slope_before"), evidence.series("slope_after")
    pairs = [(b, after.at(step)) for step, b in before if b < 0 and after.at(step) is not None]
    return median([b / (b - a) if a > b else math.inf for b, a in pairs]) if pairs else math.nan


def _slope_goes_on(evidence: Evidence) -> bool:
    """Whether steps end on slopes as steep as where they began. Where no landing was seen, the loss must have hardly moved."""
    reach = _reach(evidence)
    if not math.isnan(reach):
        return reach >= CAN_GO_ON
    levels = finite(course(evidence))
    return len(levels) > 1 and levels[-1] > 0.5 * levels[0]


def _dropped(evidence: Evidence) -> float:
    """The share of the highest rate that a schedule had left before EARLY of the training was over; 0 where it had not."""
    rates = evidence.series("learning_rate")
    is_constant = bool(evidence.settings) and setting(evidence, "recipe.schedule", "constant") == "constant"
    if len(rates) < 2 or is_constant:
        return 0.0
    early = [value for step, value in rates if step <= EARLY * rates.steps[-1]]
    left = early[-1] / max(rates.values) if early else 1.0
    return left if left < DROPPED else 0.0


def _finding(what: str, numbers: dict[str, float | str], remedies: tuple[Remedy, ...], strength: float) -> Finding:
    return Finding(
        "rate_too_low",
        "alarm",
        what=f"Steps are too short. {what}",
        why="The training would get there, but in many times as many steps as it was given.",
        evidence={name: value for name, value in numbers.items() if value == value},
        source="update/weight below 1e-4 (Ben Braiek and Khomh, TheDeepChecker, TOSEM 2023), with a slope that goes on beyond "
        "the step (Schneider et al., Cockpit, NeurIPS 2021)",
        remedies=remedies,
        explains=("unfinished", "underfitting", "predicts_mean", "class_never_predicted", "no_movement"),
        refuted_by="The loss falls no faster at ten times the rate.",
        strength=strength,
    )


def _remedies(evidence: Evidence, used: float, update: float, dropped: bool) -> Iterator[Remedy]:
    if dropped:
        yield Remedy(
            {"recipe.schedule": "constant"},
            "A constant rate: the schedule ends the training long before its last epoch.",
        )
        yield Remedy({"recipe.schedule": "cosine"}, "A cosine schedule, which comes down over the whole training.")
        return
    if math.isnan(used):
        yield Remedy({}, "Multiply the learning rate by 10, then by 100.", by="code")
        return
    factor = 10.0 if math.isnan(update) else min(MOST, max(3.0, GOOD_UPDATE / update))
    rates = longer_rates(evidence, used, (factor, factor * 5, max(3.0, factor / 10)))
    yield from of_rates(evidence, rates, used)
