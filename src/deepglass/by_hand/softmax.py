"""Softmax: scores become shares of a whole; every share depends on all scores."""

from collections.abc import Sequence

import numpy as np
from torch import nn

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import exp, largest, ln, total
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, Sheet, empty
from deepglass.errors import SettingError

FAR = 300.0  # scores beyond this are shifted by the largest, because exp(710) is more than a float64 holds


def exponentials(
    sheet: Sheet, tag: str, scores: list[Expression], at: tuple[int, ...], places: Sequence[int] | None = None
) -> tuple[list[Expression], Expression]:
    """Write down exp of each score and their sum.

    Args: at: the index of the group, the example first. places: the index of each score in it (default: from 0 on).
    """
    shift = largest(*scores) if max(abs(s.value) for s in scores) > FAR else None
    top = None if shift is None else sheet.name(sheet.called(f"max{tag}", at), shift)
    found: list[Expression] = [
        sheet.name(sheet.called(f"e{tag}", (*at, k)), exp(s if top is None else s - top))
        for k, s in zip(places or range(len(scores)), scores)
    ]
    return found, sheet.name(sheet.called(f"S{tag}", at), total(found))


class Softmax(Rule):
    """a[k] = exp(z[k]) / sum of exp(z); and back: dL/dz[k] = a[k]·(dL/da[k] - sum of dL/da·a). LogSoftmax: its logarithm.

    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, equations 4.104 and 4.106.
    """

    letter = "a"

    def forward(self, x: Grid) -> Grid:
        axis = self.layer.dim
        if axis is None or axis % x.ndim == 0:
            raise SettingError(f"{self.layer} shares out among the examples and not among the classes. Use dim=-1.")
        self.x, self.axis = np.moveaxis(x, axis, -1), axis
        made, logarithm = empty(self.x.shape), isinstance(self.layer, nn.LogSoftmax)
        self.shares = empty(self.x.shape)
        for at in np.ndindex(self.x.shape[:-1]):
            scores = list(self.x[at])
            powers, whole = exponentials(self.sheet, self.tag, scores, at)
            for k, power in enumerate(powers):
                self.shares[(*at, k)] = made[(*at, k)] = power / whole
                if logarithm:
                    far = max(s.value for s in scores) - scores[k].value > FAR
                    made[(*at, k)] = scores[k] - largest(*scores) - ln(whole) if far else ln(power / whole)
        self.a = self.sheet.names(self.base, np.moveaxis(made, -1, axis))
        return self.a

    def backward(self, slope: Grid) -> Grid:
        arriving, a = np.moveaxis(slope, self.axis, -1), np.moveaxis(self.a, self.axis, -1)
        made = empty(arriving.shape)
        logarithm = isinstance(self.layer, nn.LogSoftmax)
        for at in np.ndindex(arriving.shape[:-1]):
            parts = arriving[at] if logarithm else arriving[at] * a[at]
            dot = self.sheet.name(self.sheet.called(f"dot{self.tag}", at), total(list(parts)))
            for k in range(arriving.shape[-1]):
                i = (*at, k)
                made[i] = arriving[i] - self.shares[i] * dot if logarithm else a[i] * (arriving[i] - dot)
        return self.sheet.slopes(np.moveaxis(self.x, -1, self.axis), np.moveaxis(made, -1, self.axis))
