"""Highway: a dense layer with a gate that lets its input pass by."""

from collections.abc import Callable

from torch import Tensor, nn


class Gate(nn.Linear):
    """A linear layer whose bias starts from a number of its own, also when a network is initialized anew."""

    def __init__(self, features: int, bias_start: float) -> None:
        super().__init__(features, features)
        self.bias_start = bias_start
        nn.init.constant_(self.bias, bias_start)


class Highway(nn.Module):
    """Mix what a dense layer makes of x with x itself: y = H(x) T(x) + x (1 - T(x)), T between 0 and 1.

    The gate T is learned. It starts nearly closed, so that even a hundred layers in a row pass on what they get.
    Shapes: input and output (batch, features).
    Args:
        activation: of H.
        gate_bias: where the bias of the gate starts: below 0, the lower the deeper the network.
    Source: Srivastava, Greff and Schmidhuber, "Highway Networks", arXiv:1505.00387, equations 3 and 4; "Training Very Deep
        Networks", NIPS 2015.
    """

    def __init__(
        self, features: int, *, activation: Callable[[], nn.Module] = nn.ReLU, gate_bias: float = -1.0
    ) -> None:
        super().__init__()
        self.transform = nn.Linear(features, features)
        self.activation = activation()
        self.gate = Gate(features, gate_bias)

    def forward(self, x: Tensor) -> Tensor:
        open_ = self.gate(x).sigmoid()
        return x + open_ * (self.activation(self.transform(x)) - x)
