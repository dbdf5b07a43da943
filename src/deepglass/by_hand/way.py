"""Way: values forward through the layers of a network, and slopes back; where a value goes several ways, their slopes add up."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from deepglass.by_hand.chain import rule_for
from deepglass.by_hand.functions import total
from deepglass.by_hand.recognizing import Link
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, Sheet, empty, handed, zeros


class Way:
    """A network calculated forward; `back` goes the other way.

    Attributes: rules: one for each link, with its gradients after `back`. output: what the network gives.
    """

    def __init__(
        self,
        sheet: Sheet,
        links: Sequence[Link],
        names: Sequence[str],
        given: Sequence[Grid],
        last: int,
        *,
        training: bool,
        masks: Mapping[str, Tensor],
    ) -> None:
        self.sheet, self.links, self.names, self.last = sheet, links, names, last
        self.inputs = len(given)
        self.values = list(given)
        self.rules: list[Rule] = []
        self._taken = Counter(source for link in links for source in link.sources)
        used: Counter[str] = Counter()
        layers, tags = 0, [0] * len(given)  # a function has the number of the layer that it follows
        for link, name in zip(links, names):
            kind = rule_for(link.layer)
            assert kind is not None
            layers += kind.counts
            tag = layers if kind.counts else max(tags[source] for source in link.sources)
            tags.append(tag)
            ticks = "'" * used[f"{kind.letter}{tag}"]  # a second activation after the same layer is a1'
            used[f"{kind.letter}{tag}"] += 1
            sheet.begin(name, "forward", type(link.layer).__name__)
            mask = masks.get(name)
            rule = kind(link.layer, sheet, f"{tag}{ticks}", training=training, mask=mask, options=link.options)
            self.rules.append(rule)
            self.values.append(rule.forward_of(self._given(link, name, rule)))

    @property
    def output(self) -> Grid:
        return self.values[self.last]

    def back(self, slope: Grid, first: int) -> None:
        """Hand the slopes of the loss by the output back to the layers, down to the link of number `first`."""
        arriving: dict[int, list[Grid]] = defaultdict(list)
        arriving[self.last].append(slope)
        for k in range(len(self.links) - 1, first - 1, -1):
            link, name, rule = self.links[k], self.names[k], self.rules[k]
            self.sheet.begin(name, "backward", type(link.layer).__name__)
            slope = self._together(self.inputs + k, arriving.pop(self.inputs + k, []))
            for source, by in zip(link.sources, rule.backward_to(slope)):
                arriving[source].append(by)
        self.sheet.begin("input", "backward")
        for place in range(self.inputs) if not first else ():
            self._together(place, arriving.pop(place, []))

    def _given(self, link: Link, name: str, rule: Rule) -> list[Grid]:
        found = []
        for source, part in zip(link.sources, rule.inputs):
            value = self.values[source]
            if self._taken[source] > 1:
                value = handed(value, f"{name} {part}" if link.sources.count(source) > 1 else name)
            found.append(value)
        return found

    def _together(self, place: int, ways: list[Grid]) -> Grid:
        """The slopes by a value from all that took it; the sum is written down where there are several."""
        if len(ways) == 1:
            return ways[0]
        value = self.values[place]
        if not ways:  # nothing that leads to the output takes it
            return zeros(value.shape)
        made = empty(value.shape)
        for at in np.ndindex(value.shape):
            made[at] = total(way[at] for way in ways)
        return self.sheet.slopes(value, made)
