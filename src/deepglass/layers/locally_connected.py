"""Locally connected: small windows as in a convolution, but every place has kernels of its own."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, nn

from deepglass.errors import ShapeError
from deepglass.layers.axes import Size, each_axis


class _LocallyConnected(nn.Module):
    """Look at each window with weights of its own, which are shared with no other place.

    Made for patterns that stand in known places, such as the eyes in a passport photo. Each place has a bias of its own, too.
    Shapes: input (batch, *input_shape), output (batch, out_channels, *positions) with positions =
        floor((size - kernel) / stride) + 1 in each axis; weight (*positions, out_channels, channels, *kernel).
    Args: input_shape: channels and sizes of an example, such as (3, 32, 32); a list of layers finds it out.
    Raises: ShapeError, when a kernel is larger than the example; SettingError, for a kernel or stride that is none.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.5, equation 9.9 (unshared convolution).
    """

    axes = 0  # in which the windows move

    def __init__(
        self,
        input_shape: Sequence[int],
        out_channels: int,
        kernel_size: Size,
        *,
        stride: Size = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if len(input_shape) != self.axes + 1:
            raise ShapeError(
                f"{name} takes examples of {self.axes + 1} axes, channels first, got {tuple(input_shape)}. Reshape the data."
            )
        self.input_shape, self.out_channels = tuple(input_shape), out_channels
        self.kernel_size = each_axis("kernel_size", kernel_size, self.axes)
        self.stride = each_axis("stride", stride, self.axes)
        sizes = zip(self.input_shape[1:], self.kernel_size, self.stride)
        self.positions = tuple((size - kernel) // step + 1 for size, kernel, step in sizes)
        if min(self.positions) < 1:
            raise ShapeError(
                f"A kernel of {self.kernel_size} in {name} is larger than the example, {self.input_shape}. Choose a smaller one."
            )
        self.weight = nn.Parameter(torch.empty(*self.positions, out_channels, self.input_shape[0], *self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels, *self.positions)) if bias else None
        for kernels in self.kernels():
            nn.init.xavier_uniform_(kernels)

    def kernels(self) -> Tensor:
        """The weight of each place, as that of an ordinary convolution: (places, out_channels, channels, *kernel)."""
        return self.weight.detach().flatten(0, self.axes - 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = windows(x, self.kernel_size, self.stride)  # (batch, places, numbers of a window)
        weight = self.weight.flatten(0, self.axes - 1).flatten(2)  # (places, out_channels, numbers of a window)
        found = torch.einsum("bpk,pok->bop", seen, weight).unflatten(2, self.positions)
        return found if self.bias is None else found + self.bias

    def multiply_adds(self, output_shape: Sequence[int]) -> int:
        """Count those of one example: every weight is used once."""
        return self.weight.numel()

    def extra_repr(self) -> str:
        return f"{self.input_shape}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"


class LocallyConnected1d(_LocallyConnected):
    __doc__ = _LocallyConnected.__doc__
    axes = 1


class LocallyConnected2d(_LocallyConnected):
    __doc__ = _LocallyConnected.__doc__
    axes = 2


class LocallyConnected3d(_LocallyConnected):
    __doc__ = _LocallyConnected.__doc__
    axes = 3


def windows(x: Tensor, kernel: Sequence[int], stride: Sequence[int]) -> Tensor:
    """Cut out every window that a kernel sees.

    Shapes: x (batch, channels, *sizes); returns (batch, places, channels * numbers of the kernel), places in reading order.
    """
    for axis, (side, step) in enumerate(zip(kernel, stride), start=2):
        x = x.unfold(axis, side, step)  # which puts the places where the axis was, and the window at the end
    axes = len(kernel)
    x = x.movedim(1, 1 + axes)  # (batch, *positions, channels, *kernel)
    return x.reshape(len(x), prod(x.shape[1 : 1 + axes]), -1)
