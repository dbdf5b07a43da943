"""Attention: each step asks all steps at once how alike they are, and takes a mean of what they hold, weighted by that."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.by_hand.expressions import Constant, Expression
from deepglass.by_hand.functions import sqrt, total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, Sheet, empty
from deepglass.by_hand.softmax import exponentials


class Attention:
    """One scaled dot-product attention, forward and back, with s, alpha and mix for scores, weights and what is taken.

    s[t,u] = (q[t]·k[u]) / sqrt(width), alpha[t,u] = exp(s[t,u]) / sum over u of exp(s[t,u]),
    mix[t] = sum over u of alpha[t,u]·v[u].
    Back: dL/dalpha[t,u] = dL/dmix[t]·v[u], dL/ds[t,u] = alpha[t,u]·(dL/dalpha[t,u] - sum over u of dL/dalpha·alpha).
    Shapes: q (examples, ..., to, width), k (examples, ..., from, width), v (examples, ..., from, any width); ... such as heads.
    Args:
        scale: what the products are multiplied by; None divides them by sqrt(width).
        sees: whether step t sees step u, broadcast to (examples, ..., to, from); None where all see all. What is not seen has
            no score, and takes no part.
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, equation 1.
    """

    def __init__(self, sheet: Sheet, tag: str, *, scale: float | None, sees: np.ndarray | None) -> None:
        self.sheet, self.tag, self.scale, self.sees = sheet, tag, scale, sees

    def forward(self, q: Grid, k: Grid, v: Grid) -> Grid:
        self.q, self.k, self.v = q, k, v
        shape = (*q.shape[:-1], k.shape[-2])
        self.seen = np.ones(shape, dtype=bool) if self.sees is None else np.broadcast_to(self.sees, shape)
        self.scores, self.alpha = empty((*q.shape[:-1], k.shape[-2])), empty((*q.shape[:-1], k.shape[-2]))
        mixed = empty((*q.shape[:-1], v.shape[-1]))
        for *lead, t in np.ndindex(q.shape[:-1]):
            seen = self._seen((*lead, t))
            for u in seen:
                products = total(q[(*lead, t, i)] * k[(*lead, u, i)] for i in range(q.shape[-1]))
                self.scores[(*lead, t, u)] = self._name("s", (*lead, t, u), self._scaled(products))
            at = (*lead, t)
            powers, whole = exponentials(self.sheet, self.tag, [self.scores[(*at, u)] for u in seen], at, seen)
            for u, power in zip(seen, powers):
                self.alpha[(*at, u)] = self._name("alpha", (*at, u), power / whole)
            for j in range(v.shape[-1]):
                mixed[(*at, j)] = total(self.alpha[(*at, u)] * v[(*lead, u, j)] for u in seen)
        return self.sheet.names(f"mix{self.tag}", mixed)

    def backward(self, slope: Grid) -> tuple[Grid, Grid, Grid]:
        """The slopes of the loss by q, k and v, written down."""
        by_q, by_k, by_v = lists(self.q.shape), lists(self.k.shape), lists(self.v.shape)
        for *lead, t in np.ndindex(self.q.shape[:-1]):
            at, seen, by_alpha = (*lead, t), self._seen((*lead, t)), {}
            for u in seen:
                alpha, columns = self.alpha[(*at, u)], range(self.v.shape[-1])
                made = total(slope[(*at, j)] * self.v[(*lead, u, j)] for j in columns)
                by_alpha[u] = self.sheet.name(f"dL/d{alpha.symbol}", made)
                for j in columns:
                    by_v[(*lead, u, j)].append(alpha * slope[(*at, j)])
            dot = self._name("dot", at, total(by_alpha[u] * self.alpha[(*at, u)] for u in seen))
            for u in seen:
                score = self.scores[(*at, u)]
                by_s = self.sheet.name(f"dL/d{score.symbol}", self.alpha[(*at, u)] * (by_alpha[u] - dot))
                for i in range(self.q.shape[-1]):
                    by_q[(*at, i)].append(by_s * self.k[(*lead, u, i)])
                    by_k[(*lead, u, i)].append(by_s * self.q[(*at, i)])
        return (
            self.sheet.slopes(self.q, self._all_scaled(added(by_q))),
            self.sheet.slopes(self.k, self._all_scaled(added(by_k))),
            self.sheet.slopes(self.v, added(by_v)),
        )

    def _seen(self, at: tuple[int, ...]) -> list[int]:
        """The steps that a step sees."""
        return [u for u in range(self.k.shape[-2]) if self.seen[(*at, u)]]

    def _scaled(self, made: Expression) -> Expression:
        if isinstance(made, Constant):  # nothing arrives, as where no later step looks back
            return made
        return made / sqrt(Constant(self.q.shape[-1])) if self.scale is None else self.scale * made

    def _all_scaled(self, made: Grid) -> Grid:
        for at in np.ndindex(made.shape):
            made[at] = self._scaled(made[at])
        return made

    def _name(self, base: str, at: tuple[int, ...], made: Expression) -> Any:
        return self.sheet.name(self.sheet.called(f"{base}{self.tag}", at), made)


class DotProduct(Rule):
    """Attention without weights of its own: queries, keys and values come from other layers. For `layers.attention`'s."""

    letter = "mix"
    counts = True
    inputs = ("query", "key", "value")
    needs = 3

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        mask, steps = self.options.get("mask"), (given[0].shape[-2], given[1].shape[-2])
        sees = causal(*steps) if self.options.get("causal") else None
        if mask is not None:
            sees = np.asarray(mask.cpu()) if sees is None else np.asarray(mask.cpu()) & sees
        self.attention = Attention(self.sheet, self.tag, scale=self.layer.scale, sees=sees)
        return self.attention.forward(*given)

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        return list(self.attention.backward(slopes[0]))


def causal(to: int, given: int) -> np.ndarray:
    """Each step sees itself and those before it alone: (to, from), bool."""
    return np.tril(np.ones((to, given), dtype=bool))


def in_heads(rows: Grid, heads: int) -> Grid:
    """Cut the width into heads: (examples, steps, width) becomes (examples, heads, steps, width / heads)."""
    examples, steps, width = rows.shape
    return rows.reshape(examples, steps, heads, width // heads).transpose(0, 2, 1, 3)


def in_rows(headed: Grid) -> Grid:
    """The reverse of `in_heads`."""
    examples, heads, steps, width = headed.shape
    return headed.transpose(0, 2, 1, 3).reshape(examples, steps, heads * width)
