"""Multi-head attention: queries, keys and values are weighted sums of the steps, cut into heads that attend each by itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.by_hand.attention import Attention, in_heads, in_rows
from deepglass.by_hand.expressions import Expression, Sum
from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import SettingError, ShapeError

PARTS = ("q", "k", "v")


class Heads(Rule):
    """q = wq·x + bq, k and v alike; in each head mix = attention of q, k and v; z = wo·mix + bo, the heads side by side.

    q1[h,t,i] is number i of step t in head h. See `Attention` for what happens inside a head.
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, section 3.2.2.
    """

    counts = True
    names = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")  # of the parameters in the module

    def prepare(self) -> None:
        weight, bias, out, out_bias = self.names
        self.w, self.b = self._parts(weight, "w"), self._parts(bias, "b")
        self.wo, self.bo = self._whole(out, "wo"), self._whole(out_bias, "bo")
        assert self.wo is not None

    @property
    def heads(self) -> int:
        return int(self.layer.heads)

    @property
    def is_causal(self) -> bool:
        return bool(self.layer.causal)

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        self.given = given
        width = self.wo.shape[1]
        for x in given:
            if x.ndim != 3 or x.shape[2] != width:
                raise ShapeError(
                    f"An attention of {width} numbers a step gets {x.shape[1:]}. Give examples as (steps, {width}); several of "
                    "them with batch=True."
                )
        self.headed = {
            part: self._named(part, in_heads(self._weighted(x, self.w[part], self.b.get(part)), self.heads))
            for part, x in zip(PARTS, given if len(given) == len(PARTS) else [*given] * len(PARTS))
        }
        self.attention = Attention(self.sheet, self.tag, scale=None, causal=self.is_causal)
        self.mixed = in_rows(self.attention.forward(*(self.headed[part] for part in PARTS)))
        return self.sheet.names(self.base, self._weighted(self.mixed, self.wo, self.bo))

    def backward_to(self, slope: Grid) -> list[Grid]:
        *_, out, out_bias = self.names
        by_mixed, by_wo, by_bo = self._back(slope, self.mixed, self.wo)
        self.note(out, by_wo)
        if self.bo is not None:
            self.note(out_bias, by_bo)
        arriving = self.attention.backward(in_heads(self.sheet.slopes(self.mixed, by_mixed), self.heads))
        takes = dict(zip(PARTS, self.given if len(self.given) == len(PARTS) else [*self.given] * len(PARTS)))
        found = {p: self._back(in_rows(by), takes[p], self.w[p]) for p, by in zip(PARTS, arriving)}
        self.note(self.names[0], np.concatenate([found[p][1] for p in PARTS]))
        if self.b:
            self.note(self.names[1], np.concatenate([found[p][2] for p in PARTS]))
        by_x = [found[p][0] for p in PARTS]
        if len(self.given) == 1:  # one sequence is asked, and asks itself: three ways back to it
            one = empty(by_x[0].shape)
            for at in np.ndindex(one.shape):
                one[at] = total(term for way in by_x for term in _terms(way[at]))
            by_x = [one]
        return [self.sheet.slopes(x, made) for x, made in zip(self.given, by_x)]

    def _parts(self, name: str, base: str) -> dict[str, Grid]:
        """Write down a parameter that holds what belongs to queries, keys and values below one another."""
        parameter = dict(self.layer.named_parameters()).get(name)
        if parameter is None:
            return {}
        found = {p: self.sheet.given(f"{base}{p}{self.tag}", block) for p, block in zip(PARTS, parameter.chunk(3))}
        self.parameters[name] = np.concatenate(list(found.values()))
        return found

    def _whole(self, name: str, base: str) -> Any:  # a grid, or None
        parameter = dict(self.layer.named_parameters()).get(name)
        if parameter is None:
            return None
        self.parameters[name] = self.sheet.given(f"{base}{self.tag}", parameter)
        return self.parameters[name]

    def _named(self, part: str, made: Grid) -> Grid:
        return self.sheet.names(f"{part}{self.tag}", made)

    def _weighted(self, x: Grid, w: Grid, b: Grid | None) -> Grid:
        made = empty((*x.shape[:2], len(w)))
        for e, t, o in np.ndindex(made.shape):
            terms = [w[o, i] * x[e, t, i] for i in range(x.shape[2])]
            made[e, t, o] = total(terms if b is None else [*terms, b[o]])
        return made

    def _back(self, slope: Grid, x: Grid, w: Grid) -> tuple[Grid, Grid, Grid]:
        """What arrives at a weighted sum, handed on to its input, its weights and its biases."""
        by_x, by_w, by_b = lists(x.shape), lists(w.shape), lists((len(w),))
        for e, t, o in np.ndindex(slope.shape):
            by_b[o].append(slope[e, t, o])
            for i in range(x.shape[2]):
                by_x[e, t, i].append(w[o, i] * slope[e, t, o])
                by_w[o, i].append(slope[e, t, o] * x[e, t, i])
        return added(by_x), added(by_w), added(by_b)


class SelfHeads(Heads):
    """For `layers.attention.SelfAttention`, where one sequence asks itself."""

    names = ("project.weight", "project.bias", "output.weight", "output.bias")


class TorchHeads(Heads):
    """For nn.MultiheadAttention(..., batch_first=True)."""

    inputs = ("query", "key", "value")

    def prepare(self) -> None:
        layer = self.layer
        if layer.in_proj_weight is None or layer.bias_k is not None or layer.add_zero_attn or not layer.batch_first:
            raise SettingError(
                f"{type(layer).__name__} has keys or values of another width, trained or zero steps beside the given, or steps "
                "before examples. By hand the plain one is calculated: nn.MultiheadAttention(width, heads, batch_first=True)."
            )
        if self.training and layer.dropout:
            raise SettingError(
                "The dropout inside MultiheadAttention is drawn anew at each call. Calculate with training=False, or make it "
                "with dropout=0."
            )
        super().prepare()

    @property
    def heads(self) -> int:
        return int(self.layer.num_heads)

    @property
    def is_causal(self) -> bool:
        """Whether the mask of the call hides what comes later; any other mask has been refused."""
        return self.options.get("attn_mask") is not None


def _terms(made: Expression) -> Sequence[Expression]:
    return made.terms if isinstance(made, Sum) else [made]
