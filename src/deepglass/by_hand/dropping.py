"""Dropping: dropout with a given mask; in evaluation it does nothing."""

import numpy as np

from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import SettingError, ShapeError


class Dropout(Rule):
    """d = x·m / (1 - p): what is kept is scaled up, so that the mean stays; and back: dL/dx = dL/dd·m / (1 - p).

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 2014; scaled in
        training ("inverted"), as torch does it.
    """

    letter = "d"

    def forward(self, x: Grid) -> Grid:
        self.active = self.training and self.layer.p > 0
        if not self.active:
            return x
        if self.mask is None:
            raise SettingError(
                f"In training, {self.layer} drops numbers at random: say which, such as masks={{'{self.call.name}': [1, 0, 1]}} (1 "
                "keeps), or leave training out."
            )
        if self.mask.shape != x.shape:
            raise ShapeError(
                f"The mask of {self.layer} has shape {tuple(self.mask.shape)}, and what arrives {x.shape}. Give a 1 or a 0 for "
                "each number."
            )
        self.x, self.m = x, self.sheet.given(f"m{self.tag}", self.mask, of_examples=True)
        return self.sheet.names(self.base, self._kept(x))

    def backward(self, slope: Grid) -> Grid:
        return self.sheet.slopes(self.x, self._kept(slope)) if self.active else slope

    def _kept(self, x: Grid) -> Grid:
        left, made = (1 - self.layer.p) or 1.0, empty(x.shape)
        for at in np.ndindex(x.shape):
            made[at] = x[at] * self.m[at] / left
        return made
