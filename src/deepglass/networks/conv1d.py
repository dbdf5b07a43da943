"""Conv1d: convolutions along a raw signal, such as sound or the readings of a sensor."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

# Table 1 of the paper, M5: the first kernel covers 10 ms of sound at 8 kHz; every later one is 3 wide.
WIDE, WIDE_STRIDE = 80, 4
LONG = 2000  # samples: from here on the first kernel is the wide one
NARROW, KERNEL = 7, 3  # the first kernel of shorter signals, and all others
POOL, SHORT_POOL = 4, 2  # samples that are pooled, and once less than 16 are left
FEWEST = POOL * POOL


def conv1d(
    shape: Shape,
    outputs: int,
    *,
    filters: int | Sequence[int] = (128, 128, 256, 512),
    activation: Choice = "relu",
    dropout: float = 0.0,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Find patterns in raw signals with shared kernels, and average over time: as M5, a network for waveforms.

    Each block is a convolution, batch norm, an activation and max pooling by 4. Signals of 2,000 samples or more are first
    seen through kernels of 80 samples at every fourth; shorter ones through kernels of 7, and where less than 16 places are
    left, pooling is by 2, and below 4 left out. The mean over what is left goes to the last layer.
    Shapes: input (batch, channels, length), output (batch, outputs).
    Args:
        filters: maps of each convolution.
        dropout: share of the means dropped before the last layer, 0 to below 1.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Dai, Dai, Qu, Li and Das, "Very Deep Convolutional Neural Networks for Raw Waveforms", ICASSP 2017,
        arXiv:1610.00087, table 1; the rule for short signals is ours.
    """
    channels, length = parts.signal("conv1d", shape)
    parts.check_dropout(dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for k, maps in enumerate(parts.widths("filters", filters), start=1):
        first = WIDE if length >= LONG else NARROW
        kernel = first if k == 1 else KERNEL
        stride = WIDE_STRIDE if kernel == WIDE else 1
        padding = kernel // 2 - (kernel % 2 == 0)  # even kernels: as many places as samples / stride, rounded down
        layers[f"conv{k}"] = nn.Conv1d(channels, maps, kernel, stride, padding=padding, bias=False)
        layers[f"norm{k}"] = nn.BatchNorm1d(maps)
        layers[f"activation{k}"] = parts.activation(activation)
        length = (length + 2 * padding - kernel) // stride + 1
        if length >= 2 * SHORT_POOL:
            size = POOL if length >= FEWEST else SHORT_POOL
            layers[f"pool{k}"] = nn.MaxPool1d(size)
            length //= size
        channels = maps
    layers["average"] = nn.AdaptiveAvgPool1d(1)
    layers["flatten"] = nn.Flatten()
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    layers["output"] = nn.Linear(channels, outputs)
    return parts.finished(layers, initialization, output_activation)
