"""Multi-head attention: queries, keys and values are weighted sums of the steps, cut into heads that attend each by itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.by_hand.attention import Attention, causal, in_heads, in_rows
from deepglass.by_hand.expressions import Constant, Expression, Sum
from deepglass.by_hand.functions import total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, Sheet, empty
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

    def sees(self, steps: tuple[int, int]) -> np.ndarray | None:
        """Which step sees which, (examples or 1, heads or 1, to or 1, from); None where all see all."""
        raise NotImplementedError

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
        rotation = self.options.get("rotation")
        self.turned = {
            part: Turned(self.sheet, self.headed[part], rotation) for part in PARTS[:2] if rotation is not None
        }
        asked = {
            **self.headed,
            **{part: self._named(f"r{part}", turned.forward()) for part, turned in self.turned.items()},
        }
        sees = self.sees((asked["q"].shape[-2], asked["k"].shape[-2]))
        self.attention = Attention(self.sheet, self.tag, scale=None, sees=sees)
        self.mixed = in_rows(self.attention.forward(*(asked[part] for part in PARTS)))
        return self.sheet.names(self.base, self._weighted(self.mixed, self.wo, self.bo))

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        slope = slopes[0]
        *_, out, out_bias = self.names
        by_mixed, by_wo, by_bo = self._back(slope, self.mixed, self.wo)
        self.note(out, by_wo)
        if self.bo is not None:
            self.note(out_bias, by_bo)
        arriving = list(self.attention.backward(in_heads(self.sheet.slopes(self.mixed, by_mixed), self.heads)))
        for k, turned in enumerate(self.turned.values()):
            arriving[k] = turned.backward(arriving[k])
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
        found, each = {}, len(parameter) // len(PARTS)
        for k, part in enumerate(PARTS):
            rows = range(k * each, (k + 1) * each)
            found[part] = self.taken(parameter, f"{base}{part}{self.call.of_weights}", rows=rows, first=rows[0])
        self.parameters[name] = np.concatenate(list(found.values()))
        return found

    def _whole(self, name: str, base: str) -> Any:  # a grid, or None
        parameter = dict(self.layer.named_parameters()).get(name)
        if parameter is None:
            return None
        self.parameters[name] = self.taken(parameter, f"{base}{self.call.of_weights}")
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

    def sees(self, steps: tuple[int, int]) -> np.ndarray | None:
        mask = self.options.get("mask")
        if mask is not None:
            return np.asarray(mask.cpu())
        return causal(*steps) if self.layer.causal else None


class TorchHeads(Heads):
    """For nn.MultiheadAttention(..., batch_first=True)."""

    inputs = ("query", "key", "value")
    needs = 3

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

    def sees(self, steps: tuple[int, int]) -> np.ndarray | None:
        """torch's masks say what is hidden, by True or by -inf."""
        found = causal(*steps) if self.options.get("is_causal") and self.options.get("attn_mask") is None else None
        for name in ("attn_mask", "key_padding_mask"):
            mask = self.options.get(name)
            if mask is None:
                continue
            numbers = np.asarray(mask.cpu())
            if numbers.dtype != bool and not np.isin(numbers, (0.0, -np.inf)).all():
                raise SettingError(
                    f"{self.call.name} is called with an {name} that weighs steps (neither 0 nor -inf), which is not calculated by "
                    "hand. Give a mask of True and False."
                )
            seen = ~numbers if numbers.dtype == bool else numbers == 0
            if name == "key_padding_mask":
                seen = seen[:, None, None, :]
            elif seen.ndim == 3:  # one for each example and head
                seen = seen.reshape(-1, self.heads, *seen.shape[1:])
            found = seen if found is None else found & seen
        return found


class Turned:
    """Rotary positions: each pair of features of a step is turned by an angle that grows with its position.

    rq[i] = q[i]·cos - q[i+half]·sin and rq[i+half] = q[i+half]·cos + q[i]·sin; back, slopes are turned the other way.
    Shapes: grid (examples, heads, steps, width), rotation cos and sin, each (examples or 1, steps, 1, width / 2).
    Source: Su et al., "RoFormer", arXiv:2104.09864, equation 34.
    """

    def __init__(self, sheet: Sheet, grid: Grid, rotation: Sequence[Any]) -> None:
        self.sheet, self.grid, self.half = sheet, grid, grid.shape[-1] // 2
        shape = (*grid.shape[:-1], self.half)
        self.cos, self.sin = (np.broadcast_to(r.double().cpu().numpy().swapaxes(1, 2), shape) for r in rotation)

    def forward(self) -> Grid:
        return self._turn(self.grid, 1)

    def backward(self, slope: Grid) -> Grid:
        return self.sheet.slopes(self.grid, self._turn(slope, -1))

    def _turn(self, grid: Grid, way: int) -> Grid:
        made = empty(grid.shape)
        for *at, i in np.ndindex(self.cos.shape):
            a, b = grid[(*at, i)], grid[(*at, i + self.half)]
            cos, sin = Constant(self.cos[(*at, i)]), Constant(way * self.sin[(*at, i)])
            made[(*at, i)], made[(*at, i + self.half)] = a * cos - b * sin, b * cos + a * sin
        return made


def _terms(made: Expression) -> Sequence[Expression]:
    return made.terms if isinstance(made, Sum) else [made]
