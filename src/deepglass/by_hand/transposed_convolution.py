"""Transposed convolution: every input lays a kernel down, weighted by itself, and where kernels overlap they are added."""

import itertools
from collections.abc import Iterator

from deepglass.by_hand.weighted import Connection, Index, WeightedSum
from deepglass.by_hand.windows import axes
from deepglass.errors import ShapeError


class TransposedConvolution(WeightedSum):
    """z[o,i·stride+k-padding] = sum over c, i, k of w[c,o,k]·x[c,i], plus b[o]: the way back of a convolution, as a way forward.

    Products that fall beyond the edges, which the padding cuts off, are left out. For nn.ConvTranspose1d, 2d and 3d.
    Source: Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", arXiv:1603.07285, section 4.
    """

    def output_shape(self, shape: Index) -> Index:
        layer = self.layer
        if len(shape) != len(layer.kernel_size) + 1 or shape[0] != layer.in_channels:
            raise ShapeError(
                f"A transposed convolution of {layer.in_channels} channels along {len(layer.kernel_size)} axes gets {shape}. "
                "Give examples as (channels, ...); several of them with batch=True."
            )
        return (layer.out_channels, *(len(met) for met in self._meetings(shape[1:])))

    def connections(self, shape: Index) -> Iterator[Connection]:
        layer = self.layer
        along = self._meetings(shape[1:])
        seen, made = layer.in_channels // layer.groups, layer.out_channels // layer.groups
        for o in range(layer.out_channels):
            first = o // made * seen
            for output in itertools.product(*(range(len(met)) for met in along)):
                places = list(itertools.product(*(met[k] for met, k in zip(along, output))))
                yield (
                    (o, *output),
                    [
                        ((c, o % made, *(k for k, _ in place)), (c, *(i for _, i in place)))
                        for c in range(first, first + seen)
                        for place in places
                    ],
                )

    def _meetings(self, sizes: Index) -> list[list[list[tuple[int, int]]]]:
        """Along each axis, for each output: (place in the kernel, input) of the products that fall there."""
        layer, count = self.layer, len(sizes)
        found = []
        for size, kernel, stride, padding, more, dilation in zip(
            sizes,
            layer.kernel_size,
            axes(layer.stride, count),
            axes(layer.padding, count),
            axes(layer.output_padding, count),
            axes(layer.dilation, count),
        ):
            length = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + more + 1
            met: list[list[tuple[int, int]]] = [[] for _ in range(length)]
            for i, k in itertools.product(range(size), range(kernel)):
                if 0 <= i * stride + k * dilation - padding < length:
                    met[i * stride + k * dilation - padding].append((k, i))
            found.append(met)
        return found
