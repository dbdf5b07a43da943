"""Rotated convolution: one filter in four directions, of which the strongest answers."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError
from deepglass.layers.axes import each_axis

TURNS = (1, 2, 4)  # copies at angles that lie on the grid of pixels


class RotatedConv2d(nn.Module):
    """Pool over rotated copies of each filter, so that a pattern is found whichever way it is turned.

    A quarter turn of the image turns the maps and changes nothing else; with global pooling behind it the answer stays the
    same. The copies share their weights: there are as many as in a convolution.
    Shapes: input (batch, in_channels, height, width), output (batch, out_channels, height', width').
    Args:
        kernel_size: side of the square kernels in pixels.
        turns: copies of each filter: 4 (quarter turns), 2 (half a turn) or 1 (a plain convolution).
        padding: zeros around the input, in pixels.
    Raises: SettingError.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3, figure 9.9 (pooling over filters learns to be
        invariant); copies in quarter turns: Cohen and Welling, "Group Equivariant Convolutional Networks", ICML 2016.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        turns: int = 4,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if turns not in TURNS:
            raise SettingError(f"{turns=} does not lie on the grid of pixels. Choose one of {list(TURNS)}.")
        (kernel_size,), (stride,) = each_axis("kernel_size", kernel_size, 1), each_axis("stride", stride, 1)
        self.turns, self.kernel_size, self.stride, self.padding = turns, kernel_size, stride, padding
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        quarter = 4 // self.turns
        copies = torch.cat([self.weight.rot90(quarter * turn, dims=(2, 3)) for turn in range(self.turns)])
        found = F.conv2d(x, copies, stride=self.stride, padding=self.padding)
        strongest = found.unflatten(1, (self.turns, -1)).max(dim=1).values
        return strongest if self.bias is None else strongest + self.bias[:, None, None]

    def multiply_adds(self, output_shape: Sequence[int]) -> int:
        """Count those of one example: those of a convolution, for every copy."""
        return self.turns * prod(output_shape) * self.weight[0].numel()

    def extra_repr(self) -> str:
        outputs, inputs, side, _ = self.weight.shape
        return (
            f"{inputs}, {outputs}, kernel_size={side}, turns={self.turns}, stride={self.stride}, padding={self.padding}"
        )
