"""Batch: how many examples a step sees, and in which order they come."""

import math
from typing import Any

import numpy as np
from torch import nn

from deepglass.data import Dataset
from deepglass.training.recipe import Recipe


def batch(data: Dataset, network: nn.Module, recipe: Recipe) -> dict[str, Any]:
    """Return the size of a batch, the steps of an epoch, whether they are shuffled, and how sorted the targets are.

    runs: how often the class changes from one training example to the next, over how often it would in a mixed order; near 0
    where examples are sorted by class; absent where the target is no category.
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
    return found


def changes_against_chance(codes: np.ndarray) -> float | None:
    """Changes of class along an order, over the number expected when it is mixed; None with one class alone."""
    shares = np.unique(codes, return_counts=True)[1] / len(codes)
    expected = (len(codes) - 1) * (1 - (shares**2).sum())
    return float((codes[1:] != codes[:-1]).sum() / expected) if expected else None
