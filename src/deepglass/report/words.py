"""Words: numbers, times and metric names as people read them."""

import math
from collections.abc import Mapping
from typing import Any

METRIC_WORDS = {
    "subset_accuracy": "share with all labels right",
    "sequence_accuracy": "accuracy of whole texts",
    "bleu": "BLEU",
    "f1_micro": "F1",
    "bits_per_character": "bits a character",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "mse": "mean squared error",
    "mase": "mean absolute scaled error",
    "normalized_mse": "normalized MSE",
    "normalized_mae": "normalized MAE",
    "coverage": "coverage of the outer quantiles",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "calibration_error": "expected calibration error",
    "calibration_error_before": "the same before its temperature",
}
SHORT_WORDS = {
    "mae": "MAE",
    "rmse": "RMSE",
    "mse": "MSE",
    "mase": "MASE",
    "coverage": "coverage",
    "subset_accuracy": "all labels right",
    "sequence_accuracy": "whole texts right",
}  # for titles and lines
IN_TARGET_UNIT = ("mae", "rmse")
SHORT_UNIT = 10  # characters of a unit that can stand after a number


def metric_word(name: str) -> str:
    """Say a metric's name in words: "mae" is "mean absolute error", "my_metric" is "my metric"."""
    return METRIC_WORDS.get(name, name.replace("_", " "))


def brief_word(name: str) -> str:
    """Say a metric's name where there is little room: "mae" is "MAE"."""
    return SHORT_WORDS.get(name, metric_word(name))


def with_unit(text: str, unit: str) -> str:
    """Write a unit after a number, a long one in brackets.

    >>> with_unit("4.2", "mm"), with_unit("4.2", "score after one year")
    ('4.2 mm', '4.2 (score after one year)')
    """
    if not unit:
        return text
    return f"{text} {unit}" if len(unit) <= SHORT_UNIT else f"{text} ({unit})"


def number(value: Any, digits: int = 3) -> str:
    """Write a number with a few significant digits, and no more of them than help.

    >>> number(0.12345), number(1234567.0), number(12), number(None), number(152.34)
    ('0.123', '1,234,567', '12', '-', '152')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-" if value is None else "not a number" if math.isnan(value) else "infinite"
    if isinstance(value, int):
        return f"{value:,}"
    if 1000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def share(value: Any) -> str:
    """Write a share from 0 to 1 with three decimals, as accuracies are compared.

    >>> share(0.97)
    '0.970'
    """
    return number(value) if value is None or not math.isfinite(value) else f"{value:.3f}"


def score(name: str, value: Any) -> str:
    """Write the value of a metric: shares with three decimals, others with three digits."""
    if isinstance(value, int | float) and is_share(name):
        return share(float(value))
    return number(value)


def compared_words(found: Mapping[str, Any], unit: str = "") -> str:
    """Say how another model stands to the network, from what `compared` of tasks gives.

    >>> compared_words({"metric": "accuracy", "difference": 0.03, "interval": [0.01, 0.05], "verdict": "better"})
    'better by 0.030 (95 % interval 0.010 to 0.050)'
    >>> compared_words({"metric": "r2", "difference": 0.03, "interval": [-0.01, 0.07], "verdict": "within noise"})
    'within noise'
    """
    if found["verdict"] == "within noise":
        return "within noise"
    metric = found["metric"]
    low, high = sorted(abs(end) for end in found["interval"])
    amount = with_unit(score(metric, abs(found["difference"])), unit)
    return f"{found['verdict']} by {amount} (95 % interval {score(metric, low)} to {score(metric, high)})"


def is_share(name: str) -> bool:
    """Say whether a metric runs from 0 to 1 (R² up to 1)."""
    return any(part in name for part in ("accuracy", "f1", "precision", "recall", "auc", "r2"))


def duration(seconds: float) -> str:
    """Write a time span in the unit that suits it.

    >>> duration(0.0123), duration(3.21), duration(75), duration(7500)
    ('12 ms', '3.2 s', '1 min 15 s', '2 h 5 min')
    """
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    if minutes < 60:
        return f"{minutes} min {round(seconds) % 60} s"
    return f"{minutes // 60} h {minutes % 60} min"


def cost_words(seconds: float, share: float) -> str:
    """Say what looking inside cost.

    >>> cost_words(0.61, 0.1746), cost_words(1.0, 0.0004)
    ('0.6 s, 17 % of the training', '1.0 s, less than 1 % of the training')
    """
    part = f"{share:.0%}".replace("%", " %") if share >= 0.01 else "less than 1 %"
    return f"{duration(seconds)}, {part} of the training"


def short(text: Any, most: int = 18) -> str:
    """Cut a long name in the middle, so that its beginning and its end stay."""
    text = " ".join(str(text).split())
    if len(text) <= most:
        return text
    tail = (most - 1) // 3
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"
