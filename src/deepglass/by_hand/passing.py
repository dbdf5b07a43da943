"""Passing: what lies between layers: flatten puts numbers in a row, identity leaves them; of steps the last one, or their mean."""

import numpy as np
from torch import Tensor, nn

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty, zeros


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


class LastStep(nn.Module):
    """What `out[:, -1]` in a forward does: of a series, the last step alone."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, -1]


class Last(Rule):
    """The last step of a series; the steps before it get no slope from here."""

    def forward(self, x: Grid) -> Grid:
        self.shape = x.shape
        picked: Grid = x[:, -1]
        return picked

    def backward(self, slope: Grid) -> Grid:
        found = zeros(self.shape)
        for at in np.ndindex(slope.shape):
            found[(at[0], -1, *at[1:])] = slope[at]
        return found


class MeanOfSteps(nn.Module):
    """What `out.mean(dim=1)` in a forward does: the mean of a series over its steps."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(dim=1) / x.shape[1]


class Mean(Rule):
    """mean[j] = (x[0,j] + x[1,j] + ...) / steps; each step gets its share of the slope."""

    letter = "mean"

    def forward(self, x: Grid) -> Grid:
        self.x, self.steps = x, x.shape[1]
        made = empty((len(x), *x.shape[2:]))
        for e, *at in np.ndindex(made.shape):
            made[(e, *at)] = total(x[(e, t, *at)] for t in range(self.steps)) / self.steps
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        made = empty(self.x.shape)
        for e, t, *at in np.ndindex(made.shape):
            made[(e, t, *at)] = slope[(e, *at)] / self.steps
        return self.sheet.slopes(self.x, made)
