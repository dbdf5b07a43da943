"""Trend: how the loss went, how long steps were beside the weights, and whether something is still missing."""

import math
import re
from collections.abc import Iterable, Sequence
from statistics import median

from deepglass.doctor.reading import setting, weighted
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence, Layer

PARTS = 20  # equal parts of a training, over which losses are averaged
LACKING = (
    0.1  # of the way from the constant answer to perfection: so far below the best cheap model, something is missing
)
FELL = 0.5  # without any model to compare with: a loss that comes to this share of its start does well
# What suits each optimizer, as deepglass.training.optimizers has it (a test compares them): evidence alone knows no training.
USUAL_RATES = {
    "sgd": 0.1,
    "momentum": 0.05,
    "nesterov": 0.05,
    "adagrad": 0.01,
    "rmsprop": 1e-3,
    "adam": 1e-3,
    "adamw": 1e-3,
}
NOT_FINITE = re.compile(r"loss is (nan|-?inf)|not finite", re.IGNORECASE)


def course(evidence: Evidence, parts: int = PARTS) -> list[float]:
    """The training loss in the order of time: means over equal parts of all steps, or the epochs' where no step was seen."""
    losses = evidence.losses
    if len(losses) < 2:
        return training_curve(evidence)
    sums, widths = [0.0] * parts, [0.0] * parts
    before, last = 0, losses[-1][0]
    for step, mean, _ in losses:
        place = min(parts - 1, (step - 1) * parts // last)
        sums[place] += mean * (step - before)
        widths[place] += step - before
        before = step
    return [total / width for total, width in zip(sums, widths) if width]


def training_curve(evidence: Evidence) -> list[float]:
    """The training loss after each epoch, measured or running, without epochs that have none; of a loop that says nothing, over
    equal parts of all steps."""
    for split in ("train", "running"):
        known = [value for value in evidence.curve(split) if not math.isnan(value)]
        if known:
            return known
    return course(evidence) if not evidence.epochs and len(evidence.losses) > 1 else []


def first_loss(evidence: Evidence) -> float:
    """The loss before anything was learned; nan where nothing tells."""
    for name in ("output_loss", "loss"):  # without heads in the middle, as all later losses are
        for _, loss in evidence.series(name):
            return float(loss)
    if evidence.losses:
        return evidence.losses[0][1]
    return next(iter(training_curve(evidence)), math.nan)


def last_loss(evidence: Evidence) -> float:
    """The training loss in the end; nan where nothing tells."""
    known = course(evidence)
    return known[-1] if known else math.nan


def is_not_finite(evidence: Evidence) -> bool:
    """Whether the loss became nan or infinite."""
    run = evidence.facts.get("run", {})
    failed = run.get("status") == "failed" and bool(NOT_FINITE.search(str(run.get("reason", ""))))
    measured = [mean for _, mean, _ in evidence.losses] + [
        float(value)
        for epoch in evidence.epochs
        for split in ("train", "validation")
        for name, value in epoch.get(split, {}).items()
        if name == "loss" and isinstance(value, int | float)
    ]
    return failed or any(not math.isfinite(value) for value in measured)


def rate(evidence: Evidence) -> float:
    """The learning rate: the largest of the probes, or what settings or epochs say; nan where nothing tells."""
    known = [value for value in evidence.series("learning_rate").values if math.isfinite(value)]
    known = known or [e["learning_rate"] for e in evidence.epochs if isinstance(e.get("learning_rate"), int | float)]
    given = setting(evidence, "recipe.learning_rate")
    return max(known) if known else float(given) if given is not None else math.nan


def batch_size(evidence: Evidence) -> int | None:
    """Examples a step."""
    size = evidence.facts.get("batch_size", setting(evidence, "recipe.batch_size"))
    return size if isinstance(size, int) else evidence.before.get("batch", {}).get("size")


def learning(evidence: Evidence) -> list[Layer]:
    """The layers whose weights are to learn, in the order of their calls; scales of norms are left out."""
    return [layer for layer in weighted(evidence) if layer.trainable]


def finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def update_ratios(evidence: Evidence) -> list[float]:
    """The median over the layers that learn of how far a step moves their weights, probe by probe."""
    names = {y.name for y in learning(evidence)}
    found = []
    for step in evidence.steps:
        ratios = finite(float(v) for n, v in evidence.across("update_ratio", step).items() if n in names)  # type: ignore[arg-type]
        if ratios:
            found.append(median(ratios))
    return found


def late(values: Sequence[float]) -> list[float]:
    """The second half of a series."""
    return list(values[len(values) // 2 :])


def noise_scale(evidence: Evidence, step: int) -> float:
    """How many examples a gradient needs until its noise is as large as itself; inf where noise is all that is seen.

    Source: McCandlish et al., "An Empirical Model of Large-Batch Training", arXiv:1812.06162, equation 2.9. From the
    gradients of the probe batch's two halves: signal and noise of each layer, added up.
    """
    norms, ratios = evidence.across("gradient_norm", step), evidence.across("gradient_snr", step)
    signal = noise = 0.0
    for name, norm in norms.items():
        ratio = ratios.get(name)
        if isinstance(norm, float) and isinstance(ratio, float) and math.isfinite(ratio * norm) and ratio > 0:
            signal += norm**2
            noise += (norm / ratio) ** 2
    rows = float(evidence.facts.get("rows", math.nan))
    return rows * noise / (signal - noise) if signal > noise else math.inf


def gain_lacking(evidence: Evidence) -> float:
    """How far the run is below the best cheap model, as a share of the way from the constant answer to perfection; nan where
    nothing is known of that."""
    how = standing(evidence)
    best = evidence.before.get("baselines", {}).get(how.metric, {}).get("best", how.baseline)
    if best is None or math.isnan(how.gain) or math.isnan(best) or how.score == how.constant:
        return math.nan if best is None or math.isnan(how.gain) or math.isnan(best) else 1.0
    of_best = how.gain * (best - how.constant) / (how.score - how.constant)
    return of_best - how.gain


def is_lacking(evidence: Evidence) -> bool:
    """Whether there is clearly more to be had: hardly better than the constant answer, below what a cheap model reaches, or,
    with nothing to compare with, a loss that has hardly come down."""
    how = standing(evidence)
    if how.is_poor:
        return True
    behind = gain_lacking(evidence)
    if not math.isnan(behind):
        return behind > LACKING
    return how.word == "unknown" and not last_loss(evidence) <= FELL * abs(first_loss(evidence))


def weighs_classes(evidence: Evidence) -> bool:
    """Whether accuracy is given up on purpose, for classes that count alike."""
    weight = setting(evidence, "task.class_weight")
    by_hand = bool(evidence.before.get("output", {}).get("weighs_classes"))  # of a loop
    return weight not in (None, "none") or setting(evidence, "recipe.sampling") == "balanced" or by_hand


def rounded(value: float) -> float:
    """To one significant figure, as people write settings."""
    return float(f"{value:.0e}") if value and math.isfinite(value) else value
