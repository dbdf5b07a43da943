"""Padded shortcut: a skip that brings a map to another size without a weight: pixels are left out, channels of zeros added."""

import numpy as np

from deepglass.by_hand.expressions import Constant
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty


class PaddedSkip(Rule):
    """skip[c,i,j] = x[c,i·stride,j·stride], and 0 for the channels that x does not have. For `layers.residual.PaddedShortcut`.

    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 3.3, option A.
    """

    letter = "skip"

    def forward(self, x: Grid) -> Grid:
        self.x, stride = x, self.layer.stride
        kept = x[:, :, ::stride, ::stride]
        made = empty((len(x), x.shape[1] + self.layer.extra, *kept.shape[2:]))
        for at in np.ndindex(made.shape):
            made[at] = kept[at] if at[1] < x.shape[1] else Constant(0)
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        stride, made = self.layer.stride, empty(self.x.shape)
        for e, c, i, j in np.ndindex(made.shape):
            seen = i % stride == 0 and j % stride == 0
            made[e, c, i, j] = slope[e, c, i // stride, j // stride] if seen else Constant(0)
        return self.sheet.slopes(self.x, made)
