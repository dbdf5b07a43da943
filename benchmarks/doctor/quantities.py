"""Quantities that thresholds of the doctor rest on, each a function of the evidence of one training."""

import math
from collections.abc import Callable
from statistics import median

from deepglass.doctor.reading import at_start, called, setting, weighted
from deepglass.doctor.sizes import against_he
from deepglass.doctor.standing import standing
from deepglass.doctor.trend import (
    USUAL_RATES,
    course,
    finite,
    first_loss,
    last_loss,
    late,
    learning,
    rate,
    training_curve,
    update_ratios,
)
from deepglass.probes import Evidence

LOOKS = 2  # the last ones, as in the symptoms
FEW_STEPS = 50  # as in unfinished
GREW = 1.2  # as in rate_too_high
EARLY = 5  # the first ones, as in decay_too_strong


def _he(evidence: Evidence) -> float | None:
    return median(found.values()) if (found := against_he(evidence)) else None


def _growth(evidence: Evidence) -> float | None:
    spread = [v for y in weighted(evidence) if (v := at_start(evidence, "activation_std").get(y.name, 0.0)) > 0]
    return spread[-1] / spread[0] if len(spread) > 2 and math.isfinite(spread[-1]) else None


def _gradient_left(evidence: Evidence) -> float | None:
    back = [v for y in weighted(evidence) if (v := at_start(evidence, "backward_rms").get(y.name, 0.0)) > 0]
    return back[0] / back[-1] if len(back) > 3 else None


def _dead(evidence: Evidence) -> float | None:
    dead = at_start(evidence, "dead_units")
    return max((dead[y.name] for y in called(evidence) if y.is_activation and y.name in dead), default=None)


def _size(evidence: Evidence) -> float | None:
    fields = [f for f in evidence.before.get("inputs", {}).values() if "std" in f]
    return max((math.hypot(f["mean"], f["std"]) for f in fields), default=None)


def _squeezed(evidence: Evidence) -> float | None:
    columns = [c for f in evidence.before.get("inputs", {}).values() for c in f.get("columns", [])]
    return min(
        (c["bulk"] / c["std"] for c in columns if c["std"] > 0 and c["bulk"] > 0 and c["distinct"] >= 10), default=None
    )


def _first_loss(evidence: Evidence) -> float | None:
    first, constant = (
        evidence.series("loss").at(0),
        evidence.before.get("baselines", {}).get("loss", {}).get("constant"),
    )
    return first / constant if first is not None and constant else None


def _lacking(evidence: Evidence) -> float | None:
    """How far under the best cheap model, as a share of the way to a perfect answer."""
    stands = standing(evidence)
    gain = (
        (stands.baseline - stands.constant) / (1 - stands.constant) if stands.metric in ("accuracy", "r2") else math.nan
    )
    return None if math.isnan(gain - stands.gain) else gain - stands.gain


def _groups(evidence: Evidence) -> float | None:
    fields = evidence.before.get("inputs", {}).values()
    return max((f["inside"] - f["across"] for f in fields if "inside" in f and "across" in f), default=None)


def _within(evidence: Evidence) -> float | None:
    return evidence.before.get("names", {}).get("within")


def _mixture(evidence: Evidence) -> float | None:
    batch = evidence.before.get("batch", {})
    return batch.get("mixture", batch.get("changes"))


def _mode_gap(evidence: Evidence) -> float | None:
    gaps = evidence.series("mode_gap").values[-LOOKS:]
    return median(gaps) if gaps and any(y.kind.startswith(("Dropout", "BatchNorm")) for y in called(evidence)) else None


def _one_answer(evidence: Evidence) -> float | None:
    shares = evidence.series("predicted_shares").values[-LOOKS:]
    said = evidence.before.get("judged", {}).get("predicted")
    return min(max(v) for v in shares) if shares else max(said) / sum(said) if said and sum(said) else None


def _spread(evidence: Evidence) -> float | None:
    wanted, spread = evidence.before.get("target", {}), evidence.series("output_spread").values[-LOOKS:]
    if wanted.get("kind") != "number" or not wanted.get("std") or not spread:
        return None
    return max(spread) / float(wanted["std"])


def _penalty(evidence: Evidence) -> float | None:
    """What the answers do not explain of the loss, over what they do, in the first looks."""
    of_answers = evidence.series("batch_loss")
    shares = [(w - own) / own for step, w in evidence.series("step_loss") if (own := of_answers.at(step))]
    return median(shares[:EARLY]) if shares else None


def _heard(evidence: Evidence) -> float | None:
    heard = evidence.before.get("through_time", {}).get("heard", [])
    return max(heard[: len(heard) // 4]) / max(heard) if heard and max(heard) > 0 else None


def _lower_half(evidence: Evidence) -> float | None:
    back = [v for y in weighted(evidence) if (v := at_start(evidence, "backward_rms").get(y.name, 0.0)) > 0]
    return max(back[: len(back) // 2]) / back[-1] if len(back) > 3 else None


def _found_of_a_map(evidence: Evidence) -> float | None:
    recalls = evidence.before.get("judged", {}).get("recalls")
    return min(recalls) if recalls else None


def _asked(name: str) -> Callable[[Evidence], float | None]:
    return lambda evidence: evidence.before.get("asked", {}).get(name)


def _lowest(evidence: Evidence) -> float | None:
    curve, first = [v for v in evidence.curve("validation") if v == v], first_loss(evidence)
    return min(curve) / first if len(curve) > 3 and first > 0 and evidence.losses else None


def _last_quarter(evidence: Evidence) -> float | None:
    curve = [v for v in evidence.curve("validation") if v == v] or training_curve(evidence)
    quarter = max(1, len(curve) // 4)
    level = evidence.before.get("baselines", {}).get("loss", {}).get("constant") or (curve[0] if curve else 0.0)
    return (
        (curve[-1 - quarter] - curve[-1]) / min(level, curve[0])
        if len(curve) > 2 and min(level, curve[0]) > 0
        else None
    )


def _left(evidence: Evidence) -> float | None:
    first, last = first_loss(evidence), last_loss(evidence)
    return last / first if first > 0 and math.isfinite(last) else None


def _left_of_few_steps(evidence: Evidence) -> float | None:
    return _left(evidence) if evidence.losses and evidence.losses[-1][0] < FEW_STEPS else None


def _highest(evidence: Evidence) -> float | None:
    first, levels = first_loss(evidence), finite(course(evidence))
    return max(levels) / first if first > 0 and levels else None


def _rate(evidence: Evidence) -> float | None:
    usual, used = USUAL_RATES.get(str(setting(evidence, "recipe.optimizer"))), rate(evidence)
    return used / usual if usual and used > 0 else None


def _early_update(evidence: Evidence) -> float | None:
    return max(update_ratios(evidence)[:6], default=None)


def _late_update(evidence: Evidence) -> float | None:
    found = late(update_ratios(evidence))
    return median(found) if found else None


def _landings(evidence: Evidence) -> float | None:
    """Looks at which the step ended past the minimum along it and GREW times as high as it began."""
    before, past = evidence.series("loss"), evidence.series("slope_after")
    pairs = [(before.at(step), end, past.at(step)) for step, end in evidence.series("loss_after")]
    known = [end / start for start, end, slope in pairs if start and start > 0 and slope is not None and slope > 0]
    return float(sum(ratio > GREW for ratio in known)) if pairs else None


def _slowest(evidence: Evidence) -> float | None:
    names = [y.name for y in learning(evidence)]
    series = [finite(evidence.series("update_ratio", n).values) for n in names]
    found = [median(values) for values in series if values and median(values) > 0]
    return min(found) / max(found) if len(found) > 1 else None


def _rose(evidence: Evidence) -> float | None:
    curve = [v for v in evidence.curve("validation") if v == v]
    return curve[-1] / min(curve) if len(curve) > 3 and min(curve) > 0 else None


def _behind(evidence: Evidence) -> float | None:
    """Accuracy less balanced accuracy, where a class has less than 0.3 of an even share."""
    counts = evidence.before.get("target", {}).get("counts") or []
    scores = (evidence.epochs[-1].get("validation") or {}) if evidence.epochs else {}
    judged = scores if "balanced_accuracy" in scores else evidence.before.get("judged", {})
    if len(counts) < 2 or min(counts) >= 0.3 * sum(counts) / len(counts) or "balanced_accuracy" not in judged:
        return None
    return judged["accuracy"] - judged["balanced_accuracy"] if "accuracy" in judged else None


# name -> the quantity, and the kinds of fault that it is to tell
QUANTITIES: dict[str, tuple[Callable[[Evidence], float | None], tuple[str, ...]]] = {
    "weights over He's, median of the layers": (_he, ("weights_too_large", "weights_too_small", "saturated_units")),
    "signal of the last layer over the first's": (_growth, ("exploding", "weights_too_large", "weights_too_small")),
    "gradient at the first layer over the last's": (_gradient_left, ("vanishing",)),
    "dead units at the start, worst layer": (_dead, ("dead_units",)),
    "root mean square of the inputs": (_size, ("inputs_unscaled", "huge_column")),
    "middle half of a column over its deviation": (_squeezed, ("huge_column",)),
    "first loss over the constant answer's": (_first_loss, ("weights_too_large", "targets_unscaled")),
    "gain under the best cheap model's": (_lacking, ("underfitting", "rate_too_low", "rate_too_high", "unfinished")),
    "correlation inside groups of channels, less across": (_groups, ("channels_last",)),
    "size of a mistake over a mixed answer's, of whole numbers": (_within, ("labels_encoded_wrongly", "wrong_loss")),
    "differences of targets within a batch over all": (_mixture, ("sorted_batches",)),
    "difference of the modes over the outputs' spread": (_mode_gap, ("mode_gap", "dropout_too_strong")),
    "largest share of one answer": (_one_answer, ("predicts_mean", "dead_units", "zero_weights")),
    "spread of the answers over the targets'": (_spread, ("predicts_mean", "broadcast", "targets_unscaled")),
    "shift of the judged rows, deviations": (_asked("shift"), ("validation_shift",)),
    "width of the judged rows over the trained ones'": (_asked("widths"), ("validation_shift",)),
    "least share of a call's rows that was trained on": (_asked("least_same"), ("leakage_duplicates",)),
    "heard of the first quarter over what is heard best": (_heard, ("vanishing", "cut_gradient")),
    "what the answers do not explain of the loss, over what they do": (_penalty, ("decay_too_strong",)),
    "largest gradient in the lower half over the last's": (_lower_half, ("vanishing",)),
    "share of the rare places of a map that are found": (_found_of_a_map, ("imbalance",)),
    "lowest validation loss over the first loss": (_lowest, ("validation_shift", "split_sorted")),
    "gain of the last quarter over the constant answer's loss": (_last_quarter, ("unfinished",)),
    "loss in the end over the first": (_left, ("underfitting", "rate_too_low", "unfinished", "predicts_mean")),
    "the same, of trainings of fewer than 50 steps": (_left_of_few_steps, ("unfinished", "batch_too_large")),
    "highest loss over the first": (_highest, ("rate_too_high", "momentum_too_high", "batch_too_small")),
    "rate over the usual one of its optimizer": (_rate, ("rate_too_high", "rate_too_low", "unfinished")),
    "longest step over the weights, of the first six looks": (_early_update, ("rate_too_high",)),
    "step over the weights, middle of the second half": (_late_update, ("rate_too_low", "clipping_too_strict")),
    "looks at which a step landed 1.2 times as high as it began": (_landings, ("rate_too_high",)),
    "slowest layer's step over the quickest's": (_slowest, ("slow_layer", "vanishing")),
    "last validation loss over the lowest": (_rose, ("overfitting", "label_noise")),
    "accuracy less balanced accuracy, with a rare class": (_behind, ("imbalance",)),
}
