"""Weights: the trained numbers of a network; each is written down once, however many layers or calls take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.by_hand.hands import Hands, handed
from deepglass.by_hand.sheet import Grid, Sheet, indexed


@dataclass
class Taken:
    """A parameter as it stands on the sheet.

    Args: cells: None where no layer has taken a number, as of a table's other rows. by: the first call that took it.
    """

    parameter: torch.Tensor
    cells: Grid
    by: str
    links: list[int] = field(default_factory=list)  # the calls that took it, by number, the first one first
    decays: bool = True


class Weights:
    """Hands parameters to the calls of layers. Args: names: id of a parameter -> its name in the network."""

    def __init__(self, sheet: Sheet, hands: Hands, names: dict[int, str]) -> None:
        self.sheet, self.hands, self.names = sheet, hands, names
        self._taken: dict[int, Taken] = {}

    def put(
        self,
        parameter: torch.Tensor,
        base: str,
        *,
        link: int,
        by: str,
        rows: Sequence[int] | None = None,
        first: int = 0,
        decays: bool = True,
    ) -> Grid:
        """Write down what is not on the sheet yet, and return the numbers.

        Args: link, by: number and name of the call that takes it. rows: some of them (default: all). first: the row that is
            called 0, as where a gate has its own block.
        """
        fresh = Taken(parameter, np.full(tuple(parameter.shape), None, object), by)
        whole = self._taken.setdefault(id(parameter), fresh)
        whole.links.append(link)
        whole.decays = decays
        numbers = parameter.detach().double().cpu().numpy()
        for at in np.ndindex(numbers.shape):
            if whole.cells[at] is None and (rows is None or at[0] in rows):
                place = (at[0] - first, *at[1:]) if at else at
                whole.cells[at] = self.sheet.put(indexed(base, place), float(numbers[at]))
        return whole.cells if rows is None else whole.cells[list(rows)]

    def take(self, parameter: torch.Tensor, base: str, *, by: str, **how: Any) -> Grid:
        """Put it, and hand it to a layer."""
        taken = handed(self.put(parameter, base, by=by, **how))
        self.hands.taken(taken, by, "")
        return taken

    def trained(self, first: int) -> Iterator[tuple[str, Taken]]:
        """Parameters that are not frozen and that calls from number `first` on took, with their names in the network."""
        for taken in self._taken.values():
            if taken.parameter.requires_grad and max(taken.links) >= first:
                yield self.names[id(taken.parameter)], taken

    def earliest(self, first: int) -> int:
        """The first call that shares a parameter with one from number `first` on: its slope is not whole before that."""
        while True:
            shared = [min(taken.links) for _, taken in self.trained(first)]
            if min(shared, default=first) >= first:
                return first
            first = min(shared)


def names_of(network: nn.Module) -> dict[int, str]:
    """Id of a parameter -> its name; one that stands in two places has the first."""
    return {id(parameter): name for name, parameter in network.named_parameters()}
