"""Reducing: the total, the mean or the largest of numbers along some axes, such as the mean over the steps of a series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import largest, total
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty


class Reducing(Rule):
    """mean[j] = (x[0,j] + x[1,j] + ...) / steps; each step gets its share of the slope. For `Reduce`.

    Of a total each number gets the whole slope; of the largest it alone, and equals share it.
    """

    @classmethod
    def letter_of(cls, layer: Any) -> str:
        return str(layer.name)

    def forward(self, x: Grid) -> Grid:
        dims = range(x.ndim) if self.layer.dims is None else self.layer.dims
        self.x, self.along = x, tuple(sorted(dim % x.ndim for dim in dims))
        kept = [1 if axis in self.along else size for axis, size in enumerate(x.shape)]
        made = empty(tuple(kept))
        for at in np.ndindex(made.shape):
            made[at] = self._gathered([x[place] for place in self._members(at)])
        shape = kept if self.layer.keepdim else [size for axis, size in enumerate(kept) if axis not in self.along]
        return self.sheet.names(self.base, made.reshape(shape))

    def backward(self, slope: Grid) -> Grid:
        made = empty(self.x.shape)
        kept = tuple(1 if axis in self.along else size for axis, size in enumerate(self.x.shape))
        slope = slope.reshape(kept)
        for at in np.ndindex(kept):
            members = list(self._members(at))
            for place, part in zip(members, self._shared([self.x[place] for place in members], slope[at])):
                made[place] = part
        return self.sheet.slopes(self.x, made)

    def _members(self, at: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The numbers that become one."""
        sizes = [size if axis in self.along else 1 for axis, size in enumerate(self.x.shape)]
        return [tuple(a + b for a, b in zip(at, inner)) for inner in np.ndindex(*sizes)]

    def _gathered(self, cells: list[Expression]) -> Expression:
        if self.layer.name == "largest":
            return cells[0] if len(cells) == 1 else largest(*cells)
        return total(cells) / len(cells) if self.layer.name == "mean" else total(cells)

    def _shared(self, cells: list[Expression], slope: Expression) -> Sequence[Any]:
        if self.layer.name == "largest":
            top = max(cell.value for cell in cells)
            equals = sum(cell.value == top for cell in cells)
            return [slope * ((cell.value == top) / equals) for cell in cells]
        return [slope / len(cells) if self.layer.name == "mean" else slope] * len(cells)


@dataclass(frozen=True)
class Reduce:
    """What a forward does along axes. Args: name: total, mean or largest; dims: the axes, None for all."""

    name: str
    dims: tuple[int, ...] | None
    keepdim: bool
    rule: ClassVar[type[Rule]] = Reducing
