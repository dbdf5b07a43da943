"""Padding: a border around the input, of a constant, or of the input mirrored, repeated or wrapped around."""

import itertools

from deepglass.by_hand.expressions import Constant
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.by_hand.windows import source
from deepglass.errors import ShapeError

MODES = {
    "Reflection": "reflect",
    "Replication": "replicate",
    "Circular": "circular",
}  # by the beginning of the layer's name


class Padding(Rule):
    """Every number inside is taken over; the slope by an input is the sum of those by all its copies."""

    letter = "q"

    def forward(self, x: Grid) -> Grid:
        around = list(self.layer.padding)  # torch's: first the last axis, before and after
        count = len(around) // 2
        if x.ndim - 2 != count:
            raise ShapeError(
                f"{type(self.layer).__name__} pads {count} axes behind the channels, and gets {x.ndim - 2}. Give examples as "
                "(channels, ...); several of them with batch=True."
            )
        pads = [(around[2 * k], around[2 * k + 1]) for k in reversed(range(count))]
        mode = next((m for name, m in MODES.items() if type(self.layer).__name__.startswith(name)), "constant")
        sizes = x.shape[2:]
        self.x, self.inside = x, {}
        padded = empty((*x.shape[:2], *(n + a + b for n, (a, b) in zip(sizes, pads))))
        for output in itertools.product(*(range(n) for n in padded.shape[2:])):
            at = [source(p - before, n, mode) for p, n, (before, _) in zip(output, sizes, pads)]
            inside = None if None in at else tuple(at)
            self.inside[output] = inside
            for e, c in itertools.product(*map(range, x.shape[:2])):
                border = Constant(float(getattr(self.layer, "value", 0.0)))
                padded[(e, c, *output)] = border if inside is None else x[(e, c, *inside)]
        return self.sheet.names(self.base, padded)

    def backward(self, slope: Grid) -> Grid:
        shares = lists(self.x.shape)
        for output, inside in self.inside.items():
            for e, c in itertools.product(*map(range, self.x.shape[:2])):
                if inside is not None:
                    shares[(e, c, *inside)].append(slope[(e, c, *output)])
        return self.sheet.slopes(self.x, added(shares))
