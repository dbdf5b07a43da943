"""LSTM: a recurrent cell with a memory, and gates that say what is forgotten, taken in and given out."""

from collections.abc import Sequence

from deepglass.by_hand.expressions import Constant, Expression
from deepglass.by_hand.functions import exp, tanh, total
from deepglass.by_hand.recurrent import Recurrent
from deepglass.by_hand.sheet import Grid, empty


class LongShortTerm(Recurrent):
    """The six equations, with zi, zf, zg and zo the weighted sums of the gates:

    i = sigmoid(zi), f = sigmoid(zf), g = tanh(zg), o = sigmoid(zo), c(t) = f·c(t-1) + i·g, h(t) = o·tanh(c(t)).
    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation, 1997; the forget gate: Gers et al., 2000.
    """

    gates = ("i", "f", "g", "o")

    inputs = ("x", "state before", "memory before")
    gives = 3

    def forward_of(self, given: Sequence[Grid]) -> list[Grid]:
        steps = given[0].shape[:2]
        self.values = {gate: empty((*steps, self.units)) for gate in self.gates}
        self.c = empty((len(given[0]), given[0].shape[1] + 1, self.units))
        return [*super().forward_of(given), self.c[:, -1][None]]

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        self.by_last = slopes[2][0]  # what comes back to the memory after the last step
        self.by_first = empty(slopes[2].shape)
        found = super().backward_to(slopes)
        return [*found, *([self.sheet.slopes(self.started[1], self.by_first)] if self.started else [])]

    def step(self, e: int, t: int) -> list[Expression]:
        found = []
        if t == 0:
            self.c[e, 0] = self.before("c", 1, e)
        for k in range(self.units):
            for gate in self.gates:
                terms = [*self.from_input(gate, e, t, k), *self.from_state(gate, e, t, k)]
                z = self.name(f"z{gate}", e, t, k, total(terms))
                self.values[gate][e, t, k] = self.name(gate, e, t, k, tanh(z) if gate == "g" else 1 / (1 + exp(-z)))
            i, f, g, o = (self.values[gate][e, t, k] for gate in self.gates)
            self.c[e, t + 1, k] = self.name("c", e, t, k, f * self.c[e, t, k] + i * g)
            found.append(self.name("h", e, t, k, o * tanh(self.c[e, t + 1, k])))
        return found

    def step_back(self, e: int, t: int, arriving: list[Expression]) -> None:
        if t + 1 == self.x.shape[1]:
            self.kept: list[Expression] = list(self.by_last[e])  # what the memory sends back from the step after
        for k, slope in enumerate(arriving):
            i, f, g, o = (self.values[gate][e, t, k] for gate in self.gates)
            c = self.c[e, t + 1, k]
            through = slope * o * (1 - tanh(c) ** 2)
            later = self.kept[k]
            whole = (
                " in all" if t + 1 == self.x.shape[1] and not isinstance(later, Constant) else ""
            )  # from another layer
            made = through if isinstance(later, Constant) else through + later
            by_c = self.sheet.name(f"dL/d{c.symbol}{whole}", made)
            self.kept[k] = by_c * f
            by_gate = {
                "i": by_c * g * (i * (1 - i)),
                "f": by_c * self.c[e, t, k] * (f * (1 - f)),
                "g": by_c * i * (1 - g**2),
                "o": slope * tanh(c) * (o * (1 - o)),
            }
            for gate, made in by_gate.items():
                by_z = self.sheet.name("dL/d" + self.called(f"z{gate}", e, t, k), made)
                self.send(gate, e, t, k, by_z, by_z)
        if t == 0:
            self.by_first[0, e] = self.kept
