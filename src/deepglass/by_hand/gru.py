"""GRU: a recurrent cell whose gates say how much of the state is kept, without a memory of its own."""

from collections.abc import Sequence

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import exp, tanh, total
from deepglass.by_hand.recurrent import Recurrent
from deepglass.by_hand.sheet import Grid, empty


class GatedRecurrent(Recurrent):
    """r = sigmoid(zr), u = sigmoid(zu), g = tanh(zg + r·s) with s = wh·h(t-1) + bh of g, h(t) = (1 - u)·g + u·h(t-1).

    torch's form, in which the reset gate r acts after the weights.
    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014; r after the weights: cuDNN.
    """

    gates = ("r", "u", "g")

    def forward_of(self, given: Sequence[Grid]) -> list[Grid]:
        self.values = {letter: empty((*given[0].shape[:2], self.units)) for letter in (*self.gates, "s")}
        return super().forward_of(given)

    def step(self, e: int, t: int) -> list[Expression]:
        found = []
        for k in range(self.units):
            for gate in ("r", "u"):
                terms = [*self.from_input(gate, e, t, k), *self.from_state(gate, e, t, k)]
                z = self.name(f"z{gate}", e, t, k, total(terms))
                self.values[gate][e, t, k] = self.name(gate, e, t, k, 1 / (1 + exp(-z)))
            r, u = self.values["r"][e, t, k], self.values["u"][e, t, k]
            s = self.values["s"][e, t, k] = self.name("s", e, t, k, total(self.from_state("g", e, t, k)))
            z = self.name("zg", e, t, k, total([*self.from_input("g", e, t, k), r * s]))
            g = self.values["g"][e, t, k] = self.name("g", e, t, k, tanh(z))
            found.append(self.name("h", e, t, k, (1 - u) * g + u * self.h[e, t, k]))
        return found

    def step_back(self, e: int, t: int, arriving: list[Expression]) -> None:
        for k, slope in enumerate(arriving):
            r, u, g, s = (self.values[letter][e, t, k] for letter in ("r", "u", "g", "s"))
            before = self.h[e, t, k]
            by_zg = self._slope_of("zg", e, t, k, slope * (1 - u) * (1 - g**2))
            by_zu = self._slope_of("zu", e, t, k, slope * (before - g) * (u * (1 - u)))
            by_zr = self._slope_of("zr", e, t, k, by_zg * s * (r * (1 - r)))
            by_s = self.slope(s, by_zg * r)
            self.send("r", e, t, k, by_zr, by_zr)
            self.send("u", e, t, k, by_zu, by_zu)
            self.send("g", e, t, k, by_zg, by_s)
            self.back[k].append(slope * u)

    def _slope_of(self, letter: str, e: int, t: int, k: int, made: Expression) -> Expression:
        return self.sheet.name("dL/d" + self.called(letter, e, t, k), made)
