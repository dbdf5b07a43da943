"""Stopping: keeps the best epoch in mind, and says when waiting for a better one has lasted long enough."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Stopping:
    """Watches one number.

    Args:
        metric, direction: what is watched, and whether "min" or "max" is better; without a metric no epoch is the best.
        patience: epochs without improvement before stopping; None never stops.
        min_change: what counts as an improvement at least.
    """

    metric: str | None
    direction: str
    patience: int | None
    min_change: float = 0.0
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0

    def see(self, epoch: int, value: float | None) -> bool:
        """Take in the value after an epoch, and return whether it is the best so far. A missing or NaN value never is."""
        if value is not None and math.isfinite(value) and self._better(value):
            self.best, self.best_epoch, self.waited = value, epoch, 0
            return True
        self.waited += 1
        return False

    @property
    def enough(self) -> bool:
        return self.patience is not None and self.waited >= self.patience

    def _better(self, value: float) -> bool:
        if self.best is None:
            return True
        gain = self.best - value if self.direction == "min" else value - self.best
        return gain > self.min_change

    def wait_anew(self) -> None:
        """Count the epochs without improvement from nothing: after a change that deserves a chance of its own."""
        self.waited = 0

    def state(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if k in ("best", "best_epoch", "waited")}

    def load(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch, self.waited = state["best"], state["best_epoch"], state["waited"]


def converged(objectives: Sequence[float], tolerance: float) -> bool:
    """Whether the last of some values, one an epoch, differs from the one before by no more than a share of it.

    A value that is not finite is never the end.
    """
    if len(objectives) < 2 or not all(map(math.isfinite, objectives[-2:])):
        return False
    before, now = objectives[-2:]
    return abs(now - before) <= tolerance * abs(before)
