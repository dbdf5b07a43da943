"""Standing: how well a run does, against the constant answer, a cheap model and its own start."""

import math
from dataclasses import dataclass
from typing import Any

from deepglass.probes.evidence import Evidence

SMALL_IS_GOOD = ("loss", "mae", "rmse", "error", "perplexity")
BEST = {"accuracy": 1.0, "balanced_accuracy": 1.0, "f1": 1.0, "macro_f1": 1.0, "r2": 1.0, "auc": 1.0}
# Thresholds are shares of the way from the constant answer to the best possible one. No paper has them; kept in
# benchmarks/doctor/calibration.md.
LITTLE = 0.1  # under it, a run is hardly better than the constant answer
CLOSE = 0.05  # so far under the best cheap model, and a standard error, a run still does as well
NEAR = 0.1  # and ends within this share of that way of its least
# Scores that one answer for all hardly gets: they say that nothing is found, whatever the loss does.
OF_FINDING = ("f1", "macro_f1", "dice", "iou", "jaccard", "r2")
FELL = 0.5  # without anything to compare with: the loss has come down to this share of its start


@dataclass(frozen=True)
class Standing:
    """How well a run does.

    Attributes:
        word: "well", "fair", "poor" or "unknown".
        metric: the metric that was judged by; split: where.
        score, constant, baseline: what the run, the constant answer and the cheap model reach; nan where unknown.
        gain: the share of the way from the constant answer to the best possible that the run has gone; 1 is perfect.
    """

    word: str = "unknown"
    metric: str = ""
    split: str = ""
    score: float = math.nan
    constant: float = math.nan
    baseline: float = math.nan
    gain: float = math.nan

    @property
    def is_well(self) -> bool:
        return self.word == "well"

    @property
    def is_poor(self) -> bool:
        return self.word == "poor"


def standing(evidence: Evidence) -> Standing:
    """Judge a run by its monitored metric on the validation split, on the training split where there is none.

    well: clearly better than the constant answer and not below the cheap model. poor: hardly better than the constant answer, or
    clearly below the cheap model, or not finite. Without anything to compare with: by how far the loss has come down.
    """
    split = "validation" if evidence.has("validation") else "train"
    if evidence.facts.get("run", {}).get("status") == "failed":
        return Standing("poor", "loss", split)
    record = _judged_epoch(evidence, split) if evidence.epochs else {}
    scores = record.get(split, {})
    if any(_is_bad(value) for name, value in scores.items() if name == "loss"):
        return Standing("poor", "loss", split, math.nan)
    known = evidence.before.get("baselines", {})
    if not evidence.settings and _balances(evidence) and (how := _balanced(evidence, split, scores)) is not None:
        return how
    for metric in _metrics(evidence, scores):
        if metric in known and isinstance(scores.get(metric), int | float):
            return _compared(
                evidence, metric, split, float(scores[metric]) / _hundred(evidence, split, metric), known[metric]
            )
    judged = evidence.before.get("judged", {})  # of a loop: the training rows that were kept, asked in the end
    for metric in ("accuracy", "r2"):
        if metric in judged and metric in known:
            return _compared(evidence, metric, "train", judged[metric], known[metric])
    if "balanced_accuracy" in judged and "balanced_accuracy" in known and "accuracy" not in known:  # of a map
        how = _compared(evidence, "balanced_accuracy", "train", judged["balanced_accuracy"], known["balanced_accuracy"])
        if how.is_poor:
            return how
    return _by_trend(evidence, split)


def _balanced(evidence: Evidence, split: str, scores: dict[str, Any]) -> Standing | None:
    """Of a loop that weighs classes: by the mean over its classes, where that is known; accuracy is given up on purpose."""
    known = evidence.before.get("baselines", {}).get("balanced_accuracy")
    logged, judged = scores.get("balanced_accuracy"), evidence.before.get("judged", {}).get("balanced_accuracy")
    if known is None or (logged is None and judged is None):
        return None
    score, split = (judged, "train") if logged is None else (logged, split)
    return _compared(evidence, "balanced_accuracy", split, float(score), known)


def _hundred(evidence: Evidence, split: str, metric: str) -> float:
    """100 where somebody's loop says accuracy in hundredths."""
    return 100.0 if "accuracy" in metric and max(evidence.curve(split, metric), default=0.0) > 1 else 1.0


def is_small_good(metric: str) -> bool:
    """Whether less of a metric is better, by its name."""
    return any(word in metric for word in SMALL_IS_GOOD)


def _compared(evidence: Evidence, metric: str, split: str, score: float, known: dict[str, Any]) -> Standing:
    constant = float(known.get("constant", math.nan))
    baseline = float(known["best"]) if known.get("best") is not None else math.nan
    gain, of_baseline = _gain(metric, score, constant), _gain(metric, baseline, constant)
    slack = CLOSE + _chance(evidence, metric, score, constant)
    if math.isnan(gain):
        word = "unknown"
    elif metric == "accuracy" and gain < LITTLE and _balances(evidence):
        word = "fair"  # it was trained to give up accuracy for the rare classes
    elif (gain < LITTLE and not of_baseline < LITTLE) or gain < of_baseline - 2 * slack:
        word = "poor"
    elif gain >= LITTLE and not gain < of_baseline - slack:
        word = "well"
    else:
        word = "fair"
    return Standing(word, metric, split, score, constant, baseline, gain)


def _gain(metric: str, score: float, constant: float) -> float:
    best = 0.0 if is_small_good(metric) else BEST.get(metric, 1.0)
    return (score - constant) / (best - constant) if best != constant else math.nan


def _chance(evidence: Evidence, metric: str, score: float, constant: float) -> float:
    """The standard error of an accuracy, or of r2, on so many examples, as a share of the way; 0 for other metrics."""
    rows = evidence.before.get("splits", {}).get("sizes", {}).get("validation", 0)
    rows = rows or evidence.before.get("judged", {}).get("rows", 0)
    if not rows or not 0 <= score <= 1 or constant >= 1:
        return 0.0
    if metric == "r2":  # Olkin and Finn, "Correlations Redux", Psychological Bulletin 1995
        return math.sqrt(4 * score * (1 - score) ** 2 / rows)
    if "accuracy" in metric:
        return math.sqrt(max(score * (1 - score), 0.25 / rows) / rows) / (1 - constant)
    return 0.0


def _balances(evidence: Evidence) -> bool:
    """Whether rare classes are made up for."""
    weights = evidence.settings.get("task", {}).get("class_weight")
    by_hand = bool(evidence.before.get("output", {}).get("weighs_classes"))  # of a loop
    return bool(weights) or evidence.settings.get("recipe", {}).get("sampling") == "balanced" or by_hand


def _by_trend(evidence: Evidence, split: str) -> Standing:
    curve = [value for value in evidence.curve(split) if not math.isnan(value)]
    if not curve:
        split, curve = "train", [mean for _, mean, _ in evidence.losses]
    if len(curve) < 2:
        return Standing("unknown", "loss", split)
    start = next((loss for _, loss in evidence.series("loss")), curve[0])
    last = curve[-1]
    if _is_bad(last) or last > start:
        return Standing("poor", "loss", split, last, start)
    for metric in OF_FINDING:
        scores = evidence.curve("validation", metric)
        if scores and max(scores) < LITTLE:
            return Standing("poor", metric, "validation", scores[-1], 0.0, gain=scores[-1])
    word = (
        "well" if start > 0 and last <= FELL * start and last <= min(curve) + NEAR * (start - min(curve)) else "unknown"
    )
    return Standing(word, "loss", split, last, start, gain=1 - last / start if start > 0 else math.nan)


def _judged_epoch(evidence: Evidence, split: str) -> dict[str, Any]:
    """The epoch whose weights the run ends with: the best one with early stopping, else the last."""
    best = evidence.facts.get("run", {}).get("best_epoch")
    if evidence.settings.get("recipe", {}).get("early_stopping") and best is not None:
        return next((e for e in evidence.epochs if e["epoch"] == best), evidence.epochs[-1])
    return evidence.epochs[-1]


def _metrics(evidence: Evidence, scores: dict[str, Any]) -> list[str]:
    """The metrics to judge by, the best one first: those that say most about being right."""
    monitor = evidence.before.get("task", {}).get("monitor", "")
    wanted = (monitor if monitor != "loss" else "", "accuracy", "r2", "rmse", "mae", "loss")
    return [metric for metric in dict.fromkeys(wanted) if metric in scores]


def _is_bad(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isfinite(value)
