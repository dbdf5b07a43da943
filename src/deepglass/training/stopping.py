"""Stopping: keeps the best epoch in mind, and says when waiting for a better one has lasted long enough."""

import math
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

    def state(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if k in ("best", "best_epoch", "waited")}

    def load(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch, self.waited = state["best"], state["best_epoch"], state["waited"]
