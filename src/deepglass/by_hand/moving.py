"""Moving: numbers that are put elsewhere, picked, repeated or left out; none is calculated, so each keeps its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from deepglass.by_hand.expressions import Constant
from deepglass.by_hand.hands import filled
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid


class Moving(Rule):
    """The same numbers at other places, and constants between them, such as zeros around. For `Move`.

    Where each comes from is found by doing the same with their places: once counted from 1, and once from further up.
    """

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        cells = np.concatenate([np.ravel(grid) for grid in given])
        ends = np.cumsum([grid.size for grid in given])
        places = [
            torch.arange(end - grid.size, end, dtype=torch.float64).reshape(grid.shape) + 1
            for grid, end in zip(given, ends)
        ]
        first = self.layer.run(places).detach().numpy()
        moved = self.layer.run([place + len(cells) for place in places]).detach().numpy() - first == len(cells)
        found = (
            cells[int(place) - 1] if is_moved else Constant(place)
            for place, is_moved in zip(first.ravel().tolist(), moved.ravel().tolist())
        )
        return filled(first.shape, found)


@dataclass(frozen=True)
class Move:
    """What a forward does with the places of numbers. Args: run: the same on tensors of the same shapes."""

    name: str
    run: Callable[[Sequence[Tensor]], Tensor]
    rule: ClassVar[type[Rule]] = Moving
