"""Recurrent clockwork: a recurrent layer whose groups of units are updated at different rates."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.layers.recurrent_steps import State, StepByStep


class ClockworkRecurrent(StepByStep):
    """A group with period p is updated at each p-th step alone, the first included, and holds its state in between.

    Short connections are taken away, so that slow groups work on a coarser time scale; a unit hears only units of its own period
    and of longer ones.
    Shapes: input (batch, time, input_size), output (batch, time, hidden_size) and the state, in which "clock" (batch,) counts the
    steps.
    Args: periods: in steps, 1 or more each; the units are shared out evenly, the quickest first.
    Raises: SettingError, UnknownName.
    Source: Koutnik, Greff, Gomez and Schmidhuber, "A Clockwork RNN", arXiv:1402.3511, section 3.
    """

    period: Tensor
    hears: Tensor

    def __init__(
        self, input_size: int, hidden_size: int, *, periods: Sequence[int] = (1, 2, 4, 8), nonlinearity: str = "tanh"
    ) -> None:
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity)
        self.periods = _checked(periods, hidden_size)
        each = torch.arange(hidden_size) * len(self.periods) // hidden_size  # the group of each unit
        period = torch.tensor(self.periods)[each]
        self.register_buffer("period", period, persistent=False)
        self.register_buffer("hears", (period[None, :] >= period[:, None]).float(), persistent=False)

    def start(self, batch: int) -> State:
        clock = torch.zeros(batch, dtype=torch.int64, device=self.weight_hh_l0.device)
        return {**super().start(batch), "clock": clock}

    def step(self, arriving: Tensor, state: Mapping[str, Tensor]) -> State:
        new = self.phi(arriving + state["h"] @ (self.weight_hh_l0 * self.hears).T)
        due = state["clock"][:, None] % self.period == 0  # (batch, hidden_size)
        return {"h": torch.where(due, new, state["h"]), "clock": state["clock"] + 1}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, periods={self.periods}"


def _checked(periods: Sequence[int], units: int) -> tuple[int, ...]:
    numbers = (periods,) if isinstance(periods, int) else periods
    right = isinstance(numbers, Sequence) and not isinstance(numbers, str) and len(numbers) > 0
    if not right or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in numbers):
        raise SettingError(
            f"periods={periods!r} are none. Give whole numbers of steps, 1 or more, such as [1, 2, 4, 8]."
        )
    if len(numbers) > units:
        raise SettingError(f"There are {len(numbers)} periods for {units} units. Give as many at most.")
    return tuple(sorted(numbers))
