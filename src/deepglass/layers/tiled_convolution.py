"""Tiled convolution: a few kernels that take turns from place to place."""

from collections.abc import Sequence
from itertools import product
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.layers.axes import Size, each_axis

CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


class _TiledConv(nn.Module):
    """Convolve with `tiles` sets of kernels that follow each other in each axis and then begin again.

    In between sharing and not sharing: with 1 tile it is a convolution, with as many as there are places it is locally
    connected. Neighbouring places have kernels of their own, so that pooling over them can join different features.
    Shapes: input (batch, in_channels, *sizes), output (batch, out_channels, *positions) with positions =
        floor((size - kernel) / stride) + 1 in each axis; weight (tiles in each axis..., out_channels, in_channels, *kernel).
    Args: tiles: sets of kernels along an axis; in 2 dimensions there are tiles * tiles of them, in 3 tiles * tiles * tiles.
    Raises: SettingError. An image that is smaller than a kernel is told by torch.
    Source: Le et al., "Tiled convolutional neural networks", NIPS 2010; Goodfellow, Bengio and Courville, "Deep Learning",
        2016, section 9.5, equation 9.10. Kernel p serves the places p, p + tiles, ..., counted from 0.
    """

    axes = 0

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        *,
        tiles: Size = 2,
        stride: Size = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = each_axis("kernel_size", kernel_size, self.axes)
        self.stride = each_axis("stride", stride, self.axes)
        self.tiles = each_axis("tiles", tiles, self.axes)
        self.weight = nn.Parameter(torch.empty(*self.tiles, out_channels, in_channels, *self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(*self.tiles, out_channels)) if bias else None
        for kernels in self.kernels():
            nn.init.xavier_uniform_(kernels)

    def kernels(self) -> Tensor:
        """The weight of each set, as that of an ordinary convolution: (sets, out_channels, in_channels, *kernel)."""
        return self.weight.detach().flatten(0, self.axes - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with each set at the places where its turn is, in strides of all sets, and put the maps together."""
        sizes = zip(x.shape[2:], self.kernel_size, self.stride)
        positions = [(size - kernel) // step + 1 for size, kernel, step in sizes]
        rounds = [-(-places // tiles) for places, tiles in zip(positions, self.tiles)]
        needed = [
            (r * t - 1) * s + k for r, t, s, k in zip(rounds, self.tiles, self.stride, self.kernel_size)
        ]  # so that every set has as many places as any other
        missing = [max(0, n - size) for n, size in zip(needed, x.shape[2:])]
        padded = F.pad(x, [end for m in reversed(missing) for end in (0, m)])
        jump = [s * t for s, t in zip(self.stride, self.tiles)]
        maps = []
        for number, turn in enumerate(product(*map(range, self.tiles))):
            start = padded
            for axis, (place, step) in enumerate(zip(turn, self.stride), start=2):
                start = start.narrow(axis, place * step, start.shape[axis] - place * step)
            weight = self.weight.flatten(0, self.axes - 1)[number]
            bias = None if self.bias is None else self.bias.flatten(0, self.axes - 1)[number]
            found = CONVOLVE[self.axes](start, weight, bias, stride=jump)
            for axis, count in enumerate(rounds, start=2):
                found = found.narrow(axis, 0, count)
            maps.append(found)
        return self._put_together(torch.stack(maps), rounds, positions)

    def _put_together(self, maps: Tensor, rounds: Sequence[int], positions: Sequence[int]) -> Tensor:
        """Shapes: maps (sets, batch, out_channels, *rounds); returns (batch, out_channels, *positions)."""
        axes = self.axes
        maps = maps.unflatten(0, self.tiles)
        order = [axes, axes + 1]  # batch, channels, then each axis: the round, and within it the set
        for axis in range(axes):
            order += [axes + 2 + axis, axis]
        joined = maps.permute(order).reshape(*maps.shape[axes : axes + 2], *[r * t for r, t in zip(rounds, self.tiles)])
        for axis, places in enumerate(positions, start=2):
            joined = joined.narrow(axis, 0, places)
        return joined

    def multiply_adds(self, output_shape: Sequence[int]) -> int:
        """Count those of one example: as many as those of a convolution."""
        return prod(output_shape) * self.in_channels * prod(self.kernel_size)

    def extra_repr(self) -> str:
        sizes = f"kernel_size={self.kernel_size}, tiles={self.tiles}, stride={self.stride}"
        return f"{self.in_channels}, {self.out_channels}, {sizes}"


class TiledConv1d(_TiledConv):
    __doc__ = _TiledConv.__doc__
    axes = 1


class TiledConv2d(_TiledConv):
    __doc__ = _TiledConv.__doc__
    axes = 2


class TiledConv3d(_TiledConv):
    __doc__ = _TiledConv.__doc__
    axes = 3
