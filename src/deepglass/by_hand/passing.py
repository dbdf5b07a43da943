"""Passing: layers that change no number: flatten puts them in a row, identity leaves them, the last step is picked."""

import numpy as np
from torch import Tensor, nn

from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, zeros


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
