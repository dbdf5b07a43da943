"""Joining: what a forward does with two values, number by number, such as the sum of a branch and its skip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty

Slope = Callable[[Any, Expression, Expression], Any]  # (slope by the result, a, b) -> slope by one of them

# How two numbers become one, and the slopes by the first and by the second.
HOW: dict[str, tuple[Callable[[Expression, Expression], Expression], Slope, Slope]] = {
    "sum": (lambda a, b: a + b, lambda s, a, b: s, lambda s, a, b: s),
    "difference": (lambda a, b: a - b, lambda s, a, b: s, lambda s, a, b: -s),
    "product": (lambda a, b: a * b, lambda s, a, b: s * b, lambda s, a, b: s * a),
    "quotient": (lambda a, b: a / b, lambda s, a, b: s / b, lambda s, a, b: -(s * a / b**2)),
}


class Joining(Rule):
    """sum[k] = a[k] + b[k], and a - b, a·b and a / b alike; where one is smaller, it is repeated, and its slopes add up.

    Back, a sum hands its slope on unchanged: a skip. Source: He et al., "Identity Mappings in Deep Residual Networks",
    arXiv:1603.05027, equation 5.
    """

    inputs = ("a", "b")
    needs = 2

    @classmethod
    def letter_of(cls, layer: Any) -> str:
        return str(layer.name)

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.given = given
        self.a: Grid
        self.b: Grid
        self.a, self.b = np.broadcast_arrays(*given)
        join, *self.ways = HOW[self.layer.name]
        made = empty(self.a.shape)
        for at in np.ndindex(made.shape):
            made[at] = join(self.a[at], self.b[at])
        return self.sheet.names(self.base, made)

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        return [self._back(grid, way, slopes[0]) for grid, way in zip(self.given, self.ways)]

    def _back(self, grid: Grid, way: Slope, slope: Grid) -> Grid:
        if grid.shape == slope.shape and self.layer.name == "sum":
            return slope
        places = np.broadcast_to(np.arange(grid.size).reshape(grid.shape), slope.shape)
        terms = lists((grid.size,))
        for at in np.ndindex(slope.shape):
            terms[places[at]].append(way(slope[at], self.a[at], self.b[at]))
        return self.sheet.slopes(grid, added(terms).reshape(grid.shape))


@dataclass(frozen=True)
class Join:
    """What a forward does with two values. Args: name: one of HOW."""

    name: str
    rule: ClassVar[type[Rule]] = Joining
