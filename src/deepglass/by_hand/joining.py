"""Joining: what a forward does with two values: their sum, such as branch and skip, their product, or both side by side."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Grid, empty


class Sum(nn.Module):
    """What `a + b` in a forward does."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b


class Product(nn.Module):
    """What `a * b` in a forward does, number by number."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a * b


class SideBySide(nn.Module):
    """What `torch.cat([a, b], dim)` in a forward does. Args: dim: the axis along which they are put together."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.cat([a, b], dim=self.dim)


class Summing(Rule):
    """sum[k] = a[k] + b[k]; back, both get the slope of the sum as it is: a skip hands it on unchanged.

    Source: He et al., "Identity Mappings in Deep Residual Networks", arXiv:1603.05027, equation 5.
    """

    letter = "sum"
    inputs = ("a", "b")

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        a, b = given
        made = empty(a.shape)
        for at in np.ndindex(a.shape):
            made[at] = a[at] + b[at]
        return self.sheet.names(self.base, made)

    def backward_to(self, slope: Grid) -> list[Grid]:
        return [slope, slope]


class Multiplying(Rule):
    """product[k] = a[k]·b[k]; back, each gets the slope times the other one."""

    letter = "product"
    inputs = ("a", "b")

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.a, self.b = given
        made = empty(self.a.shape)
        for at in np.ndindex(made.shape):
            made[at] = self.a[at] * self.b[at]
        return self.sheet.names(self.base, made)

    def backward_to(self, slope: Grid) -> list[Grid]:
        by_a, by_b = empty(slope.shape), empty(slope.shape)
        for at in np.ndindex(slope.shape):
            by_a[at], by_b[at] = slope[at] * self.b[at], slope[at] * self.a[at]
        return [self.sheet.slopes(self.a, by_a), self.sheet.slopes(self.b, by_b)]


class Beside(Rule):
    """joined = the numbers of a, then those of b; back, each gets the slopes of its own."""

    letter = "joined"
    inputs = ("a", "b")

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.first = given[0].shape[self.layer.dim]
        return self.sheet.names(self.base, np.concatenate(given, axis=self.layer.dim))

    def backward_to(self, slope: Grid) -> list[Grid]:
        return np.split(slope, [self.first], axis=self.layer.dim)
