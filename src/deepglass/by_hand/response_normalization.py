"""Response normalization: a channel is divided by what its neighbours give at the same place, as in AlexNet."""

import numpy as np

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty


class ResponseNormalization(Rule):
    """n[c] = x[c] / d[c]^beta with d[c] = k + alpha·(sum of x^2 over `size` channels around c) / size. For nn.LocalResponseNorm.

    Back: dL/dd[c] = -beta·dL/dn[c]·n[c] / d[c], and dL/dx[c] = dL/dn[c] / d[c]^beta + sum of dL/dd·2·alpha·x[c] / size over the
    channels that c is a neighbour of. Shapes: input and output (examples, channels, ...).
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012, section
        3.3; divided by the size as in torch.
    """

    letter = "n"

    def forward(self, x: Grid) -> Grid:
        layer, self.x = self.layer, x
        sums, made = empty(x.shape), empty(x.shape)
        for e, c, *at in np.ndindex(x.shape):
            squares = total(x[(e, near, *at)] ** 2 for near in self._near(c))
            sums[(e, c, *at)] = layer.k + layer.alpha * squares / layer.size
        self.sums = self.sheet.names(f"d{self.tag}", sums)
        for index in np.ndindex(x.shape):
            made[index] = x[index] / self.sums[index] ** layer.beta
        self.n = self.sheet.names(self.base, made)
        return self.n

    def backward(self, slope: Grid) -> Grid:
        layer, by_sums, by_x = self.layer, empty(slope.shape), lists(slope.shape)
        for index in np.ndindex(slope.shape):
            by_sums[index] = -layer.beta * slope[index] * self.n[index] / self.sums[index]
            by_x[index].append(slope[index] / self.sums[index] ** layer.beta)
        by_sums = self.sheet.slopes(self.sums, by_sums)
        for e, c, *at in np.ndindex(slope.shape):
            for near in self._near(c):
                pull = by_sums[(e, c, *at)] * (2 * layer.alpha / layer.size)
                by_x[(e, near, *at)].append(pull * self.x[(e, near, *at)])
        return self.sheet.slopes(self.x, added(by_x))

    def _near(self, channel: int) -> range:
        """The channels around one; of an even size one more before it than behind."""
        first = channel - self.layer.size // 2
        return range(max(first, 0), min(first + self.layer.size, self.x.shape[1]))
