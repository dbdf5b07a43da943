"""Recurrent skip: a recurrent layer that also sees its own state of several steps ago."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.recurrent_steps import State, StepByStep


class SkipRecurrent(StepByStep):
    """h(t) = phi(Wx x(t) + Wh h(t-1) + Ws h(t-d) + b): over T steps a gradient passes T / d products on its shortest way.

    Shapes: input (batch, time, input_size), output (batch, time, hidden_size) and the state, in which "past" holds the d - 1
    states before the last one, the oldest first: (batch, d - 1, hidden_size).
    Args: delay: d, in steps, 2 or more.
    Raises: SettingError, UnknownName.
    Source: Lin, Horne, Tino and Giles, "Learning Long-Term Dependencies in NARX Recurrent Neural Networks", IEEE Transactions on
        Neural Networks, 1996; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 10.9.1.
    """

    def __init__(self, input_size: int, hidden_size: int, *, delay: int, nonlinearity: str = "tanh") -> None:
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity)
        if not isinstance(delay, int) or isinstance(delay, bool) or delay < 2:
            raise SettingError(f"A connection through time with {delay=} skips no step. Give 2 or more.")
        self.delay = delay
        self.weight_skip_l0 = nn.Parameter(torch.empty(hidden_size, hidden_size))
        nn.init.uniform_(self.weight_skip_l0, -(hidden_size**-0.5), hidden_size**-0.5)

    def start(self, batch: int) -> State:
        past = self.weight_hh_l0.new_zeros(batch, self.delay - 1, self.hidden_size)
        return {**super().start(batch), "past": past}

    def step(self, arriving: Tensor, state: Mapping[str, Tensor]) -> State:
        oldest = state["past"][:, 0]  # h(t - d)
        new = super().step(arriving + oldest @ self.weight_skip_l0.T, state)["h"]
        return {"h": new, "past": torch.cat([state["past"][:, 1:], state["h"][:, None]], dim=1)}

    def multiply_adds(self, output_shape: tuple[int, ...]) -> int:
        return super().multiply_adds(output_shape) + output_shape[0] * self.weight_skip_l0.numel()

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, delay={self.delay}"
