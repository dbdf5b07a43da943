"""Leaky: recurrent units that forget slowly, each group with a time constant of its own."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.layers.recurrent_steps import State, StepByStep

TIME_CONSTANTS = (1.0, 4.0, 16.0, 64.0)  # in steps: from plain units to units that remember a long sentence; ours


class LeakyRecurrent(StepByStep):
    """h(t) = a h(t-1) + (1 - a) phi(Wx x(t) + Wh h(t-1) + b), with a = 1 - 1 / time constant.

    What a unit took in decays as a^t; a time constant of 1 makes a plain unit.
    Shapes: input (batch, time, input_size), output (batch, time, hidden_size) and the state.
    Args: time_constants: in steps, 1 or more each; the units are shared out evenly, the quickest first.
    Raises: SettingError, UnknownName.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 10.9.2, after Mozer, "The Induction of Multiscale
        Temporal Structure", NIPS 1991; inside the update as in Jaeger et al., Neural Networks, 2007, equation 1.
    """

    retained: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        time_constants: Sequence[float] = TIME_CONSTANTS,
        nonlinearity: str = "tanh",
    ) -> None:
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity)
        self.time_constants = _checked(time_constants, hidden_size)
        each = torch.arange(hidden_size) * len(self.time_constants) // hidden_size  # the group of each unit
        self.register_buffer("retained", 1 - 1 / torch.tensor(self.time_constants)[each], persistent=False)

    def step(self, arriving: Tensor, state: Mapping[str, Tensor]) -> State:
        new = super().step(arriving, state)["h"]
        return {"h": self.retained * state["h"] + (1 - self.retained) * new}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, time_constants={self.time_constants}"


def _checked(constants: Sequence[float], units: int) -> tuple[float, ...]:
    numbers = (constants,) if isinstance(constants, int | float) else constants
    right = isinstance(numbers, Sequence) and not isinstance(numbers, str) and len(numbers) > 0
    if not right or not all(isinstance(n, int | float) and 1 <= n < float("inf") for n in numbers):
        raise SettingError(
            f"time_constants={constants!r} are no times. Give numbers of steps, 1 or more, such as [1, 4, 16]."
        )
    if len(numbers) > units:
        raise SettingError(f"There are {len(numbers)} time constants for {units} units. Give as many at most.")
    return tuple(sorted(map(float, numbers)))
