"""Sheet: where a calculation writes down its numbers, row by row, in the order in which they are found."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.by_hand.expressions import Constant, Expression, Named
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
        examples: how many there are; of several, their number stands first in an index, before a semicolon.
        shown: the layers whose rows are kept; None keeps all. The others are computed all the same.
        limit: rows that are kept at most; beyond it they are only counted.
    """

    def __init__(self, *, examples: int, shown: Collection[str] | None = None, limit: int) -> None:
        self.examples, self.shown, self.limit = examples, shown, limit
        self.rows: list[Row] = []
        self.counts: Counter[str] = Counter()
        self.layer, self.kind, self.part = "", "", ""

    def begin(self, layer: str, part: str, kind: str = "") -> None:
        """Say what the next rows belong to."""
        self.layer, self.kind, self.part = layer, kind, part

    def name(self, symbol: str, made: Expression) -> Named:
        """Write down one number, and return it with its name."""
        named = Named(symbol, made.value)
        if self._counted():
            named.made = made
            self.rows.append(Row(self.layer, self.kind, self.part, named))
        return named

    def _counted(self) -> bool:
        """Whether the next number is kept as a row."""
        if self.shown is not None and self.layer not in self.shown:
            return False
        self.counts[self.layer] += 1
        return len(self.rows) < self.limit

    def names(self, base: str, made: Grid) -> Grid:
        """Write down a number for each example and place: `base` with its index."""
        each = made.shape[:1] == (self.examples,)  # otherwise they belong to no example, such as vectors of positions
        called = self.called if each else indexed
        return _grid(made.shape, [self.name(called(base, at), made[at]) for at in np.ndindex(made.shape)])

    def slopes(self, by: Grid, made: Grid) -> Grid:
        """Write down the slope of the loss by each number of `by`; a constant has none."""
        return _grid(by.shape, [self._slope(by[at], made[at]) for at in np.ndindex(by.shape)])

    def _slope(self, by: Expression, made: Expression) -> Expression:
        return self.name(slope_by(by), made) if isinstance(by, Named) else Constant(0)

    def put(self, symbol: str, value: float) -> Named:
        """Write down one number that is given."""
        named = Named(symbol, value)
        if self._counted():
            self.rows.append(Row(self.layer, self.kind, GIVEN, named))
        return named

    def given(self, base: str, values: Any, *, of_examples: bool = False) -> Grid:
        """Write down numbers that are given: running statistics, or where `of_examples` those of the examples."""
        array = values.detach().double().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values, float)
        places = list(np.ndindex(array.shape))
        symbols = [self.called(base, at) if of_examples else indexed(base, at) for at in places]
        return _grid(array.shape, [self.put(symbol, float(array[at])) for symbol, at in zip(symbols, places)])

    def called(self, base: str, at: tuple[int, ...]) -> str:
        """The symbol of a number of an example: z1[0,2], or z1[5;0,2] of example 5 where there are several."""
        if self.examples == 1:
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
