"""Pace: what share of the learning rate one training uses at each step: a warm-up, a schedule, drops on a plateau."""

import math
from typing import Any

from deepglass.errors import SettingError
from deepglass.names import find
from deepglass.training.recipe import Recipe
from deepglass.training.schedules import DROP, SCHEDULES, Course
from deepglass.training.stopping import Stopping

PLATEAU_EPOCHS = 5  # half of what early stopping waits
LEAST_SHARE = 1e-3  # below this a plateau lowers the rate no further, so that early stopping has its turn


class Pace:
    """The shares of one training.

    In a warm-up of w steps the share grows evenly, from 1 / (w + 1) of where the schedule begins; then that runs along what
    is left.

    Args:
        epoch_steps: the steps of an epoch.
        watched: the metric that a plateau is seen in, with its direction.
    Raises: SettingError, when a setting was given that the schedule does not take.
    """

    def __init__(self, recipe: Recipe, epoch_steps: int, watched: tuple[str | None, str] = (None, "min")) -> None:
        self.schedule = find("schedule", recipe.schedule, SCHEDULES)
        for name in ("schedule_factor", "schedule_epochs"):
            if getattr(recipe, name) is not None and name not in self.schedule.takes:
                takers = ", ".join(n for n, s in SCHEDULES.items() if name in s.takes)
                raise SettingError(
                    f"recipe.{name}={getattr(recipe, name)} is set, and the schedule {recipe.schedule!r} does not take it. "
                    f"Leave it out, or use one that does: {takers}."
                )
        self.warmup = recipe.warmup_steps
        steps = max(1, recipe.epochs * epoch_steps - self.warmup)
        self.course = Course(steps, max(1, epoch_steps), recipe.schedule_factor, recipe.schedule_epochs)
        self.lowered = 1.0  # by plateaus
        self.plateau: Stopping | None = None
        if recipe.schedule == "plateau":
            if watched[0] is None:
                raise SettingError("recipe.schedule='plateau' watches a metric, and this task names none. Set monitor.")
            self.plateau = Stopping(*watched, recipe.schedule_epochs or PLATEAU_EPOCHS, recipe.min_change)

    @property
    def varies(self) -> bool:
        return self.warmup > 0 or self.schedule is not SCHEDULES["constant"]

    def share(self, step: int) -> float:
        """The share at a step, counted from 0."""
        grown = min(1.0, (step + 1) / (self.warmup + 1))
        return self.lowered * grown * self.schedule.share(max(0, step - self.warmup), self.course)

    def see(self, epoch: int, value: float | None) -> bool:
        """Take in what was watched after an epoch, and return whether the rate falls."""
        if self.plateau is None:
            return False
        self.plateau.see(epoch, value)
        if not self.plateau.enough or math.isclose(self.lowered, LEAST_SHARE):
            return False
        self.plateau.wait_anew()
        factor = DROP if self.course.factor is None else self.course.factor
        self.lowered = max(LEAST_SHARE, self.lowered * factor)
        return True

    def state(self) -> dict[str, Any]:
        return {} if self.plateau is None else {"lowered": self.lowered, **self.plateau.state()}

    def load(self, state: dict[str, Any]) -> None:
        if self.plateau is not None and state:
            self.lowered = state["lowered"]
            self.plateau.load(state)
