"""Padded convolution: convolutions whose border is filled by a rule, or with a number of one's own."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError
from deepglass.layers.axes import Size, each_axis

RULES = ("valid", "same", "full")
MODES = {  # our word -> torch.nn.functional.pad's
    "zeros": "constant",
    "constant": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}
CONVOLVE: dict[int, Any] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


class _Padded(nn.modules.conv._ConvNd):
    """Convolve what has been given a border first: what torch.nn has no layer for.

    Shapes: input (batch, in_channels, *sizes), output (batch, out_channels, *sizes').
    Args:
        padding: pixels at each side (one number, or one an axis), or a rule: "valid" (none, the map shrinks), "same" (the map
            keeps its size, or with a stride its size / stride rounded up; an odd pixel goes to the end) or "full" (every
            pixel is seen by every place of the kernel).
        padding_mode: what the border holds: "zeros", "constant" (the number `value`), "reflect" (the picture in a mirror,
            without its edge), "replicate" (its edge) or "circular" (its other end).
    Raises: SettingError. An image that is too small to be reflected, or for its kernel, is told by torch.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, chapter 2.
    """

    axes = 0

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        *,
        padding: Size | str = "same",
        padding_mode: str = "zeros",
        value: float = 0.0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        if padding_mode not in MODES:
            raise SettingError(f"{padding_mode=!r} does not exist. Choose one of {', '.join(map(repr, MODES))}.")
        if value and padding_mode != "constant":
            raise SettingError(f'{value=} is never used with {padding_mode=!r}. Set padding_mode="constant".')
        windows = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}
        kernel, steps, apart = (each_axis(name, size, self.axes) for name, size in windows.items())
        place: Any = (in_channels, out_channels, kernel, steps, 0, apart, groups, bias)
        super().__init__(*place)  # of the torch convolution that stands beside this class
        # What torch's own layers call these, so that whoever asks a convolution for its padding is told it.
        self.padding = self._border(padding)
        self.padding_mode: Any = padding_mode
        self.value = float(value)

    def forward(self, x: Tensor) -> Tensor:
        ends = self._ends(x.shape[2:])
        if any(ends):
            x = F.pad(x, ends, MODES[self.padding_mode], self.value if self.padding_mode == "constant" else None)
        convolve = CONVOLVE[len(self.kernel_size)]
        return convolve(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def _border(self, padding: Size | str) -> Any:
        """Pixels of each axis, or "same", whose pixels depend on the size of what arrives."""
        if padding == "same":
            return padding
        if padding in ("valid", "full"):
            return tuple(reach if padding == "full" else 0 for reach in self._reaches)
        axes = len(self.kernel_size)
        pixels = tuple(padding) if isinstance(padding, Sequence) else (padding,) * axes
        if len(pixels) != axes or not all(isinstance(n, int) and n >= 0 for n in pixels):
            rules = ", ".join(map(repr, RULES))
            raise SettingError(
                f"{padding=!r} is no padding. Give pixels, one number or {axes} of them, or one of {rules}."
            )
        return pixels

    @property
    def _reaches(self) -> list[int]:
        """How many pixels a kernel covers along each axis besides its first."""
        return [(kernel - 1) * dilation for kernel, dilation in zip(self.kernel_size, self.dilation)]

    def _ends(self, sizes: Sequence[int]) -> list[int]:
        """Pixels before and after each axis, the last axis first, as torch.nn.functional.pad takes them."""
        ends: list[int] = []
        for axis, reach in reversed(list(enumerate(self._reaches))):
            if not isinstance(self.padding, str):
                ends += [self.padding[axis]] * 2
                continue
            stride = self.stride[axis]
            total = max(0, (-(-sizes[axis] // stride) - 1) * stride + reach + 1 - sizes[axis])
            ends += [total // 2, total - total // 2]
        return ends

    def extra_repr(self) -> str:
        return super().extra_repr() + (f", value={self.value:g}" if self.padding_mode == "constant" else "")


class PaddedConv1d(_Padded, nn.Conv1d):
    __doc__ = _Padded.__doc__ or ""
    axes = 1


class PaddedConv2d(_Padded, nn.Conv2d):
    __doc__ = _Padded.__doc__ or ""
    axes = 2


class PaddedConv3d(_Padded, nn.Conv3d):
    __doc__ = _Padded.__doc__ or ""
    axes = 3
