"""Windows: the loss of all steps, as mean and spread over windows that widen as the training goes on."""

from collections.abc import Mapping
from itertools import groupby

import torch
from torch import Tensor

from deepglass.probes.schedule import window_ends

FOLDED = 256  # losses held one by one at most, for operations on each would cost a small network a fifth of its step


class Windows:
    """Collects the loss of every step on the device. A closed window is (steps taken at its end, mean, standard deviation)."""

    def __init__(self) -> None:
        self._open: list[Tensor] = []  # of steps in a row, each one loss or several
        self._searched = 0  # of these losses, in which no window ends
        self._closed: list[tuple[int, Tensor]] = []
        self._step = 0

    def add(self, step: int, losses: Tensor) -> None:
        """Add the loss of step number `step`, counted from 1, or the losses of several steps, the last of which that is."""
        self._open.append(losses.detach() if losses.requires_grad else losses)
        self._step = step
        if len(self._open) >= FOLDED:
            self._fold()

    def take(self) -> tuple[list[int], Tensor | None]:
        """Return the windows closed since the last time: their ends, and means and spreads, shape (windows, 2)."""
        self._fold()
        closed, self._closed = self._closed, []
        return [step for step, _ in closed], torch.stack([value for _, value in closed]) if closed else None

    def peek(self) -> tuple[list[int], Tensor | None]:
        """Return what `take` would, with the window that is still open, and keep it all."""
        self._fold()
        ends, values = [step for step, _ in self._closed], [value for _, value in self._closed]
        if self._open:
            ends.append(self._step)
            values.append(_mean_and_spread(self._open[0][None])[0])
        return ends, torch.stack(values) if values else None

    def tensors(self) -> dict[str, Tensor]:
        """Return what is not written down yet, to be saved with a training."""
        self._fold()
        found = {}
        if self._open:
            found["step"] = torch.tensor(self._step)
            found["open"] = self._open[0]
        if self._closed:
            found["ends"] = torch.tensor([step for step, _ in self._closed])
            found["closed"] = torch.stack([value for _, value in self._closed])
        return found

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        self._open = [tensors["open"]] if "open" in tensors else []
        self._searched = 0
        self._step = int(tensors["step"]) if "step" in tensors else 0
        self._closed = list(zip(tensors["ends"].tolist(), tensors["closed"])) if "ends" in tensors else []

    def _fold(self) -> None:
        """Close the windows whose end has come; `_open` holds one tensor then, or none."""
        if not self._open:
            return
        losses = _in_a_row(self._open)
        before = self._step - len(losses)
        ends = list(window_ends(before + self._searched, self._step))
        begun = 0
        for length, alike in groupby(zip(ends, [before, *ends]), lambda pair: pair[0] - pair[1]):
            closed = [end for end, _ in alike]
            values = _mean_and_spread(losses[begun : begun + length * len(closed)].reshape(-1, length))
            self._closed += zip(closed, values)
            begun += length * len(closed)
        self._searched = len(losses) - begun
        self._open = [losses[begun:].clone()] if self._searched else []


def _in_a_row(parts: list[Tensor]) -> Tensor:
    """All losses in one tensor, (losses,)."""
    rows = []
    for single, alike in groupby(parts, lambda part: part.ndim == 0):
        found = list(alike)
        rows.append(torch.stack(found) if single else torch.cat([part.reshape(-1) for part in found]))
    return torch.cat(rows).float()


def _mean_and_spread(values: Tensor) -> Tensor:
    """Of each row: (rows, 2)."""
    return torch.stack([values.mean(1), values.std(1, correction=0)], dim=1)
