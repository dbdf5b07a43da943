"""Every loss by hand is as by autograd, also where float64 runs out."""

import copy

import pytest
import torch
from beside_autograd import F64, assert_formulas, by_autograd, drawn, same
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.by_hand.losses import LOSSES as BY_HAND
from deepglass.tasks.losses import LOSSES

ENDS = {"probabilities": nn.Sigmoid, "log_probabilities": lambda: nn.LogSoftmax(dim=1)}


def of(name, size, several, seed):
    """A network that ends as the loss wants it, with its input and target."""
    loss = LOSSES[name]
    outputs = (
        1 if loss.outputs == "one" or (loss.target == "category" and loss.outputs == "any" and several == 1) else size
    )
    end = nn.Softmax(dim=1) if name == "categorical_cross_entropy" else ENDS.get(loss.takes, nn.Identity)()
    network, x, random = drawn(nn.Sequential(nn.Linear(2, outputs), end), (2,), several, seed)
    if loss.target == "category":
        y = torch.randint(0, max(2, outputs), (several,), generator=random)
    elif loss.target == "labels":
        y = torch.randint(0, 2, (several, outputs), generator=random).double()
    else:
        y = torch.randn(several, outputs, generator=random, dtype=F64)
    return network, x, y


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=15)
@given(size=st.integers(2, 4), several=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_a_loss_by_hand_is_as_by_autograd(name, size, several, seed):
    network, x, y = of(name, size, several, seed)
    table = dg.byhand(network, x, y, batch=True, loss=name)
    assert table.loss_name == name
    same(table, by_autograd(network, x, y, lambda out, y: LOSSES[name].function(out, y).mean()), x)
    assert_formulas(table)


def test_every_loss_of_a_task_has_its_rule():
    assert set(BY_HAND) == set(LOSSES)


@pytest.mark.parametrize(
    "name", ["cross_entropy", "binary_cross_entropy", "hinge", "perceptron", "huber", "mae", "mse"]
)
@pytest.mark.parametrize("scale", [0.0, 40.0, 2000.0])
def test_a_loss_by_hand_holds_for_outputs_that_are_zero_or_huge(name, scale):
    outputs = 1 if name == "binary_cross_entropy" else 3
    network, x, _ = drawn(nn.Linear(2, outputs), (2,), 2, 3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(scale)
    y = torch.tensor([1, 0]) if outputs == 1 or LOSSES[name].target == "category" else torch.zeros(2, 3, dtype=F64)
    table = dg.byhand(network, x, y, batch=True, loss=name)
    same(table, by_autograd(network, x, y, lambda out, y: LOSSES[name].function(out, y).mean()), x)


@pytest.mark.parametrize("name", ["categorical_cross_entropy", "binary_cross_entropy_of_probabilities"])
def test_a_probability_of_zero_keeps_its_loss_finite(name):
    network = nn.Identity()
    p = torch.tensor([[0.0, 1.0]] if name.startswith("cat") else [[0.0]], dtype=F64)
    y = torch.tensor([0 if name.startswith("cat") else 1])
    table = dg.byhand(network, p, y, batch=True, loss=name)
    same(table, by_autograd(network, p, y, lambda out, y: LOSSES[name].function(out, y).mean()), p)


@pytest.mark.parametrize(
    ("end", "y", "expected"),
    [
        (nn.Identity(), 1, "cross_entropy"),
        (nn.Softmax(dim=1), 1, "categorical_cross_entropy"),
        (nn.LogSoftmax(dim=1), 1, "negative_log_likelihood"),
        (nn.Identity(), [0.5, 0.25], "mse"),
    ],
)
def test_the_loss_that_suits_output_and_target_is_chosen(end, y, expected):
    assert dg.byhand(nn.Sequential(nn.Linear(1, 2), end), [1.0], y).loss_name == expected


def test_one_output_and_a_class_take_binary_cross_entropy():
    assert dg.byhand(nn.Linear(1, 1), [1.0], 1).loss_name == "binary_cross_entropy"
    sigmoid = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())
    assert dg.byhand(sigmoid, [1.0], True).loss_name == "binary_cross_entropy_of_probabilities"


def test_a_class_stands_for_a_row_with_a_one_where_numbers_are_compared():
    table = dg.byhand(nn.Linear(1, 3), [1.0], 2, loss="mse")
    assert [table.row(f"y[{k}]").value for k in range(3)] == [0, 0, 1]


def test_a_target_that_does_not_fit_is_told():
    with pytest.raises(dg.errors.ShapeError, match=r"one class from 0 to 2 .* y is 3"):
        dg.byhand(nn.Linear(1, 3), [1.0], 3)
    with pytest.raises(dg.errors.ShapeError, match="output has 3 numbers an example, and y has 2"):
        dg.byhand(nn.Linear(1, 3), [1.0], [1.0, 2.0])
    with pytest.raises(dg.errors.ShapeError, match="y has 3 targets for 2 examples"):
        dg.byhand(nn.Linear(1, 1), [[1.0], [2.0]], [1.0, 2.0, 3.0], batch=True)
    with pytest.raises(dg.errors.UnknownName, match=r"no loss 'mes'. Did you mean 'mse'"):
        dg.byhand(nn.Linear(1, 1), [1.0], 1.0, loss="mes")


@settings(max_examples=10)
@given(
    seed=st.integers(0, 10**6),
    rate=st.floats(0, 2),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    decay=st.sampled_from([0.0, 0.1]),
)
def test_two_steps_by_hand_are_those_of_torch(seed, rate, momentum, decay):
    network, x, _ = drawn(nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.LayerNorm(2), nn.Linear(2, 2)), (3,), 2, seed)
    other, y = copy.deepcopy(network), torch.tensor([0, 1])
    spared = [p for name, p in other.named_parameters() if "bias" in name or name.startswith("2.")]
    weights = [p for name, p in other.named_parameters() if "bias" not in name and not name.startswith("2.")]
    groups = [{"params": spared}, {"params": weights, "weight_decay": decay}]
    optimizer = torch.optim.SGD(groups, lr=rate, momentum=momentum)
    velocity = None
    for _ in range(2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(other(x), y).backward()
        optimizer.step()
        step = {"learning_rate": rate, "momentum": momentum, "weight_decay": decay, "velocity": velocity}
        table = dg.byhand(network, x, y, batch=True, **step)
        assert_formulas(table)
        network.load_state_dict(table.updated)
        velocity = table.velocity
        for name, parameter in other.named_parameters():
            assert_close(table.updated[name], parameter.detach(), rtol=1e-9, atol=1e-9)


def test_frozen_weights_get_no_step():
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)).double()
    network[0].requires_grad_(False)
    table = dg.byhand(network, [1.0, 2.0], 0.5)
    assert set(table.gradients) == set(table.updated) == {"1.weight", "1.bias"}
    assert not any(row.quantity.startswith(("dL/dw1", "new w1")) for row in table.rows)
