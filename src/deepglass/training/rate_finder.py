"""Rate finder: a short training in which the learning rate grows from step to step, and the loss says where it is too large."""

import copy
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from torch import nn

from deepglass.data import Dataset
from deepglass.errors import SettingError, TrainingError
from deepglass.tasks import Task
from deepglass.training.recipe import Recipe
from deepglass.training.records import Step
from deepglass.training.training import Training

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 200
SMOOTHING = 0.9  # share of the mean that a step keeps; corrected at the beginning, as Adam's is
GIVEN_UP = 4.0  # times the least loss: from there on it only grows
MARGIN = 10.0  # how far below the least loss's rate a rate is still safe: there the loss is about to explode


@dataclass(frozen=True)
class RateCurve:
    """What was found: the loss of each step and its running mean, by the rate of the step."""

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray

    @property
    def suggestion(self) -> float:
        """The rate at which the running mean falls most, at most a tenth of the rate at which it is lowest.

        Source: Smith, arXiv:1506.01186, section 3.3; both rules are those of fast.ai's finder. With Adam the loss may stay low
        up to rates far beyond those that train well, so the lowest point alone would be too bold.
        """
        return min(self.steepest, float(self.rates[int(self.smoothed.argmin())] / MARGIN))

    @property
    def steepest(self) -> float:
        """The rate at which the running mean falls most, over a twentieth of the steps; its first sixth is mostly noise."""
        begun = len(self.rates) // 6
        lowest = max(3, int(self.smoothed.argmin()) + 1)
        span = max(1, len(self.rates) // 20)
        fall = self.smoothed[: max(1, lowest - span)] - self.smoothed[span : max(span + 1, lowest)]
        if len(fall) > begun:
            fall[:begun] = -np.inf
        return float(self.rates[min(len(self.rates) - 1, int(fall.argmax()) + span // 2)])

    def __str__(self) -> str:
        lowest = float(self.rates[int(self.smoothed.argmin())])
        falls = f"the loss falls most at {self.steepest:.1e}, is lowest at {lowest:.1e}"
        return f"suggested learning rate {self.suggestion:.1e} ({falls})"


def find_rate(
    network: nn.Module,
    data: Dataset,
    recipe: Recipe | Mapping[str, object] | None = None,
    *,
    task: Task | None = None,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
) -> RateCurve:
    """Try learning rates from `lowest` to `highest` in one short training of a copy of the network, which stays as it is.

    Args:
        recipe: the recipe to find a rate for: its optimizer, batch size, penalties and seed; its rate and schedule play no part.
        steps: how many; fewer are taken when the loss has grown to four times its least.
    Raises: SettingError, when the range is empty, or the optimizer searches for its step itself.
    Source: Smith, "Cyclical Learning Rates for Training Neural Networks", arXiv:1506.01186, section 3.3.

    >>> find_rate(build("mlp", data), data, Recipe(optimizer="sgd")).suggestion
    """
    if not 0 < lowest < highest < math.inf or steps < 10:
        raise SettingError(f"{lowest=}, {highest=}, {steps=}: give 0 < lowest < highest, and 10 steps or more.")
    given = recipe.model_dump(exclude_unset=True) if isinstance(recipe, Recipe) else dict(recipe or {})
    if given.get("optimizer") == "lbfgs":
        raise SettingError("lbfgs searches along each step for its length, so there is no rate to find.")
    fixed = {
        "epochs": steps,
        "schedule": "constant",
        "warmup_steps": 0,
        "learning_rate": lowest,
        "early_stopping": False,
    }
    dropped = ("schedule_factor", "schedule_epochs")
    kept = {name: value for name, value in given.items() if name not in dropped}
    training = Training(copy.deepcopy(network), data, Recipe(**{**kept, **fixed}), task=task)
    ratio = (highest / lowest) ** (1 / (steps - 1))
    losses: list[float] = []
    taken = _steps(training)
    with suppress(TrainingError):  # a loss that is no number is an end like any other
        for number in range(steps):
            for player in training.players:
                player.use_share(ratio**number)
            loss = next(taken).loss
            if not math.isfinite(loss):
                break
            losses.append(loss)
            if _smoothed(losses)[-1] > GIVEN_UP * _smoothed(losses).min():
                break
    if not losses:
        raise TrainingError(
            f"The loss is not a number at the first step, at rate {lowest:g}. Check the data's scaling."
        )
    rates = lowest * ratio ** np.arange(len(losses))
    return RateCurve(rates, np.array(losses), _smoothed(losses))


def _steps(training: Training) -> Iterator[Step]:
    """The steps of one epoch after the other, without end."""
    while True:
        yield from training.steps()
        training.close_epoch()


def _smoothed(losses: list[float]) -> np.ndarray:
    mean, found = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        found.append(mean / (1 - SMOOTHING**number))
    return np.array(found)
