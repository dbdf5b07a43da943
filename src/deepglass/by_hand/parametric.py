"""Parametric: a ReLU whose slope below zero is learned."""

import numpy as np

from deepglass.by_hand.functions import choose
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty


class ParametricReLU(Rule):
    """a = z where z > 0, else s·z, with one slope s for all or one for each channel; dL/ds = sum of dL/da·z below zero.

    For nn.PReLU.
    Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.1.
    """

    letter = "a"
    decays = False  # section 2.1: weight decay would push it to zero, and so to a ReLU

    def prepare(self) -> None:
        self.take("weight", "s")

    def forward(self, x: Grid) -> Grid:
        self.x, made = x, empty(x.shape)
        for at in np.ndindex(x.shape):
            made[at] = choose(x[at], 0, x[at], self.parameters["weight"][self._place(at)] * x[at])
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        made, by_slope = empty(slope.shape), lists(self.parameters["weight"].shape)
        for at in np.ndindex(slope.shape):
            own = self.parameters["weight"][self._place(at)]
            made[at] = slope[at] * choose(self.x[at], 0, 1, own)
            by_slope[self._place(at)].append(slope[at] * choose(self.x[at], 0, 0, self.x[at]))
        self.note("weight", added(by_slope))
        return self.sheet.slopes(self.x, made)

    def _place(self, at: tuple[int, ...]) -> int:
        """Which slope a number has."""
        return at[1] if len(self.parameters["weight"]) > 1 else 0
