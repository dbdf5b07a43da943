"""Comparison: whether one training, or one way to train, is better than another, with an interval before any word of it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepglass.comparable import check_side, common_metric, examples_of, kept_epoch, overlap, seed_and_split
from deepglass.errors import RunError, SettingError
from deepglass.paired import RESAMPLES, Difference, of_groups, of_pairs, of_resampled, of_right
from deepglass.plurals import counted
from deepglass.run import Run
from deepglass.tasks import Collected, Supervised
from deepglass.tasks.metrics import METRICS

Runlike = Run | str | Path

SPLITS = ("validation", "test")
FEW_RESAMPLES = 400  # of a metric that sorts the examples, which takes milliseconds each time
FEW_SEEDS = 5  # what we advise where nothing can be said: the interval of two seeds is 5 times wider than that of five


@dataclass(frozen=True)
class Comparison:
    """What is known of A against B.

    Args:
        sentence: the answer in words; it names a better one only where the interval leaves 0 out.
        difference: A minus B, in the metric's own terms, so a better accuracy of A is positive and a better loss negative.
        interval: where that difference may lie, at 95 %; None where it cannot be told.
        covers: what the interval covers, such as "5 seeds, the same data".
        better: "A", "B" or None.
        p_value: how often chance alone would give a difference as large, 0 to 1; by the test that `method` names.
        values: the metric of each run of A and of B.
        about: what A and B are, and what differs between their settings, a line each.
    """

    sentence: str
    metric: str
    split: str
    difference: float
    interval: tuple[float, float] | None
    covers: str
    better: str | None
    p_value: float | None
    method: str
    values: dict[str, list[float]]
    about: tuple[str, ...]

    def __repr__(self) -> str:
        how, _, test = self.method.partition("; p: ")
        chance = [] if self.p_value is None else [f"p = {self.p_value:.3g} ({test}; interval: {how})"]
        return "\n  ".join([self.sentence, *chance, *self.about])

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        names = ("sentence", "metric", "split", "difference", "interval", "covers", "better", "p_value", "method")
        return {**{name: getattr(self, name) for name in names}, "values": self.values, "about": list(self.about)}


def compare(
    a: Runlike | Sequence[Runlike], b: Runlike | Sequence[Runlike], metric: str | None = None, split: str = "validation"
) -> Comparison:
    """Compare two ways to train, by runs with the same seeds; or two runs, by the examples that both were judged on.

    Args:
        a, b: runs of either, or their folders, such as two `dg.train(..., seeds=5)`. Runs with the same seed and split make
            a pair.
        metric: the name of a metric that was recorded (default: the first one, such as accuracy).
        split: "validation", or "test", which counts as a look at the test split of every run.
    Raises: RunError, when they were not judged on the same examples; SettingError, for a metric that was not measured.

    >>> compare(train("mlp", "iris", seeds=5), train("linear", "iris", seeds=5)).sentence
    'A is better by 0.0400 in accuracy (95 % interval 0.0174 to 0.0626 over 5 seeds, the same data).'
    """
    sides = {"A": _opened(a), "B": _opened(b)}
    if split not in SPLITS:
        raise SettingError(f"{split=} cannot be compared on. Choose one of {', '.join(SPLITS)}.")
    for name, runs in sides.items():
        check_side(name, runs)
    if (len(sides["A"]) == 1) != (len(sides["B"]) == 1):
        raise RunError(
            f"A has {counted(len(sides['A']), 'run')} and B {len(sides['B'])}: one run says nothing of the luck "
            f"of its seed. Train both with the same seeds (seeds={FEW_SEEDS}), or compare one run with one."
        )
    metric = common_metric(sides, metric)
    if len(sides["A"]) == 1:
        found, covers, values = _over_examples(sides["A"][0], sides["B"][0], metric, split)
    else:
        found, covers, values = _over_seeds(sides["A"], sides["B"], metric, split)
    sign = -1 if _direction(metric) == "min" else 1
    better = None if not found.is_clear else "A" if found.mean * sign > 0 else "B"
    return Comparison(
        _sentence(found, metric, covers, better),
        metric,
        split,
        found.mean,
        found.interval,
        covers,
        better,
        found.p_value,
        found.method,
        values,
        _about(sides),
    )


def _opened(given: Runlike | Sequence[Runlike]) -> list[Run]:
    runs = [given] if isinstance(given, Run | str | Path) else given
    return [run if isinstance(run, Run) else Run(run) for run in runs]


def _over_seeds(
    a: Sequence[Run], b: Sequence[Run], metric: str, split: str
) -> tuple[Difference, str, dict[str, list[float]]]:
    """Compare several runs of each: by pairs where seeds and splits are the same, else as two groups."""
    by_seed = [{seed_and_split(run, split): run for run in runs} for runs in (a, b)]
    for name, runs, found in zip("AB", (a, b), by_seed):
        if len(found) < len(runs):
            raise RunError(
                f"{name} holds two runs with the same seed and the same splits, which are one measurement. "
                "Leave one of them out."
            )
    keys = [key for key in by_seed[0] if key in by_seed[1]]
    splits = {examples for _, examples in [*by_seed[0], *by_seed[1]]}
    if len(keys) >= 2:
        values = {name: [_value(found[key], metric, split) for key in keys] for name, found in zip("AB", by_seed)}
        several = len({examples for _, examples in keys}) > 1
        shared = overlap(by_seed[0][keys[0]], split) if several else 0.0
        covers = f"{len(keys)} {'splits, each with its seed' if several else 'seeds, the same data'}"
        pairs = [x - y for x, y in zip(values["A"], values["B"])]
        return of_pairs(pairs, overlap=shared), covers, values
    if len(splits) > 1:
        raise RunError(
            f"Fewer than two runs of A and B have the same seed and the same {split} examples, so they make no pairs. "
            f"Train both on one dataset with the same seeds, such as seeds={FEW_SEEDS}."
        )
    values = {name: [_value(run, metric, split) for run in runs] for name, runs in zip("AB", (a, b))}
    return of_groups(values["A"], values["B"]), f"{len(a)} and {len(b)} seeds that are no pairs, the same data", values


def _over_examples(a: Run, b: Run, metric: str, split: str) -> tuple[Difference, str, dict[str, list[float]]]:
    """Compare two runs by the examples that both answered."""
    if examples_of(a, split) != examples_of(b, split):
        raise RunError(
            f"{a.path} and {b.path} were not judged on the same {split} examples: their splits differ. Train both on one dataset."
        )
    first, second = (_judge(run, metric, _collected(run, split)) for run in (a, b))
    count = len(first.truth)
    everything = np.arange(count)
    values = {"A": [first.value(everything)], "B": [second.value(everything)]}
    covers = f"the choice of {count:,} {split} examples; one seed each, whose luck it does not cover"
    if metric in ("accuracy", "subset_accuracy"):
        return of_right(first.right, second.right), covers, _defined(values)

    def difference(places: np.ndarray) -> float | None:
        x, y = first.value(places), second.value(places)
        return None if x is None or y is None else x - y

    ranking = metric in METRICS and METRICS[metric].takes == "scores"
    return of_resampled(difference, count, resamples=FEW_RESAMPLES if ranking else RESAMPLES), covers, _defined(values)


@dataclass(frozen=True)
class _Judge:
    """A metric of one run, over any choice of its examples."""

    function: Callable[[Any, Any], float | None]
    judged: np.ndarray
    truth: np.ndarray

    def value(self, places: np.ndarray) -> float | None:
        found = self.function(self.judged[places], self.truth[places])
        return None if found is None else float(found)

    @property
    def right(self) -> np.ndarray:
        same: np.ndarray = (self.judged == self.truth).reshape(len(self.truth), -1).all(axis=1)
        return same


def _judge(run: Run, metric: str, collected: Collected) -> _Judge:
    task = run.task
    assert isinstance(task, Supervised)
    if metric == "loss":
        weights = torch.ones(len(collected.losses)) if collected.weights is None else collected.weights
        both = torch.stack([collected.losses, weights], dim=1).double().numpy()
        return _Judge(_mean_loss, both, task.truth(collected))
    known = {**METRICS, **task.metrics()}
    if metric not in known:
        raise SettingError(
            f"{run.path}: {metric!r} was recorded while training and cannot be computed anew from a run. "
            "Give the task again: dg.Run(path, task=...)."
        )
    return _Judge(known[metric].function, task.judged(collected, known[metric].takes), task.truth(collected))


def _mean_loss(both: np.ndarray, _: Any) -> float | None:
    """The mean of losses by their weights. Shapes: both (examples, 2)."""
    total = both[:, 1].sum()
    return float((both[:, 0] * both[:, 1]).sum() / total) if total else None


def _collected(run: Run, split: str) -> Collected:
    return run.collect(run.open_test("compare") if split == "test" else run.data.members(split))


def _value(run: Run, metric: str, split: str) -> float:
    """The metric of one run: as it was recorded on the validation split, or measured on the test split."""
    if split == "validation":
        return float(kept_epoch(run).validation[metric])
    judge = _judge(run, metric, _collected(run, split))
    value = judge.value(np.arange(len(judge.truth)))
    if value is None:
        raise RunError(f"{run.path}: {metric} is not defined on its {split} split.")
    return value


def _direction(metric: str) -> str:
    if metric in METRICS:
        return METRICS[metric].direction
    return "min" if "loss" in metric or "error" in metric else "max"


def _sentence(found: Difference, metric: str, covers: str, better: str | None) -> str:
    name = metric.replace("_", " ")
    if found.interval is None:
        same = "do not differ" if found.mean == 0 else f"differ by the same {_number(abs(found.mean), None)} every time"
        return f"Undecided: A and B {same} in {name} over {covers}, so no interval can be made. Use more seeds, or more examples."
    low, high = found.interval
    mean = found.mean
    if better and mean < 0:  # how much better: a positive number, whichever of them it is
        low, high, mean = -high, -low, -mean
    between = f"(95 % interval {_number(low, found)} to {_number(high, found)} over {covers})"
    if better:
        return f"{better} is better by {_number(mean, found)} in {name} {between}."
    return f"Within noise: A minus B is {_number(mean, found)} in {name} {between}."


def _number(value: float, found: Difference | None) -> str:
    """Write a number with as many decimals as give the interval two digits."""
    if found is None or found.interval is None:
        return f"{value:.3g}"
    reach = (found.interval[1] - found.interval[0]) / 2
    decimals = min(8, max(0, 1 - math.floor(math.log10(reach)))) if reach > 0 else 4
    return f"{value:.{decimals}f}"


def _about(sides: dict[str, list[Run]]) -> tuple[str, ...]:
    lines = [f"{name}: {', '.join(str(run.path) for run in runs)}" for name, runs in sides.items()]
    changes = sides["B"][0].spec.changes_from(sides["A"][0].spec)
    if "network.name" in changes:  # what belongs to one network only says nothing more
        changes = {n: pair for n, pair in changes.items() if n == "network.name" or not n.startswith("network.")}
    differing = [f"{n}: A {x}, B {y}" for n, (x, y) in changes.items() if n != "recipe.seed"]
    return (*lines, "they differ in " + ("; ".join(differing) if differing else "no setting"))


def _defined(values: dict[str, list[float | None]]) -> dict[str, list[float]]:
    return {name: [v for v in found if v is not None] for name, found in values.items()}
