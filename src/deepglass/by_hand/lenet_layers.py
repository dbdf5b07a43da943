"""LeNet layers: the convolution by a table and the trained subsampling of 1998."""

from collections.abc import Iterator

import numpy as np

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.by_hand.weighted import Connection, Index, WeightedSum
from deepglass.by_hand.windows import along, crossed
from deepglass.errors import ShapeError


class PartialConvolution(WeightedSum):
    """A convolution in which each map sees the maps of its table; w[n,k,l] is the kernel of the n-th connection."""

    def output_shape(self, shape: Index) -> Index:
        if len(shape) != 3 or shape[0] != self.layer.in_channels:
            raise ShapeError(f"{self.layer} gets {shape}. Give examples as (channels, height, width).")
        return (len(self.layer.bias), *(len(places) for places in self._windows(shape)))

    def connections(self, shape: Index) -> Iterator[Connection]:
        windows = crossed(self._windows(shape))
        for o in range(len(self.layer.bias)):
            own = [(n, i) for n, (to, i) in enumerate(self.layer.connections) if to == o]
            for output, places in windows:
                inside = [(k, p) for k, p in places if all(0 <= q < n for q, n in zip(p, shape[1:]))]
                yield (o, *output), [((n, *k), (i, *p)) for n, i in own for k, p in inside]

    def _windows(self, shape: Index) -> list[list[list[int]]]:
        return [along(n, self.layer.kernel_size, 1, (self.layer.padding,) * 2) for n in shape[1:]]


class TrainedSubsampling(Rule):
    """s = coefficient · (mean of a square of pixels) + bias, both of the map."""

    letter = "sub"

    def prepare(self) -> None:
        self.take("coefficient", "k")
        self.take("bias", "bs")

    def forward(self, x: Grid) -> Grid:
        size, self.x = self.layer.size, x
        self.windows = crossed([along(n, size, size, (0, 0)) for n in x.shape[2:]])
        shape = (*x.shape[:2], *(n // size for n in x.shape[2:]))
        means, made = empty(shape), empty(shape)
        for e, c in np.ndindex(*x.shape[:2]):
            for output, places in self.windows:
                means[(e, c, *output)] = total(x[(e, c, *p)] for _, p in places) / len(places)
        self.means = self.sheet.names(f"mean{self.tag}", means)
        for at in np.ndindex(shape):
            made[at] = self.parameters["coefficient"][at[1]] * self.means[at] + self.parameters["bias"][at[1]]
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        by_x, by_coefficient, by_bias = lists(self.x.shape), lists(self.x.shape[1:2]), lists(self.x.shape[1:2])
        for e, c in np.ndindex(*self.x.shape[:2]):
            for output, places in self.windows:
                arriving = slope[(e, c, *output)]
                by_coefficient[c,].append(arriving * self.means[(e, c, *output)])
                by_bias[c,].append(arriving)
                for _, p in places:
                    by_x[(e, c, *p)].append(arriving * self.parameters["coefficient"][c] / len(places))
        self.note("coefficient", added(by_coefficient))
        self.note("bias", added(by_bias))
        return self.sheet.slopes(self.x, added(by_x))
