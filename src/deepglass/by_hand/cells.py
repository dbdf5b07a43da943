"""Cells: one step of a recurrent layer, as a forward of one's own calls it in a loop."""

from collections.abc import Sequence

from deepglass.by_hand.gru import GatedRecurrent
from deepglass.by_hand.lstm import LongShortTerm
from deepglass.by_hand.recurrent import PlainRecurrent, Recurrent
from deepglass.by_hand.sheet import Grid, zeros


class Cell(Recurrent):
    """A series of one step, from the state that is given on.

    Shapes: input (examples, features), output and states (examples, units).
    """

    gives = 1

    def prepare(self) -> None:
        self.reverse, self.suffix, self.units = False, "", self.layer.hidden_size
        self.take_gates()

    def forward_of(self, given: Sequence[Grid]) -> list[Grid]:
        x, *states = given
        _, *after = super().forward_of([x[:, None] if x.ndim == 2 else x, *(state[None] for state in states)])
        return [state[0] for state in after]

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        slope, *others = slopes
        by_x, *by_states = super().backward_to([slope[:, None], zeros(slope.shape), *(other[None] for other in others)])
        return [by_x[:, 0], *(by[0] for by in by_states)]


class PlainCell(Cell, PlainRecurrent):
    """For nn.RNNCell."""


class GatedCell(Cell, GatedRecurrent):
    """For nn.GRUCell."""


class LongShortCell(Cell, LongShortTerm):
    """For nn.LSTMCell."""

    gives = 2
