"""Linear: the model of linear, logistic and softmax regression."""

from collections import OrderedDict
from math import prod

from torch import nn

from deepglass.networks.parts import Choice, Shape, finished


def linear(
    shape: Shape, outputs: int, *, initialization: str = "auto", output_activation: Choice | None = None
) -> nn.Module:
    """Compute one weighted sum per output: what every deeper network has to beat.

    With mean squared error it is linear regression, with cross-entropy logistic or softmax regression.
    Shapes: input (batch, *shape), output (batch, outputs).
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, sections 3.1 and 4.3.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(shape) > 1:
        layers["flatten"] = nn.Flatten()
    layers["output"] = nn.Linear(prod(shape), outputs)
    return finished(layers, initialization, output_activation)
