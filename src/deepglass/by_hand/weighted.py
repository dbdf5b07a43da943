"""Weighted: layers whose outputs are weighted sums of some inputs: a dense layer of all, a convolution of a window."""

from collections.abc import Iterator

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty

Index = tuple[int, ...]
Connection = tuple[Index, list[tuple[Index, Index]]]  # an output, and (weight, input) of each product in it


class WeightedSum(Rule):
    """z = sum of w·x, plus b; and back: dL/dw = sum of dL/dz·x, dL/db = sum of dL/dz, dL/dx = sum of w·dL/dz.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature, 1986.
    """

    counts = True
    channel = 0  # the axis of an output's index that says which unit or map it is, and so which bias it has

    def prepare(self) -> None:
        self.weight = self.take("weight", "w")
        self.bias = self.take("bias", "b")

    def output_shape(self, shape: Index) -> Index:
        """The shape of an output from that of an input, both without the axis of the examples."""
        raise NotImplementedError

    def connections(self, shape: Index) -> Iterator[Connection]:
        """Each output of an example, with its products."""
        raise NotImplementedError

    def forward(self, x: Grid) -> Grid:
        self.x = x
        assert self.weight is not None
        z = empty((len(x), *self.output_shape(x.shape[1:])))
        for output, products in self.connections(x.shape[1:]):
            for e in range(len(x)):
                terms = [self.weight[w] * x[(e, *i)] for w, i in products]
                z[(e, *output)] = total(terms if self.bias is None else [*terms, self.bias[output[self.channel]]])
        return self.sheet.names(self.base, z)

    def backward(self, slope: Grid) -> Grid:
        by_x, by_weight, by_bias = self.shares(slope)
        self.note("weight", by_weight)
        self.note("bias", by_bias)
        return self.sheet.slopes(self.x, by_x)

    def shares(self, slope: Grid) -> tuple[Grid, Grid, Grid]:
        """What goes back to the input, the weights and the biases; not yet written down."""
        assert self.weight is not None
        by_x, by_weight = lists(self.x.shape), lists(self.weight.shape)
        by_bias = lists((slope.shape[1:][self.channel],))
        for output, products in self.connections(self.x.shape[1:]):
            for e in range(len(slope)):
                arriving = slope[(e, *output)]
                by_bias[output[self.channel]].append(arriving)
                for w, i in products:
                    by_x[(e, *i)].append(self.weight[w] * arriving)
                    by_weight[w].append(arriving * self.x[(e, *i)])
        return added(by_x), added(by_weight), added(by_bias)
