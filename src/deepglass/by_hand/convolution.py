"""Convolution: every output is a weighted sum over one window, with the same kernel everywhere."""

from collections.abc import Iterator, Sequence

from deepglass.by_hand.sheet import Grid
from deepglass.by_hand.weighted import Connection, Index, WeightedSum
from deepglass.by_hand.windows import along, axes, crossed, source
from deepglass.errors import ShapeError


class Convolution(WeightedSum):
    """z[o,i,j] = sum over c,k,l of w[o,c,k,l]·x[c,i+k,j+l], plus b[o]: cross-correlation, the kernel is not flipped.

    Products with the zeros of a padding are left out. For nn.Conv1d, Conv2d and Conv3d.
    Source: LeCun et al., "Backpropagation Applied to Handwritten Zip Code Recognition", Neural Computation, 1989.
    """

    def output_shape(self, shape: Index) -> Index:
        if len(shape) != len(self.layer.kernel_size) + 1 or shape[0] != self.layer.in_channels:
            raise ShapeError(
                f"A convolution of {self.layer.in_channels} channels along {len(self.layer.kernel_size)} axes gets {shape}. "
                "Give examples as (channels, ...); several of them with batch=True."
            )
        return (self.layer.out_channels, *(len(places) for places in self._windows(shape[1:])))

    def connections(self, shape: Index) -> Iterator[Connection]:
        layer = self.layer
        windows = crossed(self._windows(shape[1:]))
        seen, made = layer.in_channels // layer.groups, layer.out_channels // layer.groups
        for o in range(layer.out_channels):
            first = o // made * seen
            for output, places in windows:
                products = []
                for c in range(seen):
                    for kernel, place in places:
                        at = [source(p, n, layer.padding_mode) for p, n in zip(place, shape[1:])]
                        if None not in at:
                            products.append(((o, c, *kernel), (first + c, *(p for p in at if p is not None))))
                yield (o, *output), products

    def _windows(self, sizes: Index) -> list[list[list[int]]]:
        layer, count = self.layer, len(sizes)
        return [
            along(size, kernel, stride, self._padding(axis, kernel, dilation), dilation)
            for axis, (size, kernel, stride, dilation) in enumerate(
                zip(sizes, layer.kernel_size, axes(layer.stride, count), axes(layer.dilation, count))
            )
        ]

    def _padding(self, axis: int, kernel: int, dilation: int) -> tuple[int, int]:
        if self.layer.padding == "valid":
            return 0, 0
        if self.layer.padding == "same":
            around = dilation * (kernel - 1)
            return around // 2, around - around // 2
        return self.layer.padding[axis], self.layer.padding[axis]


class ConvolutionWith(Convolution):
    """The same with a kernel that is itself calculated, such as one that is turned round or put together of several."""

    inputs = ("x", "weight", "bias")
    needs = 2

    def prepare(self) -> None:
        """The kernel arrives as an input."""

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.weight, self.bias = given[1], given[2] if len(given) > 2 else None
        return self.forward(given[0])

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        given = [self.x, self.weight, *([] if self.bias is None else [self.bias])]
        return [self.sheet.slopes(grid, made) for grid, made in zip(given, self.shares(slopes[0]))]
