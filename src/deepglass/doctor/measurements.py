"""Measurements: short trainings that tell what no look can, named, within a budget, and kept as evidence."""

import copy
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from torch import nn

from deepglass.data import Dataset
from deepglass.data.augment import Augment
from deepglass.data.split import Splits
from deepglass.doctor.before.baselines import constant_loss
from deepglass.errors import DeepglassError, TrainingError
from deepglass.probes.evidence import Evidence
from deepglass.probes.stored import write_before
from deepglass.runs import RunFolder
from deepglass.tasks import Supervised, Task
from deepglass.training.rate_finder import find_rate
from deepglass.training.recipe import Recipe
from deepglass.training.training import Training

ROWS, STEPS = (
    32,
    300,
)  # of the batch to be learned by heart (Karpathy 2019: a few examples; TheDeepChecker: 16 rows, 1000 steps)
RATE = 3e-3  # of Adam, for that: three times its usual one, as there is no noise between batches
LEARNED = 0.05  # share of the constant answer's loss; less counts as learned by heart, and its square is enough to stop
BUDGET = 30.0  # seconds, shared by all measurements


def measure(folder: RunFolder, network: nn.Module, data: Dataset, task: Task, recipe: Recipe) -> dict[str, Any]:
    """Take the measurements of MEASUREMENTS on copies of the network, within BUDGET seconds, and keep them in the run.

    One that fails says why under "failed".
    """
    found: dict[str, Any] = {}
    started = perf_counter()
    for name, take in MEASUREMENTS.items():
        begun = perf_counter()
        left = BUDGET - (begun - started)
        try:
            found[name] = take(copy.deepcopy(network), data, task, recipe, left)
        except DeepglassError as error:
            found[name] = {"failed": str(error)}
        found[name]["seconds"] = perf_counter() - begun
    before = Evidence.from_run(folder.path).before
    write_before(folder.path, {**before, "measurements": found})
    return found


def memorize(network: nn.Module, data: Dataset, task: Task, recipe: Recipe, budget: float) -> dict[str, Any]:
    """Learn ROWS training examples by heart: Adam, no dropout, no penalties, STEPS steps, or fewer within the budget.

    Returns: first_loss and least_loss of the batch, constant (the loss of the best constant answer, None where it cannot be told),
    steps and rows. A sound network comes near 0; one that does not has a fault that no amount of data mends.
    Source: Karpathy, "A Recipe for Training Neural Networks", 2019; TheDeepChecker, TOSEM 2022.
    """
    started = perf_counter()
    for module in network.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
    train = data.splits.train
    some = np.sort(train[np.linspace(0, len(train) - 1, min(ROWS, len(train))).round().astype(int)])
    part = replace(
        data, splits=Splits(some, some[:0], some[:0]), settings=data.settings.model_copy(update={"augment": Augment()})
    )
    chosen = Recipe(
        epochs=STEPS, batch_size="all", optimizer="adam", learning_rate=RATE, early_stopping=False, seed=recipe.seed
    )
    training = Training(network, part, chosen, task=copy.copy(task))
    losses: list[float] = []
    constant = None
    if isinstance(task, Supervised):
        rows = part.examples("train")
        constant = constant_loss(task, rows, rows)
    enough = LEARNED * LEARNED * constant if constant else 0.0
    try:
        while len(losses) < STEPS and perf_counter() - started < budget / 2:
            for step in training.steps():
                losses.append(step.loss)
            training.position = 0
            if losses[-1] <= enough:
                break
    except TrainingError:
        losses.append(float("inf"))
    finite = [loss for loss in losses if np.isfinite(loss)]
    return {
        "first_loss": losses[0],
        "least_loss": min(finite, default=float("inf")),
        "constant": constant,
        "steps": len(losses),
        "rows": len(some),
    }


def rates(network: nn.Module, data: Dataset, task: Task, recipe: Recipe, budget: float) -> dict[str, Any]:
    """Let the rate grow from step to step, and see where the loss falls most; see `training.find_rate`.

    Returns: suggestion (a rate), and the `used` one of the recipe.
    """
    curve = find_rate(network, data, recipe, task=copy.copy(task))
    return {"suggestion": curve.suggestion, "steepest": curve.steepest, "used": recipe.learning_rate}


MEASUREMENTS: dict[str, Callable[[nn.Module, Dataset, Task, Recipe, float], dict[str, Any]]] = {
    "memorize": memorize,
    "rates": rates,
}
