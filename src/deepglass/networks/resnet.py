"""Resnet: residual networks, for photographs and for small images, original and with preactivation, and without shortcuts."""

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from deepglass.layers import BasicBlock, Bottleneck, ResidualBlock, initialize
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

SMALL = 64  # pixels: below this, the stem of 224x224, which shrinks fourfold, would leave the blocks hardly any map
WIDTHS = (64, 128, 256, 512)  # table 1 of the paper
SMALL_WIDTHS = (16, 32, 64)  # its section 4.2


def _for_photographs(depth: int, block: type[ResidualBlock], blocks: tuple[int, ...]) -> Callable[..., nn.Module]:
    """Make the function of one of the networks of table 1."""

    def make(
        shape: Shape,
        outputs: int,
        *,
        preactivation: bool = False,
        skips: bool = True,
        shortcut: str = "projection",
        zero_start: bool = block is Bottleneck,
        initialization: str = "auto",
        output_activation: Choice | None = None,
    ) -> nn.Module:
        channels, height, width = parts.image(make.__name__, shape)
        small = min(height, width) < SMALL
        kernel, stride = (3, 1) if small else (7, 2)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv1"] = nn.Conv2d(channels, WIDTHS[0], kernel, stride, padding=kernel // 2, bias=False)
        layers["bn1"] = nn.BatchNorm2d(WIDTHS[0])
        layers["relu"] = nn.ReLU()
        if not small:
            layers["maxpool"] = nn.MaxPool2d(3, stride=2, padding=1)
        options = {"preactivation": preactivation, "skip": skips, "shortcut": shortcut, "zero_start": zero_start}
        arriving = _add_stages(layers, block, WIDTHS, blocks, options)
        return _finished(layers, arriving, outputs, initialization, output_activation)

    make.__name__ = make.__qualname__ = f"resnet{depth}"
    each = "three" if block is Bottleneck else "two"
    make.__doc__ = f"""Add what each block of {each} convolutions finds to what it was given: {depth} layers.

    Images of 64 pixels or more are first shrunk fourfold, by a 7x7 convolution and pooling; smaller ones see a 3x3 convolution
    that keeps their size. Where a map shrinks, the 3x3 convolution of the block has the stride, as in torchvision ("v1.5").
    Weights are named as in torchvision, except with preactivation, which it does not have.
    Shapes: input (batch, channels, height, width), any size; output (batch, outputs).
    Args:
        preactivation: batch norm and ReLU before each convolution, and nothing after the sum.
        skips: false leaves out the shortcuts: a plain network of the same depth.
        shortcut: where the size changes, "projection" or "padding" with zeros, which has no parameters.
        zero_start: each block begins as its shortcut; by default for bottlenecks, with which it was measured.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, SettingError, UnknownName.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, table 1; preactivation:
        the same, "Identity Mappings in Deep Residual Networks", arXiv:1603.05027; zero start: Goyal et al., arXiv:1706.02677,
        section 5.1.
    """
    return make


def _for_small_images(depth: int) -> Callable[..., nn.Module]:
    """Make the function of one of the networks of section 4.2, with 6n + 2 layers."""

    def make(
        shape: Shape,
        outputs: int,
        *,
        preactivation: bool = False,
        skips: bool = True,
        shortcut: str = "padding",
        zero_start: bool = False,
        initialization: str = "auto",
        output_activation: Choice | None = None,
    ) -> nn.Module:
        channels, _, _ = parts.image(make.__name__, shape)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv1"] = nn.Conv2d(channels, SMALL_WIDTHS[0], 3, padding=1, bias=False)
        layers["bn1"] = nn.BatchNorm2d(SMALL_WIDTHS[0])
        layers["relu"] = nn.ReLU()
        options = {"preactivation": preactivation, "skip": skips, "shortcut": shortcut, "zero_start": zero_start}
        arriving = _add_stages(layers, BasicBlock, SMALL_WIDTHS, ((depth - 2) // 6,) * 3, options)
        return _finished(layers, arriving, outputs, initialization, output_activation)

    make.__name__ = make.__qualname__ = f"resnet{depth}"
    make.__doc__ = f"""Add what each block of two convolutions finds to what it was given: {depth} layers, for images of 32x32.

    16, 32 and 64 wide, where images of 224x224 take 64 to 512.

    The paper trains it with momentum 0.9, rate 0.1, decay 1e-4 and batches of 128, which suit it here too (with a cosine
    schedule), and with random shifts of 4 pixels and flips: data.augment.shift=4, data.augment.flip=true.
    Shapes: input (batch, channels, height, width), any size; output (batch, outputs).
    Args:
        preactivation: batch norm and ReLU before each convolution, and nothing after the sum.
        skips: false leaves out the shortcuts: a plain network of the same depth.
        shortcut: where the size changes, "padding" with zeros, which has no parameters, or "projection".
        zero_start: each block begins as its shortcut; not so in the paper.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: ShapeError, SettingError, UnknownName.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 4.2; preactivation:
        the same, "Identity Mappings in Deep Residual Networks", arXiv:1603.05027.
    """
    return make


def _add_stages(
    layers: OrderedDict[str, nn.Module],
    block: type[ResidualBlock],
    widths: tuple[int, ...],
    blocks: tuple[int, ...],
    options: dict[str, object],
) -> int:
    """Add layer1, layer2, ...: rows of blocks, all but the first of which halve the map. Returns: the channels that come out."""
    arriving = widths[0]
    for stage, (width, count) in enumerate(zip(widths, blocks), start=1):
        row = nn.Sequential()
        for k in range(count):
            behind_stem = stage == 1 and k == 0
            stride = 2 if stage > 1 and k == 0 else 1
            row.append(block(arriving, width, stride=stride, activated=behind_stem, **options))  # type: ignore[arg-type]
            arriving = width * block.expansion
        layers[f"layer{stage}"] = row
    if options["preactivation"]:
        layers["bn_last"], layers["relu_last"] = nn.BatchNorm2d(arriving), nn.ReLU()
    return arriving


def _finished(
    layers: OrderedDict[str, nn.Module],
    arriving: int,
    outputs: int,
    initialization: str,
    output_activation: Choice | None,
) -> nn.Module:
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(arriving, outputs)
    network = parts.finished(layers, "default", output_activation)
    initialize(network, initialization, activation=nn.ReLU())
    for module in network.modules():
        if isinstance(module, ResidualBlock):
            module.start()
    return network


resnet18 = _for_photographs(18, BasicBlock, (2, 2, 2, 2))
resnet34 = _for_photographs(34, BasicBlock, (3, 4, 6, 3))
resnet50 = _for_photographs(50, Bottleneck, (3, 4, 6, 3))
resnet101 = _for_photographs(101, Bottleneck, (3, 4, 23, 3))
resnet152 = _for_photographs(152, Bottleneck, (3, 8, 36, 3))
resnet20, resnet32, resnet44, resnet56, resnet110 = map(_for_small_images, (20, 32, 44, 56, 110))
