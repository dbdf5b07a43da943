"""Networks whose values go several ways, by hand: skips, attention, two inputs. Each number is as autograd has it."""

from collections import Counter

import numpy as np
import pytest
import torch
from beside_autograd import F64, beside, drawn, squares
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.errors import SettingError, ShapeError
from deepglass.layers.attention import DotProductAttention, SelfAttention
from deepglass.layers.residual import BasicBlock


class Branch(nn.Module):
    """A skip in words of torch: no module adds."""

    def __init__(self):
        super().__init__()
        self.inner, self.outer, self.end = nn.Linear(2, 3), nn.Linear(3, 2), nn.Linear(2, 2)

    def forward(self, x):
        y = self.outer(F.relu(self.inner(x)))
        y += x
        return self.end(torch.relu(y))


def test_a_skip_shows_the_branch_the_skip_and_their_sum():
    network = nn.Sequential(nn.Linear(1, 1), Branch1())
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.5)
    table = dg.byhand(network.double(), [3.0], [0.0], loss="mse")
    # z1 = 0.5·3 + 0.5 = 2, branch z2 = 0.5·2 + 0.5 = 1.5, sum = 3.5, L = 12.25, dL/dsum = 7
    assert [table.row(q).value for q in ("z1[0]", "z2[0]", "sum2[0]")] == [2.0, 1.5, 3.5]
    assert table.row("sum2[0]").formula() == "z2[0] + z1[0]"
    assert table.row("dL/dz1[0] via 1.branch").value == 3.5  # 7·0.5, over the branch
    back = table.row("dL/dz1[0]")
    assert back.formula() == "dL/dsum2[0] + dL/dz1[0] via 1.branch"
    assert back.value == 10.5 and back.layer == "0" and back.part == "backward"


class Branch1(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Linear(1, 1)

    def forward(self, x):
        return self.branch(x) + x


def test_a_learner_who_forgets_the_skip_on_the_way_back_is_told_so():
    network = nn.Sequential(nn.Linear(1, 1), Branch1())
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.5)
    table = dg.byhand(network.double(), [3.0], [0.0], loss="mse")
    said = table.check({"sum2[0]": 3.5, "dL/dz1[0] via 1.branch": 3.5, "dL/dz1[0]": 3.5})
    assert said.right == 2 and said.wrong.quantity == "dL/dz1[0]" and said.expected == 10.5


def test_a_skip_in_words_of_torch_is_followed_and_in_place_too():
    network, x, random = drawn(Branch(), (2,), 2, 3)
    table = beside(network, x, torch.randn(2, 2, generator=random, dtype=F64), squares)
    assert {"relu after inner", "sum after outer", "relu after outer"} <= {row.layer for row in table.rows}


@pytest.mark.parametrize("options", [{}, {"stride": 2, "shortcut": "padding"}, {"preactivation": True}])
def test_a_residual_block_of_ours_is_calculated(options):
    network = nn.Sequential(BasicBlock(1, 2, **options), nn.Flatten(), nn.LazyLinear(2))
    network.eval()(torch.ones(1, 1, 2, 2))
    network, x, random = drawn(network, (1, 2, 2), 1, 1)
    beside(network, x, torch.randn(1, 2, generator=random, dtype=F64), squares)


def test_a_branch_that_starts_at_zero_is_still_there():
    network, x, random = drawn(BasicBlock(1, 1, zero_start=True), (1, 2, 2), 2, 0)
    nn.init.zeros_(network.bn2.weight)
    nn.init.zeros_(network.bn2.bias)
    beside(network, x, torch.randn(2, 1, 2, 2, generator=random, dtype=F64), squares)


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(2, width) for width in (3, 3, 2))
        self.attend, self.norm, self.head = DotProductAttention(), nn.LayerNorm(2), nn.Linear(2, 2)

    def forward(self, x):
        mixed = self.attend(self.query(x), self.key(x), self.value(x))
        return self.head(self.norm(x + mixed)[:, -1])


def test_attention_with_queries_keys_and_values_of_ones_own():
    network, x, random = drawn(Attending(), (3, 2), 2, 0)
    table = beside(network, x, torch.randn(2, 2, generator=random, dtype=F64), squares)
    weights = [row.value for row in table.rows if row.quantity.startswith("alpha4[0;1,")]
    assert len(weights) == 3 and sum(weights) == pytest.approx(1)
    ways = {row.quantity.split(" via ")[1] for row in table.rows if row.quantity.startswith("dL/dx[0;0,0] via")}
    assert ways == {"query", "key", "value"}  # and the skip, which hands its slope on as it is


def test_the_weights_of_attention_worked_out_on_paper():
    class Alone(nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = DotProductAttention()

        def forward(self, q, k, v):
            return self.attend(q, k, v)

    q, k, v = [[2.0]], [[np.log(2) / 2], [0.0]], [[3.0], [0.0]]  # scores ln 2 and 0, so weights 2/3 and 1/3
    table = dg.byhand(Alone(), {"q": q, "k": k, "v": v}, [[0.0]], loss="mse")
    assert table.row("alpha1[0,0]").value == pytest.approx(2 / 3)
    assert table.row("alpha1[0,0]").formula() == "e1[0,0] / S1[0]"
    assert table.row("mix1[0,0]").value == pytest.approx(2.0)
    # dL/dmix = 2·2 = 4; dL/dalpha = (12, 0), their mean 8; dL/ds = 2/3·(12 - 8) and 1/3·(0 - 8)
    assert table.row("dL/ds1[0,0]").value == pytest.approx(8 / 3)
    assert table.row("dL/ds1[0,1]").value == pytest.approx(-8 / 3)


class Torch(nn.Module):
    def __init__(self, causal=False):
        super().__init__()
        self.attend, self.causal = nn.MultiheadAttention(4, 2, batch_first=True), causal

    def forward(self, x):
        mask = torch.ones(3, 3, dtype=torch.bool).triu(1) if self.causal else None
        return self.attend(x, x, x, need_weights=False, attn_mask=mask)[0]


@pytest.mark.parametrize("causal", [False, True])
def test_the_attention_of_torch_is_calculated(causal):
    network, x, random = drawn(Torch(causal), (3, 4), 1, 0)
    beside(network, x, torch.randn(1, 3, 4, generator=random, dtype=F64), squares)


def test_an_encoder_block_of_a_transformer_is_calculated():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.RMSNorm(2), nn.RMSNorm(2)
            self.attend, self.wide, self.narrow = SelfAttention(2, 1, causal=True), nn.Linear(2, 4), nn.Linear(4, 2)

        def forward(self, x):
            x = x + self.attend(self.first(x))
            return x + self.narrow(F.relu(self.wide(self.second(x))))

    network, x, random = drawn(Block(), (3, 2), 1, 0)
    beside(network, x, torch.randn(1, 3, 2, generator=random, dtype=F64), squares)


class TwoInputs(nn.Module):
    def __init__(self, join):
        super().__init__()
        self.left_side, self.right_side, self.head = nn.Linear(2, 2), nn.Linear(3, 2), nn.LazyLinear(3)
        self.join = join

    def forward(self, left, right):
        return self.head(self.join(F.relu(self.left_side(left)), torch.tanh(self.right_side(right))))


JOINS = {"sum": torch.add, "product": torch.mul, "side by side": lambda a, b: torch.cat([a, b], dim=1)}


@pytest.mark.parametrize("join", JOINS)
def test_two_inputs_are_joined(join):
    network = TwoInputs(JOINS[join])
    network(torch.ones(1, 2), torch.ones(1, 3))
    network, _, random = drawn(network, (2,), 1, 0)
    inputs = {
        "left": torch.randn(2, 2, generator=random, dtype=F64),
        "right": torch.randn(2, 3, generator=random, dtype=F64),
    }
    table = beside(network, inputs, torch.tensor([0, 2]), F.cross_entropy)
    calculated = Counter(row.layer for row in table.rows)[f"{join} after right_side"]
    assert bool(calculated) == (join != "side by side")  # there the numbers stand beside one another as they are
    both = dg.byhand(network, (inputs["left"][0], inputs["right"][0]), 0)
    assert both.row("x1[0]").value == inputs["left"][0, 0] and both.row("x2[2]").value == inputs["right"][0, 2]


def test_inputs_that_do_not_fit_together_are_told():
    network = TwoInputs(torch.add)
    network(torch.ones(1, 2), torch.ones(1, 3))
    with pytest.raises(ShapeError, match="different numbers of examples: left 1, right 2"):
        dg.byhand(network, {"left": [[1.0, 2.0]], "right": [[1.0, 2.0, 3.0]] * 2}, [0], batch=True)
    with pytest.raises(ShapeError):
        dg.byhand(network, {"left": [1.0, 2.0, 3.0], "right": [1.0, 2.0, 3.0]}, 0)


def test_layers_that_are_asked_for_have_the_numbers_of_the_whole_table():
    network, x, random = drawn(Branch(), (2,), 1, 3)
    y = torch.randn(1, 2, generator=random, dtype=F64)
    whole, some = (dg.byhand(network, x[0], y[0], layers=layers) for layers in (None, ["outer"]))
    assert {row.layer for row in some.rows} == {"outer", "loss"}
    for row in some.rows:
        assert row.value == whole.row(row.quantity).value


def test_what_a_forward_does_without_a_name_is_refused_rather_than_left_out():
    class Added(Branch):
        def forward(self, x):
            return self.outer(self.inner(x)).cumsum(dim=1)

    with pytest.raises(
        SettingError, match=r"After outer, forward of Added does something that is not .* cumsum. Write it with"
    ):
        dg.byhand(Added().double(), [1.0, 2.0], [1.0, 2.0])


def test_a_forward_that_writes_into_a_tensor_is_refused_rather_than_calculated_wrongly():
    class Written(Branch):
        def forward(self, x):
            y = self.inner(x)
            y[:, 0] = 0
            return self.outer(y)

    class Seen(Branch):
        def forward(self, x):
            y = self.inner(x)
            y[:, :1].add_(1)  # a part of y, which y then shows
            return self.outer(y)

    with pytest.raises(SettingError, match=r"After inner, .*x\[...\] = ..."):
        dg.byhand(Written().double(), [1.0, 2.0])
    with pytest.raises(SettingError, match=r"the output of Seen would be another .* Write that as a new tensor"):
        dg.byhand(Seen().double(), [1.0, 2.0])


class Arithmetic(nn.Module):
    """A forward with what torch can do with numbers, and a parameter of its own."""

    def __init__(self):
        super().__init__()
        self.first, self.scale = nn.Linear(2, 3), nn.Parameter(torch.ones(3))

    def forward(self, x):
        y = self.first(x)
        z = (1 - y) / (1 + y.abs()) + 2 * self.scale * y.exp() - y**2 / 3
        z = torch.where(x[:, :1] > 0, z, -z).flip(1)
        return torch.stack([z.sum(dim=1), z.mean(1), z.amax(1), (z @ z.mT).sqrt().diagonal(dim1=0, dim2=1)], dim=1)[
            :, :3
        ]


def test_arithmetic_in_a_forward_is_calculated_with_what_belongs_to_no_layer():
    network, x, random = drawn(Arithmetic(), (2,), 1, 1)
    beside(network, x, torch.randn(1, 3, generator=random, dtype=F64), squares)


class Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, slope):
        return slope  # as if nothing had been done


def test_a_way_back_of_ones_own_is_refused_rather_than_guessed():
    class Own(Branch):
        def forward(self, x):
            return self.outer(Rounded.apply(self.inner(x)))

    with pytest.raises(
        SettingError, match=r"Own has a function with a way back of its own, RoundedBackward, .* Write what it"
    ):
        dg.byhand(Own().double(), [1.0, 2.0])


def test_what_a_forward_takes_off_the_way_back_gets_no_slope():
    class Cut(Branch):
        def forward(self, x):
            return self.end(x + self.outer(self.inner(x)).detach())

    network, x, random = drawn(Cut(), (2,), 1, 0)
    y = torch.randn(1, 2, generator=random, dtype=F64)
    table = dg.byhand(network, x, y, batch=True)
    loss = squares(network(x), y)
    wanted = torch.autograd.grad(loss, list(network.end.parameters()))
    assert torch.allclose(table.gradients["end.weight"], wanted[0])
    assert not table.gradients["inner.weight"].any() and not table.gradients["outer.bias"].any()


def test_dropout_within_a_forward_of_ones_own_is_asked_for_by_name():
    class Dropped(Branch):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def forward(self, x):
            return self.outer(self.drop(self.inner(x)))

    network, x, _ = drawn(Dropped(), (2,), 1, 0)
    with pytest.raises(SettingError, match=r"masks=\{'drop': \[1, 0, 1\]\}"):
        dg.byhand(network, x[0], training=True)
    found = dg.byhand(network, x[0], training=True, masks={"drop": [1, 0, 1]})
    kept = torch.tensor([1.0, 0.0, 1.0], dtype=F64) / 0.5
    assert np.allclose(found.output, network.outer(network.inner(x) * kept)[0].detach())
