"""VGG: rows of 3x3 convolutions, and nothing else but pooling."""

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from deepglass.networks import parts
from deepglass.networks.maps import Maps
from deepglass.networks.parts import Choice, Shape

SMALL = 64  # pixels: below this, five halvings leave less than the 2x2 map that is worth dense layers of 4,096
MAPS = (64, 128, 256, 512, 512)  # of the five stages
DENSE = 4096
FIELD = 7  # pixels of the side of the map that 224x224 images leave, which the first dense layer takes


def _vgg(depth: int, configuration: str, convolutions: tuple[int, ...]) -> Callable[..., nn.Module]:
    """Make the function of one of the networks of table 1. Args: convolutions: of each stage."""

    def make(
        shape: Shape,
        outputs: int,
        *,
        variant: str = "auto",
        batch_norm: bool = False,
        dropout: float = 0.5,
        initialization: str = "auto",
        output_activation: Choice | None = None,
    ) -> nn.Module:
        channels, height, width = parts.image(make.__name__, shape)
        parts.one_of("variant", variant, ["auto", "paper", "small"])
        parts.check_dropout(dropout)
        small = variant == "small" or (variant == "auto" and min(height, width) < SMALL)
        maps = Maps(make.__name__, height, width)
        features = nn.Sequential()
        for wide, count in zip(MAPS, convolutions):
            for _ in range(count):
                features.append(nn.Conv2d(channels, wide, 3, padding=1))
                if batch_norm:
                    features.append(nn.BatchNorm2d(wide))
                features.append(nn.ReLU())
                channels = wide
            if not small or maps.side >= 2:
                maps.shrink(f"features.{len(features)} (pooling)", 2, 2)
                features.append(nn.MaxPool2d(2))
        layers: OrderedDict[str, nn.Module] = OrderedDict(features=features)
        if small:
            layers["flatten"] = nn.Flatten()
            layers["classifier"] = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels * maps.area, outputs))
        else:
            layers["avgpool"] = nn.AdaptiveAvgPool2d(
                FIELD
            )  # for images of other sizes than 224x224; else it does nothing
            layers["flatten"] = nn.Flatten()
            layers["classifier"] = nn.Sequential(
                *(nn.Linear(channels * FIELD**2, DENSE), nn.ReLU(), nn.Dropout(dropout)),
                *(nn.Linear(DENSE, DENSE), nn.ReLU(), nn.Dropout(dropout)),
                nn.Linear(DENSE, outputs),
            )
        return parts.finished(layers, initialization, output_activation)

    make.__name__ = make.__qualname__ = f"vgg{depth}"
    make.__doc__ = f"""Stack {sum(convolutions)} convolutions of 3x3 and halve the maps after each of five stages: VGG-{depth}.

    Configuration {configuration} of the paper; weights are named as in torchvision. Images below 64 pixels get the "small"
    variant: the same convolutions, pooling left out where a map is narrower than 2 pixels, and one dense layer in place of
    three.
    Shapes: input (batch, channels, height, width), output (batch, outputs).
    Args:
        variant: "paper", "small", or "auto" by the shorter side of the images.
        batch_norm: whether batch norm follows each convolution. Without it, deep ones start slowly.
        dropout: share of units dropped before the last dense layers, 0 to below 1.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, when "paper" is asked for images below 32 pixels; SettingError; UnknownName.
    Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table 1;
        batch norm as in torchvision's vgg{depth}_bn; one dense layer for 32x32 images: Liu and Deng, "Very deep convolutional
        neural network based image classification using small training sample size", ACPR 2015, with two.
    """
    return make


vgg11 = _vgg(11, "A", (1, 1, 2, 2, 2))
vgg13 = _vgg(13, "B", (2, 2, 2, 2, 2))
vgg16 = _vgg(16, "D", (2, 2, 3, 3, 3))
vgg19 = _vgg(19, "E", (2, 2, 4, 4, 4))
