"""Echo: a recurrent layer of fixed random weights, whose state is an echo of all that it has heard."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.recurrent_steps import State, StepByStep

CONNECTED = 0.1  # share of the units that a unit hears; Lukosevicius, section 3.2.2: few, about 10 of 100


class EchoReservoir(StepByStep):
    """h(t) = (1 - leak) h(t-1) + leak tanh(Wx x(t) + Wh h(t-1) + b), none of which is trained.

    Wh is sparse and scaled to its spectral radius. Below 1 the state forgets how it started, in most cases.
    Shapes: input (batch, time, input_size), output (batch, time, hidden_size) and the state.
    Args:
        spectral_radius: largest magnitude of the eigenvalues of Wh; nearer to 1, or above it, remembers longer.
        input_scale: Wx and b are even between -input_scale and input_scale.
        leak: share of a unit's state that is renewed at each step, above 0, at most 1.
    Raises: SettingError.
    Source: Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD Report 148, 2001;
        Lukosevicius, "A Practical Guide to Applying Echo State Networks", 2012, equations 2 and 3.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        spectral_radius: float = 0.9,
        input_scale: float = 0.5,
        leak: float = 1.0,
    ) -> None:
        super().__init__(input_size, hidden_size)
        for name, value, most in (
            ("spectral_radius", spectral_radius, float("inf")),
            ("input_scale", input_scale, float("inf")),
            ("leak", leak, 1.0),
        ):
            if not isinstance(value, int | float) or not 0 < value <= most:
                raise SettingError(
                    f"{name}={value!r} makes no reservoir. Give a number above 0{', at most 1' if most == 1 else ''}."
                )
        self.spectral_radius, self.input_scale, self.leak = float(spectral_radius), float(input_scale), float(leak)
        self.fill()

    def fill(self) -> None:
        """Draw the weights, and make them buffers: saved with the network, and no optimizer's matter."""
        units = self.hidden_size
        hidden = torch.rand(units, units) * 2 - 1
        hidden = torch.where(torch.rand(units, units) < max(CONNECTED, min(1.0, 10 / units)), hidden, 0.0)
        if not hidden.is_meta:
            radius = torch.linalg.eigvals(hidden.double()).abs().max().item()
            hidden *= self.spectral_radius / max(radius, 1e-12)
        drawn = {
            "weight_ih_l0": (torch.rand(units, self.input_size) * 2 - 1) * self.input_scale,
            "weight_hh_l0": hidden,
            "bias_ih_l0": (torch.rand(units) * 2 - 1) * self.input_scale,
        }
        for name, values in drawn.items():
            delattr(self, name)
            self.register_buffer(name, values)

    def step(self, arriving: Tensor, state: Mapping[str, Tensor]) -> State:
        new = super().step(arriving, state)["h"]
        return {"h": (1 - self.leak) * state["h"] + self.leak * new}

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, spectral_radius={self.spectral_radius:g}, leak={self.leak:g}"


@torch.no_grad()
def ridge_solution(states: Tensor, targets: Tensor, ridge: float) -> tuple[Tensor, Tensor]:
    """Return weight and bias of the linear read-out with the least squared error plus ridge times its squared weights.

    The bias is not held back. Shapes: states (rows, units), targets (rows, outputs); weight (outputs, units), bias (outputs,).
    Source: Lukosevicius, 2012, equation 9, on centred numbers.
    """
    x, y = states.double(), targets.double()
    x_mean, y_mean = x.mean(dim=0), y.mean(dim=0)
    x, y = x - x_mean, y - y_mean
    held = x.T @ x + ridge * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    weight = torch.linalg.solve(held, x.T @ y).T
    return weight, y_mean - weight @ x_mean


def fit_readout(output: nn.Linear, states: Tensor, targets: Tensor, *, ridge: float = 1e-6) -> None:
    """Write that solution into a linear layer."""
    weight, bias = ridge_solution(states, targets, ridge)
    with torch.no_grad():
        output.weight.copy_(weight)
        output.bias.copy_(bias)
