"""Conv3d: convolutions through volumes, such as scans, or short films with time as depth."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

KERNEL = 3  # along each axis: what the paper found best for all layers, section 3.2


def conv3d(
    shape: Shape,
    outputs: int,
    *,
    filters: int | Sequence[int] = (16, 32, 64),
    activation: Choice = "relu",
    dropout: float = 0.0,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Find patterns in volumes with shared kernels of 3x3x3, and average over what is left.

    Each block is a convolution that keeps the size, batch norm, an activation and max pooling by 2, along every axis that still
    has 2 places or more.
    Shapes: input (batch, channels, depth, height, width), output (batch, outputs).
    Args:
        filters: maps of each convolution.
        dropout: share of the means dropped before the last layer, 0 to below 1.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Tran et al., "Learning Spatiotemporal Features with 3D Convolutional Networks", ICCV 2015, arXiv:1412.0767, for the
        kernels; earlier: Ji, Xu, Yang and Yu, "3D Convolutional Neural Networks for Human Action Recognition", ICML 2010.
    """
    channels, *sides = parts.volume("conv3d", shape)
    parts.check_dropout(dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for k, maps in enumerate(parts.widths("filters", filters), start=1):
        layers[f"conv{k}"] = nn.Conv3d(channels, maps, KERNEL, padding=KERNEL // 2, bias=False)
        layers[f"norm{k}"] = nn.BatchNorm3d(maps)
        layers[f"activation{k}"] = parts.activation(activation)
        sizes = tuple(2 if side >= 2 else 1 for side in sides)
        if max(sizes) > 1:
            layers[f"pool{k}"] = nn.MaxPool3d(sizes)
            sides = [side // size for side, size in zip(sides, sizes)]
        channels = maps
    layers["average"] = nn.AdaptiveAvgPool3d(1)
    layers["flatten"] = nn.Flatten()
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    layers["output"] = nn.Linear(channels, outputs)
    return parts.finished(layers, initialization, output_activation)
