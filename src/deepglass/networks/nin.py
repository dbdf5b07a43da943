"""Nin: a small network at every pixel, slid over the image."""

from collections import OrderedDict

from torch import nn

from deepglass.layers import GlobalAveragePool
from deepglass.networks import parts
from deepglass.networks.maps import Maps
from deepglass.networks.parts import Choice, Shape

# Of each block: the kernel that looks around, its maps, and those of the two 1x1 convolutions that think about what it sees.
BLOCKS = ((5, 192, 160, 96), (5, 192, 192, 192))
LAST = (3, 192, 192)


def nin(
    shape: Shape,
    outputs: int,
    *,
    dropout: float = 0.5,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Put dense layers at every pixel, as 1x1 convolutions, and average the last maps: network in network.

    Three blocks of a convolution and two of 1x1, 966,986 parameters for 3 channels and 10 classes. Poolings are left out where a
    map is narrower than 2 pixels. The last convolution has no ReLU here, so that what is averaged are logits.
    Shapes: input (batch, channels, height, width), any size; output (batch, outputs).
    Args:
        dropout: share of numbers dropped after the first two blocks, 0 to below 1.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Lin, Chen and Yan, "Network In Network", ICLR 2014, arXiv:1312.4400; widths of the authors' published network for
        CIFAR-10.
    """
    channels, height, width = parts.image("nin", shape)
    parts.check_dropout(dropout)
    maps = Maps("nin", height, width)
    layers: OrderedDict[str, nn.Module] = OrderedDict()

    def convolve(name: str, kernel: int, wide: int) -> None:
        nonlocal channels
        layers[f"conv{name}"] = nn.Conv2d(channels, wide, kernel, padding=kernel // 2)
        channels = wide

    for k, (kernel, *widths) in enumerate(BLOCKS, start=1):
        for part, wide in zip("abc", widths):
            convolve(f"{k}{part}", kernel if part == "a" else 1, wide)
            layers[f"activation{k}{part}"] = nn.ReLU()
        if maps.side >= 2:
            maps.shrink(f"pool{k}", 3, 2, ceil=True)
            kind = nn.MaxPool2d if k == 1 else nn.AvgPool2d
            layers[f"pool{k}"] = kind(3, stride=2, ceil_mode=True)
        if dropout:
            layers[f"dropout{k}"] = nn.Dropout(dropout)
    kernel, *widths = LAST
    for part, wide in zip("ab", widths):
        convolve(f"3{part}", kernel if part == "a" else 1, wide)
        layers[f"activation3{part}"] = nn.ReLU()
    layers["conv3c"] = nn.Conv2d(channels, outputs, 1)
    layers["average"] = GlobalAveragePool()
    return parts.finished(layers, initialization, output_activation)
