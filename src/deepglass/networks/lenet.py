"""LeNet: the convolutional network that read cheques."""

from collections import OrderedDict

from torch import nn

from deepglass.errors import ShapeError
from deepglass.layers import PartialConv2d, ScaledTanh, Subsampling
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

# Table I of the paper: which of the 6 maps of S2 each of the 16 maps of C3 sees.
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
KERNEL = 5
SMALL = 20  # pixels: below this, 5x5 kernels and two poolings leave hardly any map
FIELD = 28  # pixels that small images are enlarged to at least, as the paper brought its digits to one size
FULL = 32  # pixels of the paper's images; smaller ones get its margin of 2 pixels as padding


def lenet5(
    shape: Shape,
    outputs: int,
    *,
    version: str = "modern",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read small images with two convolutions, two poolings and three dense layers, 6-16-120-84 wide.

    Up to F6 "1998" has the 60,000 parameters of the paper. Its output is linear, where the paper has fixed radial basis units.
    Sized by the shorter side: from 32 pixels as in the paper, from 20 to 31 with padding 2 in the first convolution. Images
    below 20 pixels are enlarged by a whole factor first (8x8 to 32x32), between pixels along straight lines.
    Shapes: input (batch, channels, height, width), at least 4x4 pixels; output (batch, outputs).
    Args:
        version: "modern" has ReLU, max pooling and a C3 that sees all maps; "1998" has scaled tanh, trained subsampling and the
            paper's table of connections.
    Raises: ShapeError, when the images are too small; SettingError; UnknownName.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
        Proceedings of the IEEE, 1998, section II.B.
    """
    channels, height, width = parts.image("lenet5", shape)
    version = str(version)  # YAML reads 1998 as a number
    parts.one_of("version", version, ["modern", "1998"])
    side = min(height, width)
    if side < 4:
        raise ShapeError(f"lenet5 pools twice and needs 4x4 pixels or more, got {height}x{width}. Use mlp.")
    factor = -(-FIELD // side) if side < SMALL else 1
    height, width = height * factor, width * factor
    padding = 2 if min(height, width) < FULL else 0

    def after(size: int) -> int:
        """Pixels of a side after C1, S2, C3, S4."""
        s2 = (size + 2 * padding - KERNEL + 1) // 2
        return (s2 - KERNEL + 1) // 2

    modern = version == "modern"
    squash: type[nn.Module] = nn.ReLU if modern else ScaledTanh
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if factor > 1:
        layers["enlarge"] = nn.Upsample(scale_factor=factor, mode="bilinear")
    layers["c1"] = nn.Conv2d(channels, 6, KERNEL, padding=padding)
    layers["c1_activation"] = squash()
    layers["s2"] = nn.MaxPool2d(2) if modern else Subsampling(6)
    if modern:
        layers["c3"] = nn.Conv2d(6, 16, KERNEL)
    else:
        layers["s2_activation"] = squash()
        layers["c3"] = PartialConv2d(6, C3_TABLE, KERNEL)
    layers["c3_activation"] = squash()
    layers["s4"] = nn.MaxPool2d(2) if modern else Subsampling(16)
    if not modern:
        layers["s4_activation"] = squash()
    layers["flatten"] = nn.Flatten()
    layers["c5"] = nn.Linear(16 * after(height) * after(width), 120)  # a convolution over the whole map
    layers["c5_activation"] = squash()
    layers["f6"] = nn.Linear(120, 84)
    layers["f6_activation"] = squash()
    layers["output"] = nn.Linear(84, outputs)
    return parts.finished(layers, initialization, output_activation)
