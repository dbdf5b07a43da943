"""Layers that are called more than once, by hand: each call has rows of its own, and the slopes by the weights add up."""

import pytest
import torch
from beside_autograd import F64, beside, drawn, squares
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.errors import SettingError


class Siamese(nn.Module):
    """Two inputs through one layer, and how far apart they come out."""

    def __init__(self):
        super().__init__()
        self.shared, self.head = nn.Linear(2, 2), nn.Linear(2, 1)

    def forward(self, left, right):
        return self.head((torch.tanh(self.shared(left)) - torch.tanh(self.shared(right))) ** 2)


def test_a_siamese_network_has_the_sum_of_both_calls_as_its_slope():
    network, _, random = drawn(Siamese(), (2,), 1, 0)
    inputs = {name: torch.randn(2, 2, generator=random, dtype=F64) for name in ("left", "right")}
    table = beside(network, inputs, torch.tensor([[1.0], [0.0]], dtype=F64), squares)
    row = table.row("dL/dw1[0,1]")
    assert row.formula() == "dL/dw1[0,1] via shared, call 2 + dL/dw1[0,1] via shared, call 1"
    assert table.row("z2[0;0]").formula() == "w1[0,0]·right[0;0] + w1[0,1]·right[0;1] + b1[0]"
    assert {row.layer for row in table.rows} >= {"shared, call 1", "shared, call 2"}
    assert sum(row.quantity == "w1[0,1]" for row in table.rows) == 1  # the weights stand there once


def test_a_shared_weight_worked_out_on_paper():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 3.0)
    network = nn.Sequential(layer, layer).double()  # out = w·(w·x) = w^2·x, so dout/dw = 2·w·x
    table = dg.byhand(network, [2.0], [17.0], loss="mse", learning_rate=0.01)
    assert table.output.tolist() == [18.0] and table.row("dL/dw1[0,0]").value == 2 * (2 * 3 * 2)
    assert table.gradients["0.weight"].tolist() == [[24.0]] and table.updated["0.weight"].item() == pytest.approx(2.76)


def test_a_learner_who_forgets_the_second_call_is_told_so():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 3.0)
    table = dg.byhand(nn.Sequential(layer, layer).double(), [2.0], [17.0], loss="mse")
    said = table.check({"dL/dw1[0,0] via 0, call 1": 12.0, "dL/dw1[0,0]": 12.0})
    assert not said and said.wrong.quantity == "dL/dw1[0,0]" and said.expected == 24.0


def test_all_calls_of_a_layer_that_is_asked_for_are_shown():
    layer = nn.Linear(2, 2)
    network = nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(2, 1)).double()
    whole, some = (dg.byhand(network, [1.0, 2.0], [0.5], layers=layers) for layers in (None, ["0"]))
    assert {row.layer for row in some.rows} == {"0, call 1", "0, call 2", "loss"}
    assert some.row("dL/dw1[1,0]").value == whole.row("dL/dw1[1,0]").value
    second = dg.byhand(network, [1.0, 2.0], [0.5], layers=["0, call 2"])
    assert torch.equal(second.gradients["0.weight"], whole.gradients["0.weight"])  # not half of it


class Tied(nn.Module):
    """A language model whose table of tokens is also its output layer."""

    def __init__(self):
        super().__init__()
        self.table, self.middle, self.output = nn.Embedding(5, 2), nn.Linear(2, 2), nn.Linear(2, 5, bias=False)
        self.output.weight = self.table.weight

    def forward(self, x):
        return self.output(torch.tanh(self.middle(self.table(x)[:, -1])))


def test_tied_weights_get_slopes_from_both_ends():
    network, _, _ = drawn(Tied(), (1,), 1, 2)
    x, y = torch.tensor([[1, 3], [3, 2]]), torch.tensor([2, 0])
    table = beside(network, x, y, F.cross_entropy)
    assert table.row("dL/dw1[3,0]").formula() == "dL/dw1[3,0] via output + dL/dw1[3,0] via table"


class Looped(nn.Module):
    """A recurrent cell in a loop of one's own."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.head = cell(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        state = None
        for step in x.unbind(dim=1):
            state = self.cell(step) if state is None else self.cell(step, state)
        return self.head(state[0] if isinstance(state, tuple) else state)


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_a_cell_in_a_loop_is_calculated_call_by_call(cell):
    network, x, random = drawn(Looped(cell), (3, 2), 2, 0)
    table = beside(network, x, torch.randn(2, 2, generator=random, dtype=F64), squares)
    assert {f"cell, call {k}" for k in (1, 2, 3)} <= {row.layer for row in table.rows}


class Handed(nn.Module):
    """An encoder whose last state is where a decoder starts."""

    def __init__(self, kind):
        super().__init__()
        self.reads, self.writes = (kind(2, 2, batch_first=True) for _ in range(2))
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        _, state = self.reads(x)
        return self.head(self.writes(x.flip(1), state)[0]).squeeze(2)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_state_that_is_handed_on_takes_its_slope_back(kind):
    network, x, random = drawn(Handed(kind), (2, 2), 2, 0)
    beside(network, x, torch.randn(2, 2, generator=random, dtype=F64), squares)


def test_batch_norm_that_is_called_twice_is_refused_in_training_alone():
    norm = nn.BatchNorm1d(2)
    network = nn.Sequential(norm, nn.Linear(2, 2), norm).double()
    x, y = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 1.0], [1.0, 0.0]]
    assert dg.byhand(network, x, y, batch=True).loss is not None
    with pytest.raises(SettingError, match=r"0 is called twice, and in training .* Calculate without training"):
        dg.byhand(network, x, y, batch=True, training=True)
