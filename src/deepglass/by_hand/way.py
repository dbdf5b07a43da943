"""Way: values forward through the calls of a network, and slopes back; where a value goes several ways, their slopes add up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from deepglass.by_hand.expressions import Constant
from deepglass.by_hand.hands import Hands, filled, handed, originals
from deepglass.by_hand.links import Link, Links
from deepglass.by_hand.rule import Call, Rule
from deepglass.by_hand.sheet import Grid, Sheet
from deepglass.by_hand.weights import Weights, names_of
from deepglass.errors import SettingError


class Way:
    """A network calculated forward; `back` goes the other way.

    Attributes: weights: what was taken of them. rules: one for each link.
    """

    def __init__(
        self, sheet: Sheet, links: Links, given: Sequence[Grid], *, training: bool, masks: Mapping[str, Tensor]
    ) -> None:
        self.sheet, self.links, self.training, self.masks = sheet, links, training, masks
        self.hands = Hands(sheet)
        self.weights = Weights(sheet, self.hands, names_of(links.network))
        self.values: dict[int, Grid] = dict(enumerate(given))
        self.rules: list[Rule] = []
        self._taken: list[list[Grid] | None] = []  # by each call; None where it only hands numbers on
        self._letters: Counter[str] = Counter()
        self._layers, self._tags = 0, dict.fromkeys(self.values, 0)
        self._of_weights: dict[tuple[int, Any], str] = {}
        for number, link in enumerate(links.links):
            self._forward(number, link)
        self.hands.name_ways()

    @property
    def output(self) -> Grid:
        return self._value(self.links.output)

    def _forward(self, number: int, link: Link) -> None:
        self.sheet.begin(link.name, "forward", kind_of(link))
        given = [handed(self._value(source)) for source in link.sources]
        rule = link.rule(link.layer, self.sheet, self.weights, self._call(number, link))
        made = rule.forward_of(given)
        outputs = [made] if isinstance(made, np.ndarray) else list(made)
        own = {id(cell) for grid in given for cell in grid.ravel()}
        passes = all(id(cell) in own or type(cell) is Constant for grid in outputs for cell in grid.ravel())
        if passes:  # nothing is calculated: the numbers themselves are elsewhere now
            outputs = [originals(grid) for grid in outputs]
        else:
            for part, grid in zip(rule.inputs, given):
                self.hands.taken(grid, link.name, part)
        self.rules.append(rule)
        self._taken.append(None if passes else given)
        self.values |= dict(zip(link.gives, outputs))

    def _value(self, source: int) -> Grid:
        if source not in self.values:
            if source in self.links.parameters:
                self.values[source] = self._parameter(self.links.parameters[source])
            elif source in self.links.constants:
                numbers = self.links.constants[source].double().cpu().numpy()
                self.values[source] = filled(numbers.shape, (Constant(float(v)) for v in numbers.ravel()))
        return self.values[source]

    def _call(self, number: int, link: Link) -> Call:
        """What a rule has to know of a call: its numbers are called by the layer's own number, or that of the layer it follows."""
        rule = link.rule
        self._layers += rule.counts
        tag = self._layers if rule.counts else max(self._tags.get(source, 0) for source in link.sources)
        self._tags |= dict.fromkeys(link.gives, tag)
        letter = f"{rule.letter_of(link.layer)}{tag}"
        written = f"{tag}{self._ticks(letter)}"
        first = self._of_weights.setdefault((id(link.layer), link.options.get("way")), written)
        return Call(number, link.name, written, first, self.training, self.masks.get(link.name), link.options)

    def _ticks(self, letter: str) -> str:
        """A second activation after the same layer is a1'."""
        self._letters[letter] += 1
        return "'" * (self._letters[letter] - 1)

    def _parameter(self, name: str) -> Grid:
        """A parameter that no layer holds, but a forward takes as it is."""
        parameter, base = self.links.network.get_parameter(name), name.rpartition(".")[-1]
        base = name if self._ticks(base) else base
        return self.weights.put(parameter, base, link=len(self.rules), by=name)

    def back(self, slope: Grid, first: int) -> None:
        """Hand the slopes of the loss by the output back through the calls, down to number `first`."""
        self.hands.collect(handed(self.output), slope)
        for number in range(len(self.rules) - 1, first - 1, -1):
            link, rule, taken = self.links.links[number], self.rules[number], self._taken[number]
            if taken is None:
                continue
            self.sheet.begin(link.name, "backward", kind_of(link))
            slopes = [self.hands.slopes(self.values[value]) for value in link.gives]
            for given, by in zip(taken, rule.backward_to(slopes)):
                self.hands.collect(given, by)
            for name, by in rule.gradients.items():
                self.hands.collect(rule.parameters[name], by)
        self.sheet.begin("input", "backward")
        for value in range(len(self.links.inputs)) if not first else ():
            self.hands.slopes(self.values[value])

    def buffers(self, first: int) -> dict[str, Grid]:
        """Write down what training changes besides the weights, by name in the network."""
        found: dict[str, Grid] = {}
        for link, rule in list(zip(self.links.links, self.rules))[first:]:
            self.sheet.begin(link.name, "update", kind_of(link))
            for name, grid in rule.buffers().items():
                full = f"{link.module}.{name}" if link.module != "network" else name
                if full in found:
                    raise SettingError(
                        f"{link.module} is called twice, and in training each call moves {name} on, which is not calculated "
                        "by hand. Calculate without training."
                    )
                found[full] = grid
        return found


def kind_of(link: Link) -> str:
    """What stands behind the name of a layer in a heading: its class; nothing for what is done without a module."""
    return type(link.layer).__name__ if isinstance(link.layer, nn.Module) else ""
