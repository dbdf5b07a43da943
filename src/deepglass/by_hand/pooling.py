"""Pooling: one number for each window: the largest, the average, or the length of its vector."""

import math

import numpy as np

from deepglass.by_hand.expressions import Constant, Expression
from deepglass.by_hand.functions import largest, sqrt, total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.by_hand.windows import Index, along, axes, crossed
from deepglass.errors import SettingError, ShapeError

AXES = {"1d": 1, "2d": 2, "3d": 3}


class Pooling(Rule):
    """Base: goes through the windows of every map."""

    letter = "p"

    def gather(self, window: list[Expression], divisor: int) -> Expression:
        """One number from what is in a window."""
        raise NotImplementedError

    def share(self, window: list[Expression], pooled: Expression, slope: Expression, divisor: int) -> list[Expression]:
        """How the slope by a pooled number goes back to each number of its window."""
        raise NotImplementedError

    def forward(self, x: Grid) -> Grid:
        self.x, self.windows = x, self._windows(x.shape[2:])
        sizes = tuple(max(output[a] for output, _, _ in self.windows) + 1 for a in range(x.ndim - 2))
        pooled = empty((*x.shape[:2], *sizes))
        for e, c in np.ndindex(*x.shape[:2]):
            for output, places, divisor in self.windows:
                pooled[(e, c, *output)] = self.gather([x[(e, c, *at)] for at in places], divisor)
        self.pooled = self.sheet.names(self.base, pooled)
        return self.pooled

    def backward(self, slope: Grid) -> Grid:
        shares = lists(self.x.shape)
        for e, c in np.ndindex(*self.x.shape[:2]):
            for output, places, divisor in self.windows:
                at = (e, c, *output)
                window = [self.x[(e, c, *place)] for place in places]
                for place, part in zip(places, self.share(window, self.pooled[at], slope[at], divisor)):
                    shares[(e, c, *place)].append(part)
        return self.sheet.slopes(self.x, added(shares))

    def _windows(self, sizes: Index) -> list[tuple[Index, list[Index], int]]:
        """Output, the places of its window that are inside, and what an average is divided by."""
        layer, count = self.layer, AXES[type(self.layer).__name__[-2:]]
        if len(sizes) != count:
            raise ShapeError(
                f"{type(layer).__name__} pools along {count} axes behind the channels, and gets {len(sizes)}. Give examples as "
                "(channels, ...); several of them with batch=True."
            )
        if hasattr(layer, "output_size"):
            return _adaptive(sizes, layer.output_size)
        kernels = axes(layer.kernel_size, count)
        strides = axes(layer.stride if layer.stride is not None else layer.kernel_size, count)
        padding, dilation = axes(getattr(layer, "padding", 0), count), axes(getattr(layer, "dilation", 1), count)
        per_axis = [
            along(n, kernels[a], strides[a], (padding[a],) * 2, dilation[a], ceil=layer.ceil_mode)
            for a, n in enumerate(sizes)
        ]
        found = []
        for output, places in crossed(per_axis):
            inside = [p for _, p in places if all(0 <= q < n for q, n in zip(p, sizes))]
            padded = [p for _, p in places if all(q < n + pad for q, n, pad in zip(p, sizes, padding))]
            divisor = len(padded) if getattr(layer, "count_include_pad", False) else len(inside)
            found.append((output, inside, getattr(layer, "divisor_override", None) or divisor))
        return found


class MaxPooling(Pooling):
    """The largest of each window; the slope goes to it alone (·1), the others get none (·0). Of equals the first is taken.

    Source: Riesenhuber and Poggio, "Hierarchical models of object recognition in cortex", Nature Neuroscience, 1999.
    """

    def gather(self, window: list[Expression], divisor: int) -> Expression:
        return window[0] if len(window) == 1 else largest(*window)

    def share(self, window: list[Expression], pooled: Expression, slope: Expression, divisor: int) -> list[Expression]:
        values = [cell.value for cell in window]
        first = values.index(max(values))
        return [slope * Constant(k == first) for k in range(len(window))]


class AveragePooling(Pooling):
    """The mean of each window; every number in it gets an equal share of the slope."""

    def gather(self, window: list[Expression], divisor: int) -> Expression:
        return total(window) / divisor

    def share(self, window: list[Expression], pooled: Expression, slope: Expression, divisor: int) -> list[Expression]:
        return [slope / divisor for _ in window]


class NormPooling(Pooling):
    """The square root of the sum of squares of each window; a number's share of the slope is x / p. For nn.LPPool with norm 2."""

    def prepare(self) -> None:
        if float(self.layer.norm_type) != 2:
            raise SettingError(
                f"{self.layer} has another norm than 2, and only L2 pooling is calculated by hand. Make it with norm_type=2."
            )

    def gather(self, window: list[Expression], divisor: int) -> Expression:
        squares, scale = total(x**2 for x in window), self._scale(window)
        return sqrt(squares if scale == 1 else scale * squares)

    def share(self, window: list[Expression], pooled: Expression, slope: Expression, divisor: int) -> list[Expression]:
        if not pooled.value:  # at 0 the slope is a convention
            return [Constant(0) for _ in window]
        scale = self._scale(window)
        return [slope * (x / pooled) * scale if scale != 1 else slope * (x / pooled) for x in window]

    def _scale(self, window: list[Expression]) -> float:
        """torch counts a window that reaches beyond the end as if it were whole: the mean square times the whole kernel."""
        count = AXES[type(self.layer).__name__[-2:]]
        return math.prod(axes(self.layer.kernel_size, count)) / len(window)


def _adaptive(sizes: Index, output_size: object) -> list[tuple[Index, list[Index], int]]:
    """Windows that give an output of a fixed size: from floor(i·n/m) to ceil((i+1)·n/m)."""
    wanted = axes(output_size, len(sizes)) if isinstance(output_size, int | tuple | list) else sizes
    per_axis = []
    for n, given in zip(sizes, wanted):
        m = n if given is None else given
        per_axis.append([list(range(i * n // m, -(-(i + 1) * n // m))) for i in range(m)])
    return [(output, [p for _, p in places], len(places)) for output, places in crossed(per_axis)]
