"""Perceptron: one weighted sum, the first network that learned."""

from collections import OrderedDict
from math import prod

from torch import nn

from deepglass.networks.parts import Choice, Shape, finished


def perceptron(
    shape: Shape, outputs: int, *, initialization: str = "zeros", output_activation: Choice | None = None
) -> nn.Module:
    """Compute w.x + b, whose sign decides between two classes (several: the largest of as many sums).

    Its weights start at zero and its own rule, the loss "perceptron", moves them only after a mistake.
    Shapes: input (batch, *shape), output (batch, outputs); two classes need outputs=1.
    Source: Rosenblatt, "The Perceptron", Psychological Review, 1958.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(shape) > 1:
        layers["flatten"] = nn.Flatten()
    layers["output"] = nn.Linear(prod(shape), outputs)
    return finished(layers, initialization, output_activation)
