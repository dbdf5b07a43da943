"""Running: the losses of an epoch as they go by, summed over its examples."""

from collections.abc import Mapping

import torch
from torch import Tensor

FOLDED = 256  # steps whose losses are held one by one: an operation on each would cost a small network a hundredth of its step


class Running:
    """Sums losses by name, in double precision and in the order of the steps, wherever it is folded in between."""

    def __init__(self, totals: Mapping[str, Tensor] | None = None) -> None:
        self._totals = {name: float(total) for name, total in (totals or {}).items()}
        self._open: list[tuple[Mapping[str, Tensor], int]] = []

    def add(self, losses: Mapping[str, Tensor], examples: int) -> None:
        """Add the losses of a step, each a mean over so many examples."""
        self._open.append((losses, examples))
        if len(self._open) >= FOLDED:
            self.fold()

    def fold(self) -> dict[str, float]:
        """Return the sums by name; waits for the device."""
        for name in dict.fromkeys(name for losses, _ in self._open for name in losses):
            held = [(losses[name], examples) for losses, examples in self._open if name in losses]
            total = self._totals.get(name, 0.0)
            for value, (_, examples) in zip(torch.stack([value for value, _ in held]).tolist(), held):
                total += value * examples
            self._totals[name] = total
        self._open = []
        return self._totals

    def tensors(self) -> dict[str, Tensor]:
        """The sums as a checkpoint holds them."""
        return {name: torch.tensor(total, dtype=torch.float64) for name, total in self.fold().items()}
