"""Echo state: a fixed random recurrent layer, and a linear read-out, which alone is trained."""

import torch
from torch import Tensor, nn

from deepglass.errors import ShapeError
from deepglass.layers import initialize
from deepglass.layers.echo import EchoReservoir, fit_readout
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import Plan, RecurrentNetwork

UNITS = 200  # a reservoir costs little and has to offer enough echoes: Lukosevicius, section 3.2.1, as many as one can afford
RIDGE = 1e-6


class EchoState(RecurrentNetwork):
    """A reservoir and its read-out, which a training finds by descent, and `solve` at once."""

    def solve(self, x: Tensor, targets: Tensor, *, ridge: float = RIDGE, washout: int = 0) -> "EchoState":
        """Solve for the read-out with the least squared error, plus ridge times its squared weights.

        Shapes: x as forward takes it; targets (batch, time, outputs) with every_step, else (batch, outputs).
        Args: washout: steps at the start that are not fitted, while the state still shows how it began.
        Returns: the network. Raises: ShapeError.
        """
        with torch.no_grad():
            read, mask = self.read(x)
            hidden = self.hidden(read, mask)
            if self.every_step:
                fitted = mask.clone()
                fitted[:, :washout] = False
                rows = hidden[fitted], targets[fitted] if targets.shape[:2] == fitted.shape else targets
            else:
                rows = self.summed_up(hidden, mask), targets
        if rows[0].shape[0] != rows[1].shape[0] or rows[1].ndim != 2:
            raise ShapeError(
                f"The read-out of {tuple(x.shape)} cannot be solved for targets {tuple(targets.shape)}. Give (batch, "
                f"{'time, ' if self.every_step else ''}outputs)."
            )
        fit_readout(self.output, *rows, ridge=ridge)
        return self


def echo_state(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    every_step: bool = False,
    units: int = UNITS,
    embedding: int | None = None,
    spectral_radius: float = 0.9,
    input_scale: float = 0.5,
    leak: float = 1.0,
    summary: str = "last",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series with a reservoir of fixed random recurrent units, and learn only what is read out of it.

    Shapes: as `rnn`. The embedding of tokens is fixed, too.
    Args:
        units: of the reservoir.
        embedding: numbers that a token becomes (default: 64, or as many as there are tokens).
        spectral_radius: of the reservoir; nearer to 1, or above it, remembers longer.
        input_scale: what arrives is weighed by numbers between -input_scale and input_scale.
        leak: share of a unit's state that is renewed at each step, above 0, at most 1.
        summary: how a series becomes one vector: the "last" state, or the "mean" or "max" over time.
    Raises: SettingError, ShapeError, UnknownName.
    Source: Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD Report 148, 2001.
    """

    def make(arriving: int) -> EchoReservoir:
        return EchoReservoir(arriving, units, spectral_radius=spectral_radius, input_scale=input_scale, leak=leak)

    plan = Plan(units, 1, False, embedding, 0.0, summary, output_activation)
    network = EchoState("echo_state", shape, outputs, make, plan, vocabulary=vocabulary, every_step=every_step)
    if (
        vocabulary is not None
    ):  # a buffer as the reservoir's weights are: saved with the network, and no optimizer's matter
        drawn = network.embedding.weight.detach()
        del network.embedding.weight
        network.embedding.register_buffer("weight", drawn)
    return initialize(network, initialization)
