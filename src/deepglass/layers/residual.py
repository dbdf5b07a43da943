"""Residual: blocks of convolutions that add what they find to what they were given."""

from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError

SHORTCUTS = ("projection", "padding")


class PaddedShortcut(nn.Module):
    """Bring a map to another size without a parameter: every `stride`-th pixel, and channels of zeros behind the others.

    Shapes: input (batch, in_channels, height, width), output (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 3.3, option A.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        if out_channels < in_channels:
            raise SettingError(
                f"A padded shortcut adds channels, and here {in_channels} become {out_channels}. Use shortcut='projection'."
            )
        self.extra, self.stride = out_channels - in_channels, stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))

    def extra_repr(self) -> str:
        return f"zero channels={self.extra}, stride={self.stride}"


class ResidualBlock(nn.Module):
    """Convolutions whose result is added to what came in: what both kinds of block share.

    As first published: y = relu(shortcut(x) + branch(x)), where each convolution of the branch is followed by batch norm, and
    all but the last by ReLU. With `preactivation`, batch norm and ReLU stand before each convolution and
    y = shortcut(x) + branch(x), so that a sum is passed on unchanged; a shortcut that changes the size then begins, like the
    branch, after the first ReLU.
    Shapes: input (batch, in_channels, height, width), output (batch, expansion * width, height', width').
    Args:
        width: channels inside.
        stride: of the one convolution that shrinks the map.
        shortcut: where the size changes, "projection" (1x1 convolution, option B of the paper) or "padding" (option A).
        activated: whether what comes in has been through batch norm and ReLU, as behind a stem; only for `preactivation`.
        skip: whether there is a shortcut; without it the block is plain.
        zero_start: let the branch begin at 0, so that the block begins as its shortcut: its last batch norm starts with
            weight 0, or with `preactivation` its last convolution.
    Raises: SettingError, when a shortcut does not exist or does not fit.
    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, figure 5; preactivation: He et al.,
        "Identity Mappings in Deep Residual Networks", arXiv:1603.05027, figure 4e and the appendix; zero start: Goyal et
        al., arXiv:1706.02677, section 5.1. Parts that have weights are named as in torchvision.
    """

    expansion = 1  # channels that come out, for each channel inside

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        shortcut: str = "projection",
        preactivation: bool = False,
        activated: bool = False,
        skip: bool = True,
        zero_start: bool = False,
    ) -> None:
        super().__init__()
        if shortcut not in SHORTCUTS:
            raise SettingError(f"{shortcut=} does not exist. Choose one of {', '.join(map(repr, SHORTCUTS))}.")
        parts: dict[str, nn.Module] = {}
        for k, convolution in enumerate(self.convolutions(in_channels, width, stride), start=1):
            if preactivation:
                if k > 1 or not activated:
                    parts |= {f"bn{k}": nn.BatchNorm2d(convolution.in_channels), f"relu{k}": nn.ReLU()}
                parts[f"conv{k}"] = convolution
            else:
                parts[f"conv{k}"] = convolution
                parts |= {f"bn{k}": nn.BatchNorm2d(convolution.out_channels), f"relu{k}": nn.ReLU()}
        names = list(parts)
        begin, end = names.index("conv1"), len(names) - (not preactivation)
        # What is done before the ways part, on the branch, and after the sum.
        self.before, self.branch, self.after = names[:begin], names[begin:end], names[end:]
        for name in (*self.before, *self.branch):
            self.add_module(name, parts[name])
        out_channels = width * self.expansion
        self.downsample: nn.Module | None = None
        if skip and (stride > 1 or in_channels != out_channels):
            self.downsample = _resizing(in_channels, out_channels, stride, shortcut, norm=not preactivation)
        for name in self.after:
            self.add_module(name, parts[name])
        self.skip, self.zero_start = skip, zero_start
        self.start()

    @staticmethod
    def convolutions(in_channels: int, width: int, stride: int) -> list[nn.Conv2d]:
        """Make the convolutions of the branch."""
        raise NotImplementedError

    def start(self) -> None:
        """Set the branch to 0, where that was asked for; once more after other weights were given."""
        if self.zero_start and self.skip:
            last = next(name for name in reversed(self.branch) if not name.startswith("relu"))
            nn.init.zeros_(self.get_submodule(last).get_parameter("weight"))

    def forward(self, x: Tensor) -> Tensor:
        started = self._through(self.before, x)
        y = self._through(self.branch, started)
        if self.skip:
            y = y + (x if self.downsample is None else self.downsample(started))
        return self._through(self.after, y)

    def _through(self, names: list[str], x: Tensor) -> Tensor:
        for name in names:
            x = self.get_submodule(name)(x)
        return x

    def extra_repr(self) -> str:
        return "" if self.skip else "skip=False"


class BasicBlock(ResidualBlock):
    """Two 3x3 convolutions and a shortcut. See `ResidualBlock`."""

    @staticmethod
    def convolutions(in_channels: int, width: int, stride: int) -> list[nn.Conv2d]:
        return [
            nn.Conv2d(in_channels, width, 3, stride, padding=1, bias=False),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
        ]


class Bottleneck(ResidualBlock):
    """A 1x1 convolution that narrows, a 3x3, a 1x1 that widens fourfold, and a shortcut. See `ResidualBlock`.

    The 3x3 convolution has the stride ("v1.5", as in torchvision), where the paper's code has it in the first 1x1.
    """

    expansion = 4

    @staticmethod
    def convolutions(in_channels: int, width: int, stride: int) -> list[nn.Conv2d]:
        return [
            nn.Conv2d(in_channels, width, 1, bias=False),
            nn.Conv2d(width, width, 3, stride, padding=1, bias=False),
            nn.Conv2d(width, width * Bottleneck.expansion, 1, bias=False),
        ]


def _resizing(in_channels: int, out_channels: int, stride: int, shortcut: str, *, norm: bool) -> nn.Module:
    if shortcut == "padding":
        return PaddedShortcut(in_channels, out_channels, stride=stride)
    row = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
    return row.append(nn.BatchNorm2d(out_channels)) if norm else row
