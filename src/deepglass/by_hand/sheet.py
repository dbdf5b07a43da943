"""Sheet: where a calculation writes down its numbers, row by row, in the order in which they are found."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.by_hand.expressions import Constant, Expression, Handed, Named
from deepglass.by_hand.figures import number

Grid = Any  # a numpy array of expressions, of which its stubs know no type; the first axis is that of the examples, but for weights
GIVEN = "given"
PARTS = ("given", "forward", "loss", "backward", "update")


@dataclass(frozen=True)
class Row:
    """One number. `part` is one of PARTS; `layer` the name of the layer, `kind` its class; or input, or loss and its name."""

    layer: str
    kind: str
    part: str
    named: Named

    @property
    def quantity(self) -> str:
        """What it is, such as z1[0] or dL/dw1[0,1]."""
        return self.named.symbol

    @property
    def value(self) -> float:
        return self.named.value

    def formula(self, terms: int | None = None) -> str:
        """The formula in symbols. Args: terms: how many terms of a sum are written at most (default: all)."""
        made = self.named.made
        return GIVEN if made is None else made.written(lambda n: n.symbol, terms)

    def numbers(self, digits: int = 4, terms: int | None = None) -> str:
        """The formula with its numbers, each with so many digits."""
        made = self.named.made
        return "" if made is None else made.written(lambda n: number(n.value, digits), terms)


class Sheet:
    """Collects rows.

    Args:
        several: whether there are several examples, whose number then stands first in an index, before a semicolon.
        shown: the layers whose rows are kept; None keeps all. The others are computed all the same.
        limit: rows that are kept at most; beyond it they are only counted.
    """

    def __init__(self, *, several: bool = False, shown: Collection[str] | None = None, limit: int) -> None:
        self.several, self.shown, self.limit = several, shown, limit
        self.rows: list[Row] = []
        self.counts: Counter[str] = Counter()
        self.layer, self.kind, self.part = "", "", ""

    def begin(self, layer: str, part: str, kind: str = "") -> None:
        """Say what the next rows belong to."""
        self.layer, self.kind, self.part = layer, kind, part

    def name(self, symbol: str, made: Expression) -> Named:
        """Write down one number, and return it with its name."""
        named = Named(symbol, made.value)
        if self.shown is None or self.layer in self.shown:
            self.counts[self.layer] += 1
            if len(self.rows) < self.limit:
                named.made = made
                self.rows.append(Row(self.layer, self.kind, self.part, named))
        return named

    def names(self, base: str, made: Grid) -> Grid:
        """Write down a number for each example and place: `base` with its index."""
        return _grid(made.shape, [self.name(self.called(base, at), made[at]) for at in np.ndindex(made.shape)])

    def slopes(self, by: Grid, made: Grid) -> Grid:
        """Write down the slope of the loss by each number of `by`."""
        return _grid(by.shape, [self.name(slope_by(by[at]), made[at]) for at in np.ndindex(by.shape)])

    def given(self, base: str, values: Any, *, of_examples: bool = False, rows: Sequence[int] | None = None) -> Grid:
        """Write down numbers that are given: weights, or where `of_examples` those of the examples.

        Args: rows: what the rows of `values` are called, when they are some rows of a table.
        """
        array = values.detach().double().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values, float)
        found = []
        for at in np.ndindex(array.shape):
            place = at if rows is None else (rows[at[0]], *at[1:])
            symbol = self.called(base, at) if of_examples else indexed(base, place)
            named = Named(symbol, float(array[at]))
            if self.shown is None or self.layer in self.shown:
                self.counts[self.layer] += 1
                if len(self.rows) < self.limit:
                    self.rows.append(Row(self.layer, self.kind, "given", named))
            found.append(named)
        return _grid(array.shape, found)

    def called(self, base: str, at: tuple[int, ...]) -> str:
        """The symbol of a number of an example: z1[0,2], or z1[5;0,2] of example 5 where there are several."""
        if not self.several:
            return indexed(base, at[1:])
        rest = ",".join(map(str, at[1:]))
        return f"{base}[{at[0]};{rest}]" if rest else f"{base}[{at[0]}]"


def indexed(base: str, at: tuple[int, ...]) -> str:
    """Write an index behind a name, counted from 0.

    >>> indexed("w1", (0, 2)), indexed("L", ())
    ('w1[0,2]', 'L')
    """
    return f"{base}[{','.join(map(str, at))}]" if at else base


def slope_by(number: Named) -> str:
    """What the slope of the loss by a number is called: dL/dz1[0], or dL/dz1[0] via conv2 for what comes back from there."""
    return f"dL/d{number.symbol}{number.way}"


def handed(grid: Grid, to: str) -> Grid:
    """The same numbers, for one of several layers that take them."""
    return _grid(grid.shape, [Handed(cell, to) for cell in grid.ravel()])


def empty(shape: tuple[int, ...]) -> Grid:
    """A grid to be filled."""
    return np.empty(shape, dtype=object)


def zeros(shape: tuple[int, ...]) -> Grid:
    """A grid of zeros that have no name."""
    return _grid(shape, [Constant(0) for _ in np.ndindex(shape)])


def values(grid: Grid) -> np.ndarray:
    """The numbers of a grid, float64."""
    return np.array([cell.value for cell in grid.ravel()], dtype=np.float64).reshape(grid.shape)


def _grid(shape: tuple[int, ...], cells: Iterable[Expression]) -> Grid:
    found = empty(shape)
    for at, cell in zip(np.ndindex(shape), cells):
        found[at] = cell
    return found
