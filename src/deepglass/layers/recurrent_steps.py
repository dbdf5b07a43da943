"""Recurrent steps: the base of recurrent layers for which torch has no kernel, one step after another."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from deepglass.names import find

State = dict[str, Tensor]  # by name, examples first; "h" is what a layer gives

NONLINEARITIES: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "tanh": torch.tanh,
}


class StepByStep(nn.Module):
    """The plain recurrent layer, z(t) = Wx x(t) + Wh h(t-1) + b and h(t) = phi(z(t)), for others to change its step.

    Called as torch.nn.RNN with `batch_first`, but its state is a dictionary, and it has one bias and not two.
    Shapes: input (batch, time, input_size); output (batch, time, hidden_size), and the state after the last step.
    Args: nonlinearity: phi, one of "tanh", "relu" and "identity".
    Raises: UnknownName.
    """

    batch_first = True

    def __init__(self, input_size: int, hidden_size: int, *, nonlinearity: str = "tanh") -> None:
        super().__init__()
        self.phi = find("nonlinearity", nonlinearity, NONLINEARITIES)
        self.input_size, self.hidden_size, self.nonlinearity = input_size, hidden_size, nonlinearity
        self.weight_ih_l0 = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(hidden_size))
        bound = hidden_size**-0.5
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)  # torch's own start of recurrent layers

    def start(self, batch: int) -> State:
        """The state before the first step: zeros."""
        return {"h": self.weight_hh_l0.new_zeros(batch, self.hidden_size)}

    def arriving(self, x: Tensor) -> Tensor:
        """What comes from the input, for all steps at once: (batch, time, hidden_size)."""
        return nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0)

    def step(self, arriving: Tensor, state: Mapping[str, Tensor]) -> State:
        """One step. Shapes: arriving (batch, hidden_size), what comes from the input of this step."""
        return {"h": self.phi(arriving + state["h"] @ self.weight_hh_l0.T)}

    def forward(
        self, x: Tensor, state: Mapping[str, Tensor] | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read a series. Args: mask: (batch, time), bool; where it is False, the state stays as it was."""
        now = dict(state) if state else self.start(len(x))
        given = []
        for t, arriving in enumerate(self.arriving(x).unbind(dim=1)):
            after = self.step(arriving, now)
            now = after if mask is None else kept_where(mask[:, t], after, now)
            given.append(now["h"])
        return torch.stack(given, dim=1), now

    def multiply_adds(self, output_shape: tuple[int, ...]) -> int:
        """Of one example with output (time, hidden_size)."""
        return output_shape[0] * (self.weight_ih_l0.numel() + self.weight_hh_l0.numel())

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}, nonlinearity={self.nonlinearity}"


def kept_where(mask: Tensor, after: Mapping[str, Tensor], before: Mapping[str, Tensor]) -> State:
    """The state after a step for the examples where it held something, and the one before for the others. Shapes: mask (batch,)."""
    return {
        name: torch.where(mask.reshape(-1, *[1] * (new.ndim - 1)), new, before[name]) for name, new in after.items()
    }
