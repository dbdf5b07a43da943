"""Allconv: convolutions all the way, with strides where others pool and an average where others have dense layers."""

from collections import OrderedDict

from torch import nn

from deepglass.layers import GlobalAveragePool
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

WIDTHS = (96, 192)
LEAST = 9  # pixels of a side from which two halvings leave a map of 3x3 for the seventh convolution


def allconv(
    shape: Shape,
    outputs: int,
    *,
    dropout: float = 0.5,
    input_dropout: float = 0.2,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Shrink maps with strides in place of pooling, and average the last ones: the all-convolutional net (All-CNN-C).

    Nine convolutions, 1,369,738 parameters for 3 channels and 10 classes. The seventh has no padding, as in the paper (8x8 to
    6x6), except where the map that arrives is smaller than its kernel. The last one has no ReLU here, so that what is averaged
    are logits.
    Shapes: input (batch, channels, height, width), any size; output (batch, outputs).
    Args:
        dropout: share of numbers dropped after each convolution with a stride, 0 to below 1.
        input_dropout: share of the input's numbers dropped.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for Simplicity: The All Convolutional Net", ICLR 2015
        workshop, arXiv:1412.6806, table 1 (C) and section 3.1.
    """
    channels, height, width = parts.image("allconv", shape)
    parts.check_dropout(dropout)
    parts.check_dropout(input_dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if input_dropout:
        layers["input_dropout"] = nn.Dropout(input_dropout)
    small = min(height, width) < LEAST
    narrow, wide = WIDTHS
    plan = [(narrow, 3, 1, 1), (narrow, 3, 1, 1), (narrow, 3, 2, 1)]
    plan += [(wide, 3, 1, 1), (wide, 3, 1, 1), (wide, 3, 2, 1)]
    plan += [(wide, 3, 1, 1 if small else 0), (wide, 1, 1, 0)]
    for k, (maps, kernel, stride, padding) in enumerate(plan, start=1):
        layers[f"conv{k}"] = nn.Conv2d(channels, maps, kernel, stride, padding)
        layers[f"activation{k}"] = nn.ReLU()
        if stride > 1 and dropout:
            layers[f"dropout{k}"] = nn.Dropout(dropout)
        channels = maps
    layers["conv9"] = nn.Conv2d(channels, outputs, 1)
    layers["average"] = GlobalAveragePool()
    return parts.finished(layers, initialization, output_activation)
