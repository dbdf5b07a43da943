"""Highway: dense layers with gates, so that a network may be a hundred layers deep."""

from collections import OrderedDict
from functools import partial
from math import prod

from torch import nn

from deepglass.layers import Highway
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape


def highway(
    shape: Shape,
    outputs: int,
    *,
    width: int = 50,
    depth: int = 10,
    activation: Choice = "relu",
    gate_bias: float = -1.0,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Let each dense layer learn how much of its input passes by unchanged: a highway network.

    The first hidden layer is a plain one, which brings the input to its width; 50 units with gates have about as many
    weights as 71 without.
    Shapes: input (batch, *shape), flattened first; output (batch, outputs).
    Args:
        width: units of each hidden layer.
        depth: hidden layers, the plain one among them.
        gate_bias: where the biases of the gates start: -1 for ten layers, the lower the deeper (the paper tried -1 to -10).
        initialization: "auto" is He's before ReLU, and Glorot's for gates and the last layer.
    Raises: SettingError, UnknownName.
    Source: Srivastava, Greff and Schmidhuber, "Highway Networks", arXiv:1505.00387, sections 2 and 4; the same, "Training Very
        Deep Networks", NIPS 2015, section 3.
    """
    width = parts.size("width", width)
    depth = parts.size("depth", depth)
    parts.check_number("gate_bias", gate_bias)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(shape) > 1:
        layers["flatten"] = nn.Flatten()
    layers["hidden1"] = nn.Linear(prod(shape), width)
    layers["activation1"] = parts.activation(activation)
    for k in range(2, depth + 1):
        layers[f"highway{k}"] = Highway(width, activation=partial(parts.activation, activation), gate_bias=gate_bias)
    layers["output"] = nn.Linear(width, outputs)
    return parts.finished(layers, initialization, output_activation)
