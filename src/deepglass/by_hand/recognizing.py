"""Recognizing: which earlier value a layer was given, and what a forward did without a module to make it."""

from collections.abc import Iterator, Mapping
from itertools import combinations, permutations
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from deepglass.by_hand.joining import Product, SideBySide, Sum
from deepglass.by_hand.passing import LastStep, MeanOfSteps
from deepglass.errors import SettingError

# What a forward may do with a value without a module for it; recognized by its numbers.
BETWEEN: dict[str, nn.Module] = {
    "relu": nn.ReLU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "flatten": nn.Flatten(),
    "last step": LastStep(),
    "mean of the steps": MeanOfSteps(),
    "softmax": nn.Softmax(dim=-1),
    "log_softmax": nn.LogSoftmax(dim=-1),
}
# What it may do with two.
JOINED: dict[str, nn.Module] = {
    "sum": Sum(),
    "product": Product(),
    "side by side": SideBySide(1),
    "side by side along the last axis": SideBySide(-1),
}
LATEST = 12  # values of which functions are tried in a sum and the like; all would take seconds


class Link(NamedTuple):
    """One layer, what it is called in the network (a lone layer is the network), and where its inputs come from.

    Args: sources: values by number: first the inputs of the network, then what the links give, in order.
    """

    name: str
    layer: nn.Module
    sources: tuple[int, ...] = ()
    options: Mapping[str, Any] = {}


class Values:
    """What there is so far, and the links that made it."""

    def __init__(self, inputs: Mapping[str, Tensor]) -> None:
        self.links: list[Link] = []
        self.values = list(inputs.values())
        self.names = list(inputs) if len(inputs) > 1 else ["the input"]

    def add(self, link: Link, value: Tensor) -> int:
        self.links.append(link)
        self.values.append(value)
        self.names.append(link.name)
        return len(self.values) - 1

    def source(self, taken: Any, after: str, *, known: bool = True) -> int | None:
        """Which value this is, where need be after adding what a forward did to make it. Args: known: whether it has to be one.

        Raises: SettingError, when it is none.
        """
        if isinstance(taken, Tensor):
            for found in self._candidates(taken):
                return found
        if not known:
            return None
        raise SettingError(
            f"Between {self.names[-1]} and {after}, forward does something that is no layer, and neither a sum, a product or "
            "a joining of two values nor one of the functions known here. By hand, layers are calculated: write it with "
            "modules such as nn.ReLU()."
        )

    def _candidates(self, taken: Tensor) -> Iterator[int]:
        latest = range(len(self.values) - 1, -1, -1)
        yield from (k for k in latest if torch.equal(self.values[k], taken))
        if not taken.is_floating_point():
            return
        for many in (1, 2):
            for k in latest:
                if self.values[k].is_floating_point():
                    yield from self._changed([], (k,), self.values[k], taken, many)
        for a, b in combinations(range(len(self.values)), 2):
            for name, join in JOINED.items():
                # The later one first, as in branch + skip; side by side, the order tells.
                for pair in ((b, a), (a, b)) if isinstance(join, SideBySide) else ((b, a),):
                    whole = _joined(join, self.values[pair[0]], self.values[pair[1]])
                    for many in (0, 1, 2) if whole is not None and whole.numel() == taken.numel() else ():
                        assert whole is not None
                        link = Link(self._own(f"{name} after {self.names[b]}"), join, pair)
                        yield from self._changed([(link, whole)], pair, whole, taken, many)
        yield from self._joined_with_changed(taken)

    def _joined_with_changed(self, taken: Tensor) -> Iterator[int]:
        """The same where one value or both have been through a function, as in `x + torch.tanh(y)`; of the latest values."""
        ways: list[tuple[int, str, Tensor]] = []
        for k in range(len(self.values) - 1, max(-1, len(self.values) - 1 - LATEST), -1):
            value = self.values[k]
            ways.append((k, "", value))
            if value.is_floating_point() and value.ndim > 1:
                changes = ((name, function(value)) for name, function in BETWEEN.items())
                ways += [(k, name, changed) for name, changed in changes if not torch.equal(changed, value)]
        for one, other in permutations(ways, 2):
            for name, join in JOINED.items() if one[1] or other[1] else ():
                whole = _joined(join, one[2], other[2])
                if whole is None or not torch.equal(whole, taken):
                    continue
                sources = (self._through(*one), self._through(*other))
                of = max(one[0], other[0])
                yield self.add(Link(self._own(f"{name} after {self._layer(of)}"), join, sources), whole)
                return

    def _through(self, k: int, function: str, changed: Tensor) -> int:
        """Add a function of a value, where there is one, and return the number of what it gives."""
        if not function:
            return k
        return self.add(Link(self._own(f"{function} after {self._layer(k)}"), BETWEEN[function], (k,)), changed)

    def _layer(self, k: int) -> str:
        return self.names[k].split(" after ")[-1]

    def _changed(
        self, before: list[tuple[Link, Tensor]], sources: tuple[int, ...], value: Tensor, taken: Tensor, many: int
    ) -> Iterator[int]:
        """Add what so many functions make of a value, if that is what was taken."""
        for names in permutations(BETWEEN, many):
            made, changed = list(before), value
            for name in names:
                if changed.ndim > 1:  # with the examples alone, nothing is left to flatten or pick
                    changed = BETWEEN[name](changed)
                    of = made[-1][0].name if made else self.names[sources[-1]]
                    made.append((Link(self._own(f"{name} after {of.split(' after ')[-1]}"), BETWEEN[name]), changed))
            if torch.equal(changed, taken):
                for link, result in made:
                    place = self.add(link if link.sources else link._replace(sources=sources), result)
                    sources = (place,)
                yield sources[0]
                return

    def _own(self, name: str) -> str:
        """A name that no other link has."""
        count = sum(known == name or known.startswith(f"{name} (") for known in self.names)
        return f"{name} ({count + 1})" if count else name


def _joined(join: nn.Module, a: Tensor, b: Tensor) -> Tensor | None:
    """What joining two values gives; None where they do not fit, or where one would be repeated to fit."""
    if not (a.is_floating_point() and b.is_floating_point() and a.ndim == b.ndim > 1 and len(a) == len(b)):
        return None
    try:
        return join(a, b) if isinstance(join, SideBySide) or a.shape == b.shape else None
    except RuntimeError:
        return None
