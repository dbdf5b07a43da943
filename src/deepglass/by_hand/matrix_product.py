"""Matrix product: sums of products of two values, as `a @ b` and `torch.einsum` in a forward do it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty

Pairs = list[tuple[int, int]]  # places in a and in b, both in a row, of the products of one sum


class Multiplying(Rule):
    """z[i,j] = sum over k of a[i,k]·b[k,j]; back, dL/da[i,k] = sum over j of dL/dz[i,j]·b[k,j], and dL/db alike.

    Shapes: as of `MatrixProduct` or `Contraction`; c (columns,) is added where there is one.
    """

    counts = True
    inputs = ("a", "b", "c")
    needs = 2

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.given = given
        shape, self.pairs = self.layer.pairs(given[0].shape, given[1].shape)
        a, b = given[0].ravel(), given[1].ravel()
        made = empty(shape)
        for at, pairs in zip(np.ndindex(shape), self.pairs):
            made[at] = total([*(a[p] * b[q] for p, q in pairs), *(c[at[-1]] for c in given[2:])])
        return self.sheet.names(self.base, made)

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        a, b = self.given[0].ravel(), self.given[1].ravel()
        terms = [lists((grid.size,)) for grid in self.given]
        for at, pairs in zip(np.ndindex(slopes[0].shape), self.pairs):
            for p, q in pairs:
                terms[0][p].append(slopes[0][at] * b[q])
                terms[1][q].append(slopes[0][at] * a[p])
            for by_c in terms[2:]:
                by_c[at[-1]].append(slopes[0][at])
        return [self.sheet.slopes(grid, added(each).reshape(grid.shape)) for grid, each in zip(self.given, terms)]


@dataclass(frozen=True)
class MatrixProduct:
    """`a @ b`: a (..., rows, inner), b (..., inner, columns) or (inner,); axes before them are repeated where one has size 1.

    Args: turned: b is (..., columns, inner), as in F.linear(a, b, c).
    """

    turned: bool = False
    name: str = "matrix product"
    rule: ClassVar[type[Rule]] = Multiplying

    def pairs(self, of_a: tuple[int, ...], of_b: tuple[int, ...]) -> tuple[tuple[int, ...], list[Pairs]]:
        """The shape of the result, and of each of its numbers the products."""
        a, b = (np.arange(int(np.prod(shape))).reshape(shape) for shape in (of_a, of_b))
        vector = b.ndim == 1
        b = b[:, None] if vector else b.swapaxes(-1, -2) if self.turned else b
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a, b = np.broadcast_to(a, (*lead, *a.shape[-2:])), np.broadcast_to(b, (*lead, *b.shape[-2:]))
        shape = (*lead, a.shape[-2], b.shape[-1])
        found = [list(zip(a[(*at, i)].tolist(), b[(*at, slice(None), j)].tolist())) for *at, i, j in np.ndindex(shape)]
        return shape[:-1] if vector else shape, found


@dataclass(frozen=True)
class Contraction:
    """torch.einsum of two values. Args: equation: such as "bpk,pok->bop", with a letter for each axis."""

    equation: str
    name: str = "einsum"
    rule: ClassVar[type[Rule]] = Multiplying

    def pairs(self, of_a: tuple[int, ...], of_b: tuple[int, ...]) -> tuple[tuple[int, ...], list[Pairs]]:
        """As of MatrixProduct."""
        taken, wanted = self.equation.replace(" ", "").split("->")
        letters = taken.split(",")
        sizes = dict(zip(letters[0] + letters[1], (*of_a, *of_b)))
        summed = [letter for letter in sizes if letter not in wanted]
        shape, found = tuple(sizes[letter] for letter in wanted), []
        for at in np.ndindex(shape):
            each = []
            for inner in itertools.product(*(range(sizes[letter]) for letter in summed)):
                place = {**dict(zip(wanted, at)), **dict(zip(summed, inner))}
                p, q = (
                    int(np.ravel_multi_index([place[letter] for letter in own], of))
                    for own, of in zip(letters, (of_a, of_b))
                )
                each.append((p, q))
            found.append(each)
        return shape, found
