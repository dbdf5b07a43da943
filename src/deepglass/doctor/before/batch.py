"""Batch: how many examples a step sees, and in which order they come."""

import math
from typing import Any

import numpy as np
from torch import nn

from deepglass.data import Dataset
from deepglass.training.recipe import Recipe

MOST = 1_000  # examples of whose order a number is read


def batch(data: Dataset, network: nn.Module, recipe: Recipe) -> dict[str, Any]:
    """Return the size of a batch, the steps of an epoch, whether they are shuffled, and how sorted the targets are.

    changes: how often the class changes from one training example to the next, over how often it would in a mixed order; near 0
    where examples are sorted by class; of a number, how much it differs from one example to the next, where nothing is mixed.
    """
    examples = len(data.members("train"))
    size = examples if recipe.batch_size == "all" else recipe.batch_size
    found: dict[str, Any] = {
        "size": size,
        "examples": examples,
        "steps_an_epoch": math.ceil(examples / max(1, size)) if examples else 0,
        "shuffled": recipe.shuffle,
        "accumulate": recipe.accumulate,
    }
    codes = data.codes("train")
    if codes is not None and len(codes) > 1:
        changes = changes_against_chance(codes.numpy())
        if changes is not None:
            found["changes"] = changes
    elif not recipe.shuffle and (numbers := _numbers_in_order(data)) is not None:
        found["changes"] = differences_against_chance(numbers)
    return found


def _numbers_in_order(data: Dataset) -> np.ndarray | None:
    """A single number to predict, in the order of the training examples; None where there is none, or all are alike."""
    if [field.kind for field in data.targets.values()] != ["number"]:
        return None
    values = data.examples("train", limit=MOST)[next(iter(data.targets))]
    flat = values.reshape(len(values), -1).double().cpu().numpy()
    return flat[:, 0] if flat.shape[1] == 1 and len(flat) > 1 and np.isfinite(flat).all() and np.ptp(flat) > 0 else None


def differences_against_chance(values: np.ndarray) -> float:
    """Squares of differences between neighbours over what a mixed order has, twice the variance: near 0 where numbers are sorted.

    Source: von Neumann, "Distribution of the Ratio of the Mean Square Successive Difference to the Variance", 1941.
    """
    return float((np.diff(values) ** 2).mean() / (2 * values.var()))


def changes_against_chance(codes: np.ndarray) -> float | None:
    """Changes of class along an order, over the number expected when it is mixed; None with one class alone."""
    shares = np.unique(codes, return_counts=True)[1] / len(codes)
    expected = (len(codes) - 1) * (1 - (shares**2).sum())
    return float((codes[1:] != codes[:-1]).sum() / expected) if expected else None
