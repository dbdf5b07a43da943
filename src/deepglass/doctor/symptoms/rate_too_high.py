"""Rate too high: steps that go past the valley and up the other side."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.rates import of_rates, shorter_rates
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import (
    course,
    finite,
    first_loss,
    is_lacking,
    is_not_finite,
    last_loss,
    rate,
    update_ratios,
)
from deepglass.probes.evidence import Evidence

LARGE_UPDATE = 10**-1.3  # of the weights in a step; Ben Braiek and Khomh, TheDeepChecker, take 0.1 as the upper end
GREW = 1.2  # the loss of the same rows after a step, over that before: more than dropout or rounding does
LANDINGS = 2  # looks that saw a step land higher up than it began; one alone is met in healthy trainings
SPIKE = 3.0  # the loss at its highest, over its start
STAYED = 0.95  # the last loss over the first: it has not come down
REPLACED = 0.5  # of the weights in a step: half of what was learned is gone, which needs no second sign
SIGNS = 2  # of three, so that none alone is an alarm (DOCTOR's "two of three")
GOOD_UPDATE = 1e-2  # between Karpathy's usual 1e-3 and TheDeepChecker's limit of 0.1

EXPLAINS = (
    "oscillating",
    "dead_units",
    "saturated_units",
    "exploding",
    "vanishing",
    "not_finite",
    "predicts_mean",
    "slow_layer",
    "class_never_predicted",
    "underfitting",
    "unfinished",
    "overfitting",
    "metric_disagrees",
    "ascends",
)


def look(evidence: Evidence) -> Iterator[Finding]:
    """Two of three: updates that are large beside the weights, steps that land higher than they began, a loss above its start.

    A loss that grew first and was not finite then counts twice: a logarithm of 0 comes out of a sound loss.
    Silent while the run does well: a high rate that gets there is a good one.
    """
    diverged = is_not_finite(evidence)
    if not (diverged or is_lacking(evidence)):
        return
    early = update_ratios(evidence)[:6]
    update = max(early, default=math.nan)
    landed = _landings(evidence)
    first, levels = first_loss(evidence), finite(course(evidence))
    rose = first > 0 and (
        (bool(levels) and max(levels) > SPIKE * first) or last_loss(evidence) > STAYED * first or diverged
    )
    seen = {
        "updates": update > LARGE_UPDATE,
        "landings": sum(g > GREW for g in landed) >= LANDINGS or max(landed, default=0) > SPIKE,
        "loss": rose,
        "grew": diverged and first > 0 and max(levels, default=0.0) > SPIKE * first,
    }
    only_curves = not evidence.probes and rose and _rises_again(evidence, diverged)
    if sum(seen.values()) < SIGNS and not only_curves and not update > REPLACED:
        return
    used = rate(evidence)
    numbers: dict[str, float | str] = {"first_loss": first, "highest_loss": max(levels, default=math.nan)}
    parts = []
    if seen["updates"]:
        numbers |= {"update_ratio": update, "threshold": LARGE_UPDATE}
        moved = f"{update:.0%} of themselves" if update < 1 else f"{update:.3g} times their own size"
        parts.append(f"a step moved the weights by {moved} (more than {LARGE_UPDATE:.0%} is too much)")
    if seen["landings"]:
        numbers |= {"landed_higher": sum(g > GREW for g in landed), "looks": len(landed)}
        parts.append(
            f"{sum(g > GREW for g in landed)} of {len(landed)} steps looked at ended higher up than they began"
        )
    if rose:
        top = max(levels, default=first)
        parts.append("the loss became infinite or nan" if diverged else f"the loss rose to {top:.3g} from {first:.3g}")
    if not math.isnan(used):
        numbers["learning_rate"] = used
    yield Finding(
        "rate_too_high",
        "alarm",
        what=f"Steps are too long: {'; '.join(parts)}.",
        why="A step that is longer than the valley is wide lands on the other side, higher up, and the next one is longer still.",
        evidence=numbers,
        source="two of three: update/weight (Ben Braiek and Khomh, TheDeepChecker, TOSEM 2023), landing past the minimum "
        "(Schneider et al., Cockpit, NeurIPS 2021), a loss above its start",
        remedies=tuple(_remedies(evidence, used, update)),
        explains=EXPLAINS,
        refuted_by="The loss jumps in the same way at a tenth of the rate.",
        strength=min(1.0, sum(seen.values()) / 3),
    )


def _landings(evidence: Evidence) -> list[float]:
    """The loss after each step that was looked at, over that before; of steps that went past the minimum alone."""
    before, after = evidence.series("loss"), evidence.series("loss_after")
    past = evidence.series("slope_after")
    found = []
    for step, end in after:
        start, slope = before.at(step), past.at(step)
        if start and start > 0 and slope is not None:
            found.append(math.inf if math.isnan(end) else end / start if slope > 0 else min(1.0, end / start))
    return found


def _rises_again(evidence: Evidence, diverged: bool) -> bool:
    """Where curves are all there is: it grew beyond its start more than once, or until it was not finite."""
    curve = [v for v in evidence.curve("train") if not math.isnan(v)]
    return diverged or sum(b > SPIKE * curve[0] for b in curve[1:]) >= LANDINGS


def _remedies(evidence: Evidence, used: float, update: float) -> Iterator[Remedy]:
    if math.isnan(used):
        yield Remedy({}, "Divide the learning rate by 10; if the loss still jumps, by 100.", by="code")
        return
    factor = min(0.3, GOOD_UPDATE / update) if update > GOOD_UPDATE else 0.1
    factor = min(factor, median(reach)) if (reach := _reach(evidence)) else factor
    values = shorter_rates(evidence, used, (factor, factor / 10))
    yield from of_rates(evidence, values, used)
    if evidence.settings and not setting(evidence, "recipe.warmup_steps"):
        warm = {"recipe.learning_rate": values[0], "recipe.warmup_steps": 100}
        yield Remedy(warm, "Begin with short steps and lengthen them over 100 steps.")
    if evidence.settings and not setting(evidence, "recipe.clip_norm"):
        yield Remedy(
            {"recipe.clip_norm": 1.0}, "Let no gradient be longer than 1, so that one bad batch cannot throw it out."
        )


def _reach(evidence: Evidence) -> list[float]:
    """The share of each early step at which the slope along it would have been zero, were the loss a parabola there."""
    before, after = evidence.series("slope_before"), evidence.series("slope_after")
    pairs = [(b, after.at(step)) for step, b in before if step <= 8]
    return [b / (b - a) for b, a in pairs if a is not None and b < 0 < a and math.isfinite(a)]
