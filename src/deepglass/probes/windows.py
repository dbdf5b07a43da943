"""Windows: the loss of all steps, as mean and spread over windows that widen as the training goes on."""

from collections.abc import Mapping

import torch
from torch import Tensor

from deepglass.probes.schedule import ends_window


class Windows:
    """Collects the loss of every step on the device. A closed window is (steps taken at its end, mean, standard deviation)."""

    def __init__(self) -> None:
        self._open: list[Tensor] = []
        self._closed: list[tuple[int, Tensor]] = []
        self._step = 0

    def add(self, step: int, loss: Tensor) -> None:
        """Add the loss of step number `step`, counted from 1."""
        self._open.append(loss)
        self._step = step
        if ends_window(step):
            values = torch.stack([value.detach().reshape(()).float() for value in self._open])
            self._closed.append((step, torch.stack([values.mean(), values.std(correction=0)])))
            self._open = []

    def take(self) -> tuple[list[int], Tensor | None]:
        """Return the windows closed since the last time: their ends, and means and spreads, shape (windows, 2)."""
        closed, self._closed = self._closed, []
        return [step for step, _ in closed], torch.stack([value for _, value in closed]) if closed else None

    def peek(self) -> tuple[list[int], Tensor | None]:
        """Return what `take` would, with the window that is still open, and keep it all."""
        ends, values = [step for step, _ in self._closed], [value for _, value in self._closed]
        if self._open:
            of_open = torch.stack([value.detach().reshape(()).float() for value in self._open])
            ends.append(self._step)
            values.append(torch.stack([of_open.mean(), of_open.std(correction=0)]))
        return ends, torch.stack(values) if values else None

    def tensors(self) -> dict[str, Tensor]:
        """Return what is not written down yet, to be saved with a training."""
        found = {}
        if self._open:
            found["step"] = torch.tensor(self._step)
            found["open"] = torch.stack([value.detach().reshape(()).float() for value in self._open])
        if self._closed:
            found["ends"] = torch.tensor([step for step, _ in self._closed])
            found["closed"] = torch.stack([value for _, value in self._closed])
        return found

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        self._open = list(tensors["open"]) if "open" in tensors else []
        self._step = int(tensors["step"]) if "step" in tensors else 0
        self._closed = list(zip(tensors["ends"].tolist(), tensors["closed"])) if "ends" in tensors else []
