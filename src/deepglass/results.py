"""Results: what the test split says of a run, or of several, with intervals."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.report.words import compared_words
from deepglass.subgroups import in_lines


class Evaluation:
    """What the test split says: `test` (scores), `baselines` and how often the test split was looked at."""

    def __init__(self, run: str, test: Mapping[str, Any], beside: Mapping[str, Any], looks: int) -> None:
        self.run, self.test, self.baselines, self.looks = run, dict(test), dict(beside), looks

    def __getitem__(self, name: str) -> Any:
        return self.test[name]

    def __repr__(self) -> str:
        lines = [f"{self.run}: test split, {self.test.get('examples', '?')} examples, look {self.looks}"]
        for name, value in self.test.items():
            if isinstance(value, float):
                interval = self.test.get(f"{name}_interval")
                between = (
                    f"   95 % interval {interval[0]:.4f} to {interval[1]:.4f} (choice of these examples)"
                    if interval
                    else ""
                )
                lines.append(f"  {name:<20} {value:.4f}{between}")
        for column, rows in self.test.get("by", {}).items():
            lines += in_lines(column, rows)
        for name, scores in self.baselines.items():
            shown = ", ".join(f"{n} {v:.4f}" for n, v in scores.items() if isinstance(v, float))
            said = f"; {compared_words(scores['compared'])}" if "compared" in scores else ""
            lines.append(f"  beside it: {name:<16} {shown}{said}")
            if "note" in scores:
                lines.append(f"             {'':<16} {scores['note']}")
        if self.looks > 1:
            lines.append(
                f"  The test split has been looked at {self.looks} times: choices made in between make it less honest."
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass evaluate`."""
        return {"run": self.run, "test": self.test, "baselines": self.baselines, "looks": self.looks}


class Evaluations(Sequence[Evaluation]):
    """Evaluations of several runs, with intervals over their seeds."""

    def __init__(self, evaluations: Sequence[Evaluation]) -> None:
        self._all = list(evaluations)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]

    def __repr__(self) -> str:
        return "\n".join([*map(repr, self._all), *in_words(self._by_name(), "test ")])

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass evaluate` with several runs."""
        means = {name: interval(values, name) for name, values in self._by_name().items() if len(values) > 1}
        return {"runs": [e.to_dict() for e in self._all], "test": means}

    def _by_name(self) -> dict[str, list[float]]:
        return by_name([{n: v for n, v in e.test.items() if isinstance(v, float)} for e in self._all])


UNBOUNDED = (
    "loss",
    "penalty",
    "r2",
    "mae",
    "rmse",
    "mse",
    "mase",
    "normalized_mse",
    "normalized_mae",
)  # metrics that are no shares, however small they happen to be


def interval(values: Sequence[float], name: str = "") -> dict[str, Any]:
    """Mean and 95 % interval of one number a run; it covers the seeds, not another choice of data.

    Args: name: of the metric. An interval of a share ends at 0 and 1.
    Source: Student, "The Probable Error of a Mean", Biometrika 1908.
    """
    from scipy.stats import t

    mean = statistics.fmean(values)
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    low, high = mean - half, mean + half
    if name not in UNBOUNDED and all(
        0 <= value <= 1 for value in values
    ):  # where a share ends, the formula does not know
        low, high = max(0.0, low), min(1.0, high)
    return {"mean": mean, "interval": [low, high], "seeds": len(values)}


def in_words(values_by_name: Mapping[str, list[float]], prefix: str) -> list[str]:
    """Say mean and interval of each metric of several runs, a line each."""
    lines = []
    for name, values in values_by_name.items():
        if len(values) > 1:
            about = interval(values, name)
            low, high = about["interval"]
            lines.append(
                f"{prefix}{name}: mean {about['mean']:.4f}, 95 % interval {low:.4f} to {high:.4f} "
                f"over {len(values)} seeds (the same data)"
            )
    return lines


def by_name(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Turn one row of metrics a run into one list of values a metric."""
    names = rows[0] if rows else {}
    return {n: [row[n] for row in rows if n in row] for n in names}
