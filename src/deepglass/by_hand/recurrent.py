"""Recurrent: a layer that reads a series step by step, unrolled, and back through time. The plain cell."""

from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from deepglass.by_hand.expressions import Constant, Expression
from deepglass.by_hand.functions import choose, tanh, total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import SettingError, ShapeError

BEFORE = "before"  # how the state before the first step, which is zero, is called in an index
Terms = dict[int, list[Expression]]


class Recurrent(Rule):
    """Base of the cells: weights by gate, the steps in time, and what all cells send back in the same way.

    Each gate has weights wx for the input and wh for the state before, with a bias bx and bh for each, as torch has them.
    Shapes: input (examples, steps, features), output (examples, steps, units), states (1, examples, units). Where none is given,
    the state starts as zeros. The option `way` says which layer of several it is, and whether it reads from the end.
    Source: Werbos, "Backpropagation Through Time: What It Does and How to Do It", Proceedings of the IEEE, 1990.
    """

    letter = "h"
    counts = True
    inputs: ClassVar[tuple[str, ...]] = ("x", "state before")
    gives = 2
    gates: ClassVar[tuple[str, ...]] = ("",)  # in the order in which torch stacks their weights

    def prepare(self) -> None:
        layer = self.layer
        if getattr(layer, "proj_size", 0):
            raise SettingError(
                f"{layer} makes its state shorter by a projection (proj_size), which is not calculated by hand. Make it without, "
                "and put a Linear layer behind it."
            )
        if self.training and layer.dropout and layer.num_layers > 1:
            raise SettingError(
                f"{layer} drops numbers between its layers, which are drawn anew at each call. Calculate without training, or make "
                "it with dropout=0."
            )
        depth, self.reverse = self.options.get("way", (0, False))
        self.suffix = f"_l{depth}" + "_reverse" * self.reverse
        self.units = layer.hidden_size
        self.take_gates()

    def take_gates(self) -> None:
        """Take the weights, gate by gate."""
        self.wx, self.wh = self._by_gate("weight_ih", "wx"), self._by_gate("weight_hh", "wh")
        self.bx, self.bh = self._by_gate("bias_ih", "bx"), self._by_gate("bias_hh", "bh")

    def _by_gate(self, name: str, base: str) -> dict[str, Grid]:
        """Take a parameter gate by gate; empty where the layer has none of that name."""
        stacked = getattr(self.layer, name + self.suffix, None)
        if stacked is None:
            return {}
        found = {}
        for k, gate in enumerate(self.gates):
            rows = range(k * self.units, (k + 1) * self.units)
            found[gate] = self.taken(stacked, f"{base}{gate}{self.call.of_weights}", rows=rows, first=rows[0])
        self.parameters[name + self.suffix] = np.concatenate(list(found.values()))
        return found

    def forward_of(self, given: Sequence[Grid]) -> list[Grid]:
        x, *states = given
        features = self.wx[self.gates[0]].shape[1]
        if x.ndim != 3 or x.shape[2] != features:
            raise ShapeError(
                f"{self.layer} reads series of {features} numbers a step, and gets {x.shape[1:]}. Give examples as "
                "(steps, features); several of them with batch=True."
            )
        self.x = x[:, ::-1] if self.reverse else x
        self.started = states if any(not isinstance(c, Constant) or c.value for s in states for c in s.ravel()) else []
        self.h = empty((len(x), x.shape[1] + 1, self.units))  # h[:, t] is the state before step t
        for e in range(len(x)):
            self.h[e, 0] = self.before("h", 0, e)
            for t in range(x.shape[1]):
                self.h[e, t + 1] = self.step(e, t)
        return [self._in_time(self.h[:, 1:]), self.h[:, -1][None]]

    def before(self, letter: str, which: int, e: int) -> list[Expression]:
        """The state before the first step: what was given for it, else zeros. Args: which: of the states, where there are two."""
        if self.started:
            return list(self.started[which][0, e])
        place = f"{e};{BEFORE}" if self.sheet.examples > 1 else BEFORE
        return [self.sheet.name(f"{letter}{self.tag}[{place},{k}]", Constant(0)) for k in range(self.units)]

    def _in_time(self, steps: Grid) -> Grid:
        """The steps as they follow each other in time, where they are read from the end."""
        return steps[:, ::-1] if self.reverse else steps

    def step(self, e: int, t: int) -> list[Expression]:
        """One step of one example: returns its new state."""
        raise NotImplementedError

    def step_back(self, e: int, t: int, arriving: list[Expression]) -> None:
        """One step back. Calls `send` for each gate. Args: arriving: slopes of the loss by the state after step t."""
        raise NotImplementedError

    def from_input(self, gate: str, e: int, t: int, k: int) -> list[Expression]:
        """The terms of unit k of a gate that come from the input."""
        terms = [self.wx[gate][k, j] * self.x[e, t, j] for j in range(self.x.shape[2])]
        return terms if not self.bx else [*terms, self.bx[gate][k]]

    def from_state(self, gate: str, e: int, t: int, k: int) -> list[Expression]:
        """The terms that come from the state before."""
        terms = [self.wh[gate][k, m] * self.h[e, t, m] for m in range(self.units)]
        return terms if not self.bh else [*terms, self.bh[gate][k]]

    def name(self, letter: str, e: int, t: int, k: int, made: Expression) -> Expression:
        """Write down a number of a step."""
        return self.sheet.name(self.called(letter, e, t, k), made)

    def called(self, letter: str, e: int, t: int, k: int) -> str:
        """The symbol of a number of a step; t is counted as the steps are read, and written as they stand in time."""
        time = self.x.shape[1] - 1 - t if self.reverse else t
        return self.sheet.called(f"{letter}{self.tag}", (e, time, k))

    def slope(self, of: Expression, made: Expression) -> Expression:
        """Write down the slope of the loss by a number of a step."""
        return self.sheet.name(f"dL/d{of.symbol}", made)  # type: ignore[attr-defined]

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        slope = self._in_time(slopes[0])
        self.by_x = lists(self.x.shape)
        self.by_weights = {name: lists(grid.shape) for name, grid in self.parameters.items()}
        by_start = empty((1, len(self.x), self.units))
        for e in range(len(self.x)):
            self.back: Terms = defaultdict(list)  # what arrives at the state from the step after, by unit
            for t in reversed(range(self.x.shape[1])):
                arriving = [self._arriving(slope[e, t, k], e, t, k) for k in range(self.units)]
                self.back = defaultdict(list)
                self.step_back(e, t, arriving)
            by_start[0, e] = [total(self.back[k]) for k in range(self.units)]
        for name, terms in self.by_weights.items():
            self.note(name, added(terms))
        by_x = self._in_time(self.sheet.slopes(self.x, added(self.by_x)))
        return [by_x, *([self.sheet.slopes(self.started[0], by_start)] if self.started else [])]

    def _arriving(self, direct: Expression, e: int, t: int, k: int) -> Expression:
        """The slope by a state: what its own output sends back, and what comes back from the step after."""
        symbol, later = f"dL/d{self.h[e, t + 1, k].symbol}", self.back[k]
        if isinstance(direct, Constant):  # nothing reads this step
            return self.sheet.name(symbol, total(later)) if later else direct
        return self.sheet.name(f"{symbol} in all", total([direct, *later])) if later else direct

    def send(self, gate: str, e: int, t: int, k: int, by_input: Expression, by_state: Expression) -> None:
        """Send the slope by unit k of a gate back to its weights, the input and the state before.

        Args: by_input, by_state: the slopes by the sums that come from the input and from the state; alike but in a GRU.
        """
        row = self.gates.index(gate) * self.units + k
        for j in range(self.x.shape[2]):
            self.by_weights[f"weight_ih{self.suffix}"][row, j].append(by_input * self.x[e, t, j])
            self.by_x[e, t, j].append(self.wx[gate][k, j] * by_input)
        for m in range(self.units):
            self.by_weights[f"weight_hh{self.suffix}"][row, m].append(by_state * self.h[e, t, m])
            self.back[m].append(self.wh[gate][k, m] * by_state)
        if self.bx:
            self.by_weights[f"bias_ih{self.suffix}"][row,].append(by_input)
            self.by_weights[f"bias_hh{self.suffix}"][row,].append(by_state)


class PlainRecurrent(Recurrent):
    """h(t) = tanh(wx·x(t) + bx + wh·h(t-1) + bh), or with ReLU. For nn.RNN."""

    def step(self, e: int, t: int) -> list[Expression]:
        found = []
        for k in range(self.units):
            z = self.name("z", e, t, k, total([*self.from_input("", e, t, k), *self.from_state("", e, t, k)]))
            h = tanh(z) if self.layer.nonlinearity == "tanh" else choose(z, 0, z, 0)
            found.append(self.name("h", e, t, k, h))
        return found

    def step_back(self, e: int, t: int, arriving: list[Expression]) -> None:
        for k, slope in enumerate(arriving):
            h: Expression = self.h[e, t + 1, k]
            inner = 1 - h**2 if self.layer.nonlinearity == "tanh" else choose(h, 0, 1, 0)
            by_z = self.sheet.name("dL/d" + self.called("z", e, t, k), slope * inner)
            self.send("", e, t, k, by_z, by_z)
