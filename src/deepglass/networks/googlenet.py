"""Googlenet: inception blocks in a row, with heads in the middle that help while it is trained."""

from collections import OrderedDict

from torch import Tensor, nn

from deepglass.layers import Auxiliary, Inception, ResponseNorm, conv_unit, initialize
from deepglass.networks import parts
from deepglass.networks.maps import Maps
from deepglass.networks.parts import Choice, Shape

SMALL = 64  # pixels: below this, the stem of 224x224, which shrinks eightfold, would leave the blocks hardly any map
VARIANTS = ("paper", "torchvision", "small")
# Table 1 of the paper: maps of the 1x1 branch, before and of 3x3, before and of 5x5, of the pooled branch.
BLOCKS: dict[str, tuple[int, tuple[int, int], tuple[int, int], int]] = {
    "3a": (64, (96, 128), (16, 32), 32),
    "3b": (128, (128, 192), (32, 96), 64),
    "4a": (192, (96, 208), (16, 48), 64),
    "4b": (160, (112, 224), (24, 64), 64),
    "4c": (128, (128, 256), (24, 64), 64),
    "4d": (112, (144, 288), (32, 64), 64),
    "4e": (256, (160, 320), (32, 128), 128),
    "5a": (256, (160, 320), (32, 128), 128),
    "5b": (384, (192, 384), (48, 128), 128),
}
POOLED_AFTER = {"3b": "maxpool3", "4e": "maxpool4"}
HEAD_AFTER = {"4a": "aux1", "4d": "aux2"}
HEAD_MAPS, HEAD_UNITS, HEAD_DROPOUT = 128, 1024, 0.7  # section 5 of the paper
HEAD_FIELD = 4  # pixels of the side of the map that a head sees: 14x14, averaged in steps of 3


class GoogLeNet(nn.Module):
    """Layers in a row, some of which (aux1, aux2) are heads that look at what passes by.

    Shapes: input (batch, channels, height, width). Returns (batch, outputs) in evaluation mode or without heads; in training mode
        an `Auxiliary` with the same and what the heads say. Heads that give another number of outputs, because the last layer
        was exchanged for other classes, are left out.
    """

    def __init__(self, layers: "OrderedDict[str, nn.Module]", auxiliary_weight: float) -> None:
        super().__init__()
        self.auxiliary_weight = auxiliary_weight
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor | Auxiliary:
        heads = []
        for name, layer in self.named_children():
            if name not in HEAD_AFTER.values():
                x = layer(x)
            elif self.training:
                heads.append(layer(x))
        heads = [head for head in heads if head.shape == x.shape]
        return Auxiliary(x, tuple(heads), self.auxiliary_weight) if heads else x


def googlenet(
    shape: Shape,
    outputs: int,
    *,
    variant: str = "auto",
    batch_norm: bool | None = None,
    auxiliary: bool = True,
    auxiliary_weight: float = 0.3,
    dropout: float | None = None,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Look at each map with kernels of several sizes at once, nine times over: GoogLeNet, with 22 layers.

    "paper" is the network of 2014, with response norm: 6,998,552 parameters for 3x224x224 images and 1,000 classes without its
    heads, which have 6,379,728. "torchvision" has batch norm, and 3x3 kernels for 5x5 by an old slip; its published weights
    fit by name: 6,624,904, and its heads 6,379,984. "small" is ours for images below 64 pixels: the paper's blocks with batch
    norm behind 3x3 convolutions without stride and one pooling, so that a 32x32 image arrives at the first block as 16x16;
    pooling is left out where a map is narrower than 2 pixels.
    Shapes: input (batch, channels, height, width), output (batch, outputs); in training mode an `Auxiliary`.
    Args:
        variant: "paper", "torchvision", "small", or "auto": "torchvision" from 64 pixels of the shorter side on, else "small".
        batch_norm: whether batch norm follows each convolution; that of the variant when it is None.
        auxiliary: whether there are two heads in the middle, which are used in training alone.
        auxiliary_weight: how much the loss of each head counts.
        dropout: share of units dropped before the last layer, 0 to below 1; when it is None 0.4, in "torchvision" 0.2.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, when "paper" does not fit the images; SettingError; UnknownName.
    Source: Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842, table 1 and section 5; batch norm: Ioffe and
        Szegedy, arXiv:1502.03167.
    """
    channels, height, width = parts.image("googlenet", shape)
    parts.one_of("variant", variant, ["auto", *VARIANTS])
    if variant == "auto":
        variant = "small" if min(height, width) < SMALL else "torchvision"
    if dropout is None:
        dropout = 0.2 if variant == "torchvision" else 0.4
    parts.check_dropout(dropout)
    norm = variant != "paper" if batch_norm is None else batch_norm
    maps = Maps("googlenet", height, width)
    layers = _stem(channels, variant, norm, maps)
    arriving = 192
    for name, (one, three, five, pooled) in BLOCKS.items():
        wide_kernel = 3 if variant == "torchvision" else 5
        block = Inception(arriving, one, three, five, pooled, batch_norm=norm, wide_kernel=wide_kernel)
        layers[f"inception{name}"], arriving = block, block.out_channels
        if auxiliary and name in HEAD_AFTER:
            head = _head(arriving, outputs, HEAD_AFTER[name], variant, norm, maps)
            layers[HEAD_AFTER[name]] = parts.finished(head, "default", output_activation)
        if name in POOLED_AFTER and (variant != "small" or maps.side >= 2):
            kernel = 2 if variant == "torchvision" and name == "4e" else 3
            layers[POOLED_AFTER[name]] = _pool(POOLED_AFTER[name], maps, kernel)
    layers["avgpool"], layers["flatten"] = nn.AdaptiveAvgPool2d(1), nn.Flatten()
    layers["dropout"] = nn.Dropout(dropout)
    layers["fc"] = nn.Linear(arriving, outputs)
    last = parts.finished({}, "default", output_activation)
    layers.update(last.named_children())
    network = GoogLeNet(layers, auxiliary_weight)
    initialize(network, initialization)
    return network


def _stem(channels: int, variant: str, norm: bool, maps: Maps) -> "OrderedDict[str, nn.Module]":
    """The layers before the first block: in "small" without the strides of the first convolution and of the first pooling."""
    small = variant == "small"
    kernel, stride = (3, 1) if small else (7, 2)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    maps.shrink("conv1", kernel, stride, kernel // 2)
    layers["conv1"] = conv_unit(channels, 64, kernel, stride=stride, batch_norm=norm)
    if not small:
        layers["maxpool1"] = _pool("maxpool1", maps)
    if variant == "paper":
        layers["norm1"] = ResponseNorm()
    layers["conv2"] = conv_unit(64, 64, 1, batch_norm=norm)
    layers["conv3"] = conv_unit(64, 192, 3, batch_norm=norm)
    if variant == "paper":
        layers["norm2"] = ResponseNorm()
    if not small or maps.side >= 2:
        layers["maxpool2"] = _pool("maxpool2", maps)
    return layers


def _pool(name: str, maps: Maps, kernel: int = 3) -> nn.Module:
    maps.shrink(name, kernel, 2, ceil=True)
    return nn.MaxPool2d(kernel, stride=2, ceil_mode=True)


def _head(
    arriving: int, outputs: int, name: str, variant: str, norm: bool, maps: Maps
) -> "OrderedDict[str, nn.Module]":
    """A classifier in the middle: averages, a 1x1 convolution and two dense layers."""
    side = HEAD_FIELD * HEAD_FIELD
    pool: nn.Module = nn.AdaptiveAvgPool2d(HEAD_FIELD)
    if variant == "paper":
        pool, seen = nn.AvgPool2d(5, stride=3), Maps(maps.network, maps.height, maps.width)
        seen.shrink(name, 5, 3)
        side = seen.area
    layers: OrderedDict[str, nn.Module] = OrderedDict(pool=pool)
    layers["conv"] = conv_unit(arriving, HEAD_MAPS, 1, batch_norm=norm)
    layers["flatten"] = nn.Flatten()
    layers["fc1"], layers["activation"] = nn.Linear(HEAD_MAPS * side, HEAD_UNITS), nn.ReLU()
    layers["dropout"], layers["fc2"] = nn.Dropout(HEAD_DROPOUT), nn.Linear(HEAD_UNITS, outputs)
    return layers
