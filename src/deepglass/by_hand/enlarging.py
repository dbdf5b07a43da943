"""Enlarging: an image with more pixels, each the nearest of the old ones or a mixture of its neighbours along straight lines."""

import itertools
import math

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import SettingError, ShapeError

Shares = list[tuple[int, float]]  # (old pixel, its share) of a new pixel along one axis
LINEAR = ("linear", "bilinear", "trilinear")


class Enlarging(Rule):
    """up[i] = sum of shares of x; and back: each old pixel gets the slopes of the new ones by its shares. For nn.Upsample."""

    letter = "up"

    def forward(self, x: Grid) -> Grid:
        layer, sizes = self.layer, x.shape[2:]
        if layer.mode not in ("nearest", *LINEAR) or layer.align_corners:
            raise SettingError(
                f"{layer} is not calculated by hand: it takes other pixels than the nearest or a straight mixture of the "
                "neighbours. Make it with mode='nearest' or 'bilinear', and without align_corners."
            )
        if not sizes:
            raise ShapeError(f"{layer} enlarges maps, and gets {x.shape[1:]}. Several examples need batch=True.")
        factors = layer.scale_factor if layer.size is None else [m / n for m, n in zip(_each(layer.size, sizes), sizes)]
        per_axis = [self._shares(n, f) for n, f in zip(sizes, _each(factors, sizes))]
        self.x, self.parts = x, {}
        made = empty((*x.shape[:2], *map(len, per_axis)))
        for at in itertools.product(*map(range, made.shape[2:])):
            mixed = itertools.product(*(shares[i] for shares, i in zip(per_axis, at)))
            self.parts[at] = [(tuple(p for p, _ in part), math.prod(s for _, s in part)) for part in mixed]
            for e, c in itertools.product(*map(range, x.shape[:2])):
                made[(e, c, *at)] = total(x[(e, c, *p)] if s == 1 else s * x[(e, c, *p)] for p, s in self.parts[at])
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        shares = lists(self.x.shape)
        for at, parts in self.parts.items():
            for e, c in itertools.product(*map(range, self.x.shape[:2])):
                for place, share in parts:
                    shares[(e, c, *place)].append(slope[(e, c, *at)] if share == 1 else share * slope[(e, c, *at)])
        return self.sheet.slopes(self.x, added(shares))

    def _shares(self, size: int, factor: float) -> list[Shares]:
        found: list[Shares] = []
        for k in range(round(size * factor) if self.layer.size is not None else math.floor(size * factor)):
            if self.layer.mode == "nearest":
                found.append([(min(math.floor(k / factor), size - 1), 1.0)])
                continue
            place = max(0.0, (k + 0.5) / factor - 0.5)  # centres of pixels lie over each other
            first = min(math.floor(place), size - 1)
            share = place - first
            second = min(first + 1, size - 1)
            found.append([(first, 1.0)] if not share or first == second else [(first, 1 - share), (second, share)])
        return found


def _each(given: object, sizes: tuple[int, ...]) -> list[float]:
    """One number for each axis."""
    return list(given) if isinstance(given, tuple | list) else [float(given)] * len(sizes)  # type: ignore[arg-type]
