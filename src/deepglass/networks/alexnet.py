"""Alexnet: the network that won ImageNet in 2012."""

from collections import OrderedDict
from dataclasses import dataclass

from torch import nn

from deepglass.layers import ResponseNorm
from deepglass.networks import parts
from deepglass.networks.maps import Maps
from deepglass.networks.parts import Choice, Shape

SMALL = 64  # pixels: below this, 11x11 kernels with stride 4 and three poolings leave no map
FIELD = 6  # pixels of the side of the last map of 224x224 images


@dataclass(frozen=True)
class Plan:
    """What the variants differ in. Args: stem: kernel, stride and padding of the first convolution; towers: groups that do
    not see each other in the second, fourth and fifth; dense: units of the two hidden dense layers."""

    maps: tuple[int, int, int, int, int] = (96, 256, 384, 384, 256)
    stem: tuple[int, int, int] = (11, 4, 2)
    towers: int = 1
    response_norm: bool = False
    dense: int = 4096


VARIANTS = {
    "paper": Plan(towers=2, response_norm=True),
    "table": Plan(),
    "torchvision": Plan(maps=(64, 192, 384, 256, 256)),
    "small": Plan(stem=(3, 1, 1), dense=1024),
}


def alexnet(
    shape: Shape,
    outputs: int,
    *,
    variant: str = "auto",
    dropout: float = 0.5,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """See with five convolutions, three overlapping poolings and three dense layers: AlexNet.

    "paper" has two towers, one for each of the two graphics cards of 2012, that see each other only in the third convolution
    and in the dense layers, and response norm: 60,965,224 parameters for 3x224x224 images and 1,000 classes. "table" is what
    most courses print, without towers and response norm: 62,378,344. "torchvision" is the narrower one of 2014, whose
    published weights fit by name: 61,100,840. "small" is ours for images below 64 pixels: the table with 3x3 kernels without
    stride first, 1,024 units in the dense layers, and pooling left out where a map is narrower than 3 pixels.
    The paper says 224x224, which its 55x55 maps fit with a padding of 2.
    Shapes: input (batch, channels, height, width), output (batch, outputs).
    Args:
        variant: "paper", "table", "torchvision", "small", or "auto": "paper" from 64 pixels of the shorter side on, else "small".
        dropout: share of the units dropped in the two hidden dense layers, 0 to below 1.
        initialization: "auto" is He's, and Glorot's for the last layer; the paper's is "normal", with some biases of 1.
    Raises: ShapeError, when a variant does not fit the images; SettingError; UnknownName.
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012;
        "torchvision": Krizhevsky, "One weird trick for parallelizing convolutional neural networks", arXiv:1404.5997.
    """
    channels, height, width = parts.image("alexnet", shape)
    parts.one_of("variant", variant, ["auto", *VARIANTS])
    parts.check_dropout(dropout)
    if variant == "auto":
        variant = "small" if min(height, width) < SMALL else "paper"
    plan, maps = VARIANTS[variant], Maps("alexnet", height, width)
    features = nn.Sequential()

    def convolve(wide: int, kernel: int, stride: int, padding: int, towers: int = 1) -> None:
        nonlocal channels
        maps.shrink(f"features.{len(features)} (convolution)", kernel, stride, padding)
        features.append(nn.Conv2d(channels, wide, kernel, stride, padding, groups=towers))
        features.append(nn.ReLU())
        channels = wide

    def pool() -> None:
        if variant != "small" or maps.side >= 3:
            maps.shrink(f"features.{len(features)} (pooling)", 3, 2)
            features.append(nn.MaxPool2d(3, stride=2))

    first, second, third, fourth, fifth = plan.maps
    convolve(first, *plan.stem)
    if plan.response_norm:
        features.append(ResponseNorm(groups=plan.towers))
    pool()
    convolve(second, 5, 1, 2, plan.towers)
    if plan.response_norm:
        features.append(ResponseNorm(groups=plan.towers))
    pool()
    convolve(third, 3, 1, 1)
    convolve(fourth, 3, 1, 1, plan.towers)
    convolve(fifth, 3, 1, 1, plan.towers)
    pool()
    layers: OrderedDict[str, nn.Module] = OrderedDict(features=features)
    if variant == "torchvision":
        layers["avgpool"] = nn.AdaptiveAvgPool2d(FIELD)
    layers["flatten"] = nn.Flatten()
    seen = channels * (FIELD**2 if variant == "torchvision" else maps.area)
    layers["classifier"] = _dense(seen, plan.dense, outputs, dropout, before=variant == "torchvision")
    return parts.finished(layers, initialization, output_activation)


def _dense(seen: int, units: int, outputs: int, dropout: float, *, before: bool) -> nn.Sequential:
    """The dense layers. Args: before: whether units are dropped before each hidden layer, as in torchvision, or in it."""
    rows = [[nn.Linear(arriving, units), nn.ReLU()] for arriving in (seen, units)]
    for row in rows:
        row.insert(0 if before else 2, nn.Dropout(dropout))
    return nn.Sequential(*rows[0], *rows[1], nn.Linear(units, outputs))
