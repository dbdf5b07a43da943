"""Passing: what lies between layers: flatten puts numbers in a row, identity leaves them."""

from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid


class Flattening(Rule):
    """flat[k] = the k-th number, row by row; the slopes go back to where the numbers came from."""

    letter = "flat"

    def forward(self, x: Grid) -> Grid:
        self.x = x
        first, last = self.layer.start_dim % x.ndim, self.layer.end_dim % x.ndim
        self.same = first >= last
        if self.same:
            return x
        return self.sheet.names(self.base, x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :]))

    def backward(self, slope: Grid) -> Grid:
        return slope if self.same else self.sheet.slopes(self.x, slope.reshape(self.x.shape))


class Passing(Rule):
    """The same numbers again."""

    def forward(self, x: Grid) -> Grid:
        return x

    def backward(self, slope: Grid) -> Grid:
        return slope
