"""Convnet: convolutions and pooling in turn, then dense layers."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

from deepglass.errors import ShapeError
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape


def convnet(
    shape: Shape,
    outputs: int,
    *,
    filters: int | Sequence[int] = (32, 64),
    dense: int | Sequence[int] = (),
    kernel: int = 3,
    padding: str = "valid",
    activation: Choice = "relu",
    dropout: float = 0.5,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Find patterns with small shared kernels: the network of the Keras examples.

    Each block is a convolution, an activation and 2x2 max pooling; where a map has become narrower than 2 pixels its
    pooling is left out.
    Shapes: input (batch, channels, height, width), output (batch, outputs).
    Args:
        filters: maps of each convolution.
        dense: units of the dense layers between the maps and the output.
        kernel: side of the kernels in pixels.
        padding: "valid" (none, the map shrinks) or "same".
        dropout: share of units dropped before the last layer, 0 to below 1.
    Raises: ShapeError, when a kernel does not fit; SettingError; UnknownName.
    Source: Chollet, "Simple MNIST convnet", https://keras.io/examples/vision/mnist_convnet/, with its defaults;
        convolutions with shared weights: LeCun et al., Neural Computation, 1989.
    """
    channels, height, width = parts.image("convnet", shape)
    kernel = parts.size("kernel", kernel)
    parts.one_of("padding", padding, ["valid", "same"])
    parts.check_dropout(dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for k, maps in enumerate(parts.widths("filters", filters), start=1):
        if padding == "valid":
            if kernel > min(height, width):
                raise ShapeError(
                    f"The {kernel}x{kernel} kernels of layer conv{k} of convnet do not fit what arrives, "
                    f'{channels}x{height}x{width}. Use padding="same", smaller kernels or fewer filters.'
                )
            height, width = height - kernel + 1, width - kernel + 1
        layers[f"conv{k}"] = nn.Conv2d(channels, maps, kernel, padding=padding)
        layers[f"activation{k}"] = parts.activation(activation)
        if min(height, width) >= 2:
            layers[f"pool{k}"] = nn.MaxPool2d(2)
            height, width = height // 2, width // 2
        channels = maps
    layers["flatten"] = nn.Flatten()
    arriving = channels * height * width
    for k, units in enumerate(parts.widths("dense", dense), start=1):
        layers[f"dense{k}"] = nn.Linear(arriving, units)
        layers[f"dense_activation{k}"] = parts.activation(activation)
        arriving = units
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    layers["output"] = nn.Linear(arriving, outputs)
    return parts.finished(layers, initialization, output_activation)
