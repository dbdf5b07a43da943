"""Hands: which layers take which number, and what comes back to it from each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from deepglass.by_hand.expressions import Constant, Expression, Handed, Named
from deepglass.by_hand.functions import total
from deepglass.by_hand.sheet import Grid, Sheet, empty, slope_by


class Hands:
    """Hands numbers to layers, and collects the slopes by them.

    A number that several layers take, a weight as well as an output, gets a slope from each of them, and these add up.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._takers: dict[int, list[tuple[Handed, str, str]]] = defaultdict(list)
        self._slopes: dict[int, list[Expression]] = defaultdict(list)
        self._whole: dict[int, Expression] = {}  # of the slopes that were added up already

    def taken(self, grid: Grid, by: str, part: str) -> None:
        """Note that a layer took these handed numbers. Args: part: which of its inputs they are."""
        for cell in grid.ravel():
            if isinstance(cell, Handed):
                self._takers[id(cell.number)].append((cell, by, part))

    def name_ways(self) -> None:
        """Say of each slope by which way it comes back, where there are several; to be called once all is taken."""
        for takers in self._takers.values():
            if len(takers) == 1:
                continue
            layers = Counter(by for _, by, _ in takers)
            ways = [f" via {by}" if layers[by] == 1 else f" via {by} {part}".rstrip() for _, by, part in takers]
            alike, seen = Counter(ways), Counter[str]()
            for (cell, _, _), way in zip(takers, ways):
                seen[way] += 1
                cell.way = way if alike[way] == 1 else f"{way} ({seen[way]})"

    def collect(self, taken: Grid, slopes: Grid) -> None:
        """Take what comes back to numbers that were handed out."""
        for cell, slope in zip(taken.ravel(), slopes.ravel()):
            nothing = isinstance(slope, Constant) and not slope.value
            if isinstance(cell, Handed) and not nothing:
                self._slopes[id(cell.number)].append(slope)

    def slopes(self, grid: Grid) -> Grid:
        """The slopes by numbers, from all that took them; a sum of several is written down."""
        return filled(grid.shape, (self._slope(cell) for cell in grid.ravel()))

    def _slope(self, cell: Any) -> Expression:
        arrived = self._slopes.get(id(cell), []) if isinstance(cell, Named) else []
        if len(arrived) < 2:
            return arrived[0] if arrived else Constant(0)  # of none, nothing that leads to the output takes it
        if id(cell) not in self._whole:
            self._whole[id(cell)] = self.sheet.name(slope_by(cell), total(arrived))
        return self._whole[id(cell)]


def handed(grid: Grid) -> Grid:
    """The same numbers, for a layer that takes them; constants stay what they are."""
    return filled(grid.shape, (Handed(cell) if isinstance(cell, Named) else cell for cell in grid.ravel()))


def originals(grid: Grid) -> Grid:
    """The numbers that were handed out."""
    return filled(grid.shape, (cell.number if isinstance(cell, Handed) else cell for cell in grid.ravel()))


def filled(shape: tuple[int, ...], cells: Iterable[Any]) -> Grid:
    """A grid of cells, row by row."""
    found = empty(shape)
    for at, cell in zip(np.ndindex(shape), cells):
        found[at] = cell
    return found
