"""Threshold: from which probability a class or a label is said to be there, and what that choice costs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from deepglass.errors import SettingError

SHOWN = tuple(round(0.05 * i, 2) for i in range(1, 20))  # the thresholds of a table that people read


@dataclass(frozen=True)
class Rule:
    """What a threshold is to be best at, or the threshold itself.

    Written as: "f1" (harmonic mean of precision and recall), "youden" (recall minus false alarm rate), "cost=5" (a miss
    is as bad as five false alarms), or a probability from 0 to 1.
    """

    name: str
    value: float = 0.0

    def __str__(self) -> str:
        return self.name if self.name in ("f1", "youden") else f"{'cost=' * (self.name == 'cost')}{self.value:g}"

    @classmethod
    def from_text(cls, text: "str | float | Rule") -> "Rule":
        """Read a rule. Raises: SettingError, with the rules there are."""
        if isinstance(text, Rule):
            return text
        if text in ("f1", "youden"):
            return cls(str(text))
        name, equals, number = str(text).rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name == "cost" and 0 < value < float("inf"):
            return cls("cost", value)
        if not equals and 0 <= value <= 1:
            return cls("fixed", value)
        raise SettingError(
            f"threshold={text!r} is no rule. Use f1, youden, cost=NUMBER (how many false alarms are as bad as a miss), or a "
            "probability from 0 to 1."
        )


@dataclass(frozen=True)
class Threshold:
    """The chosen threshold of each class that is judged, and how it does on the examples that it was chosen on.

    Args: rule: as it is written. classes: the class that is found, or the labels; the lists have one entry for each.
    """

    rule: str
    classes: list[str]
    values: list[float]
    precision: list[float]
    recall: list[float]
    f1: list[float]
    examples: int

    def __repr__(self) -> str:
        lines = [f"threshold by {self.rule}, on {self.examples:,} validation examples"]
        for row in zip(self.classes, self.values, self.precision, self.recall, self.f1):
            lines.append("  {}: from {:.4g} on; precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(*row))
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def choose(rule: Rule, probabilities: np.ndarray, truth: np.ndarray, classes: list[str]) -> Threshold:
    """Choose the threshold of each class. Shapes: both (examples, classes), truth of 0 and 1.

    Raises: SettingError, for a class that all examples have, or none, so that nothing can be chosen.
    """
    found = [_best(rule, probabilities[:, i], truth[:, i] > 0, name) for i, name in enumerate(classes)]
    rows = [at_thresholds(probabilities[:, i], truth[:, i], [value]) for i, value in enumerate(found)]
    shares = {name: [float(row[name][0]) for row in rows] for name in ("precision", "recall", "f1")}
    return Threshold(str(rule), classes, found, **shares, examples=len(truth))


def at_thresholds(probability: Any, truth: Any, thresholds: Any = SHOWN) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and false alarm rate when a class is said to be there from each threshold on.

    Shapes: probability and truth (examples,), truth of 0 and 1; columns of (thresholds,). 0/0 counts as 0, as in `by_class`.
    """
    shares, there = np.asarray(probability, dtype=np.float64), np.asarray(truth) > 0
    limits = np.asarray(thresholds, dtype=np.float64)
    found, hits = (len(v) - np.searchsorted(np.sort(v), limits) for v in (shares, shares[there]))
    present, absent = int(there.sum()), int((~there).sum())
    return {
        "threshold": limits,
        "precision": hits / np.maximum(1, found),
        "recall": hits / max(1, present),
        "f1": 2 * hits / np.maximum(1, found + present),
        "false_alarms": (found - hits) / max(1, absent),
        "found": found,
    }


def candidates(probability: Any) -> np.ndarray:
    """All thresholds that make a difference: halfway between neighbouring probabilities, and beyond both ends."""
    distinct = np.unique(np.asarray(probability, dtype=np.float64))
    return np.concatenate([[distinct[0] / 2], (distinct[1:] + distinct[:-1]) / 2, [(distinct[-1] + 1) / 2]])


def _best(rule: Rule, probability: np.ndarray, there: np.ndarray, name: str) -> float:
    if rule.name == "fixed":
        return rule.value
    if not there.any() or there.all():
        raise SettingError(
            f"No threshold can be chosen for {name!r}: {'all' if len(there) and there.all() else 'none'} of the validation "
            "examples have it. Give a threshold as a number, or more validation examples."
        )
    limits = candidates(probability)
    row = at_thresholds(probability, there, limits)
    if rule.name == "f1":
        gain = row["f1"]
    elif rule.name == "youden":  # Youden, "Index for rating diagnostic tests", Cancer 1950
        gain = row["recall"] - row["false_alarms"]
    else:
        gain = -(row["false_alarms"] * (~there).sum() + rule.value * (1 - row["recall"]) * there.sum())
    best = np.flatnonzero(gain >= gain.max() - 1e-12)
    return float(limits[best[np.abs(limits[best] - 0.5).argmin()]])  # of equally good ones, the nearest to 0.5
