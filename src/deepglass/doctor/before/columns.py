"""Columns: those of a loop's table that give the target away, or number the examples, by the checks that data of a run undergo."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from deepglass.data.checks.identifiers import FEWEST
from deepglass.data.checks.leaks import ALONE, EQUAL, alone, explained
from deepglass.data.checks.view import Column
from deepglass.doctor.before.baselines import simple_scores
from deepglass.doctor.before.batches import once_each
from deepglass.probes.examples import Kept

FEWEST_ROWS = 40  # that a small tree is asked about, a fourth of them
# Pairs of equal values that as many draws from all places of a grid give on average: with 7, none is met once in e**7 = 1100 times.
MEETINGS = 7.0
OFF_GRID = 0.05  # of a step, by which scaled whole numbers miss their places in float32; numbers at random miss them by up to 0.5


def leaking(inputs: np.ndarray | None, kept: Sequence[Kept], kind: str) -> dict[str, Any]:
    """Return `columns`, as `before.leakage` has them of a run. Shape: inputs (rows, columns); of anything else nothing is said.

    with, without: what a small tree reaches on a fourth of the rows with the column and without it.
    """
    targets = torch.cat([k.targets for k in kept if k.targets is not None])
    y = targets.reshape(len(targets), -1).double().cpu().numpy()
    if inputs is None or inputs.ndim != 2 or inputs.shape[1] < 2 or y.shape[1] != 1 or len(y) != len(inputs):
        return {}
    once = once_each(inputs, targets)
    x, y = inputs[once], y[once, 0]
    if len(y) < FEWEST_ROWS or not (np.isfinite(x).all() and np.isfinite(y).all()) or np.ptp(y) == 0:
        return {}
    target = _column(y, kind)
    found = []
    scores = [alone(_column(column, "number"), target) for column in x.T]
    telling = [n for n, score in enumerate(scores) if score >= ALONE]
    for number in telling:
        equal = explained(_column(x[:, number], "number"), target) >= EQUAL
        easy = len(telling) > 1 and not equal
        found.append(
            {
                "check": "leaks",
                "severity": "alarm" if equal else "remark" if easy else "warning",
                "sentence": f"input[{number}] {'is the target under another name' if equal else 'alone predicts the target'}: "
                f"{'accuracy' if kind == 'category' else 'share of its variance'} {scores[number]:.3f}.",
                "column": f"input[{number}]",
                **_with_and_without(x, y, number, kind),
            }
        )
    for number in range(x.shape[1]):
        if _numbers_rows(x[:, number]):
            found.append(
                {
                    "check": "identifiers",
                    "severity": "warning",
                    "sentence": f"input[{number}] holds a whole number of its own for each example, apart from its scale.",
                    "column": f"input[{number}]",
                    **_with_and_without(x, y, number, kind),
                }
            )
    return {"columns": found} if found else {}


def _column(values: np.ndarray, kind: str) -> Column:
    """As the checks take it: all rows are trained on."""
    return Column("input", "", kind, {"train": values, "validation": values[:0]})


def _numbers_rows(values: np.ndarray) -> bool:
    """Whether values are places on one grid, as numbers of rows are after any scaling, and all different although chance would
    have let some meet: quantities that are drawn repeat themselves, numbers of rows never do.

    Rows are a sample of those that were numbered, so that there are gaps. Source: the birthday problem; von Mises 1939.
    """
    ordered = np.sort(values)
    steps = np.diff(ordered)
    if len(values) < FEWEST or not steps.min() > 0:
        return False
    apart = (steps / steps.min()).round()
    places = np.concatenate([[0.0], apart.cumsum()])
    meetings = len(values) * (len(values) - 1) / 2 / (places[-1] + 1)
    off = (ordered - ordered[0]) * places[-1] / np.ptp(ordered) - places
    return bool(meetings >= MEETINGS and np.abs(off).max() < OFF_GRID)


def _with_and_without(x: np.ndarray, y: np.ndarray, number: int, kind: str) -> dict[str, float]:
    mixed = np.random.default_rng(0).permutation(len(y))
    first, rest = mixed[len(y) // 4 :], mixed[: len(y) // 4]
    others = [i for i in range(x.shape[1]) if i != number]
    whole = simple_scores(kind, x[first], y[first], x[rest], y[rest])
    part = simple_scores(kind, x[first][:, others], y[first], x[rest][:, others], y[rest])
    return {"with": max(whole.values()), "without": max(part.values())} if whole and part else {}
