"""LSTM: a recurrent cell with a memory, and gates that say what is forgotten, taken in and given out."""

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

    def forward(self, x: Grid) -> Grid:
        shape = (len(x), x.shape[1] if x.ndim > 1 else 0, self.units)
        self.values = {gate: empty(shape) for gate in self.gates}
        self.c = empty((shape[0], shape[1] + 1, shape[2]))
        return super().forward(x)

    def step(self, e: int, t: int) -> list[Expression]:
        found = []
        for k in range(self.units):
            if t == 0:
                self.c[e, 0, k] = self.nothing("c", e, k)
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
            self.kept: list[Expression] = [Constant(0)] * self.units  # what the memory sends back from the step after
        for k, slope in enumerate(arriving):
            i, f, g, o = (self.values[gate][e, t, k] for gate in self.gates)
            c = self.c[e, t + 1, k]
            through = slope * o * (1 - tanh(c) ** 2)
            later = self.kept[k]
            by_c = self.slope(c, through if isinstance(later, Constant) else through + later)
            self.kept[k] = by_c * f
            by_gate = {
                "i": by_c * g * (i * (1 - i)),
                "f": by_c * self.c[e, t, k] * (f * (1 - f)),
                "g": by_c * i * (1 - g**2),
                "o": slope * tanh(c) * (o * (1 - o)),
            }
            for gate, made in by_gate.items():
                by_z = self.sheet.name("dL/d" + self.sheet.called(f"z{gate}{self.tag}", (e, t, k)), made)
                self.send(gate, e, t, k, by_z, by_z)
