import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.probes.graph import told

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]])
Y = torch.tensor([0, 2, 1])


def network(outputs=3, last=None):
    torch.manual_seed(0)
    layers = [nn.Linear(2, outputs)] + ([last] if last is not None else [])
    return nn.Sequential(*layers)


def read(loss_of, outputs=3, last=None):
    y = network(outputs, last)(X)
    return told(loss_of(y), [y])


def test_cross_entropy_of_logits_is_read_with_its_targets():
    found = read(lambda y: F.cross_entropy(y, Y))
    assert (found.loss, found.takes, found.activation, found.sign) == ("cross_entropy", "logits", "", 1)
    assert found.targets.tolist() == [0, 2, 1]
    assert (found.softmax_axis, found.softmax_size) == (1, 3)
    assert found.is_plain
    assert not found.weighs_classes


@pytest.mark.parametrize("inside", [True, False], ids=["in the network", "in the loop"])
def test_a_softmax_before_cross_entropy_is_seen_wherever_it_stands(inside):
    found = (
        read(lambda y: F.cross_entropy(y, Y), last=nn.Softmax(1))
        if inside
        else read(lambda y: nn.CrossEntropyLoss()(y.softmax(1), Y))
    )
    assert (found.loss, found.activation) == ("cross_entropy", "softmax")


def test_a_sigmoid_before_a_loss_that_applies_it_again_is_seen():
    labels = torch.tensor([0.0, 1.0, 1.0])
    found = read(lambda y: F.binary_cross_entropy_with_logits(torch.sigmoid(y)[:, 0], labels), outputs=1)
    assert (found.loss, found.takes, found.activation) == ("binary_cross_entropy", "logits", "sigmoid")


def test_negative_log_likelihood_of_logits_is_told_from_cross_entropy():
    assert read(lambda y: F.nll_loss(y, Y)).loss == "negative_log_likelihood"
    assert read(lambda y: F.nll_loss(F.log_softmax(y, 1), Y)).loss == "cross_entropy"


def test_a_softmax_over_the_batch_says_its_axis():
    assert read(lambda y: F.nll_loss(F.log_softmax(y, 0), Y)).softmax_axis == 0


def test_minus_a_loss_counts_as_minus_and_minus_twice_as_plus():
    assert read(lambda y: -F.cross_entropy(y, Y)).sign == -1
    assert read(lambda y: 1 - F.cross_entropy(y, Y)).sign == -1
    assert read(lambda y: F.cross_entropy(y, Y) * -0.5).sign == -1
    assert read(lambda y: 0 - (-F.cross_entropy(y, Y))).sign == 1


@pytest.mark.parametrize("by_hand", [True, False])
def test_shapes_that_spread_are_seen(by_hand):
    numbers = torch.tensor([1.0, 2.0, 3.0])
    with pytest.warns(UserWarning) if not by_hand else torch.enable_grad():
        found = read(lambda y: ((y - numbers) ** 2).mean() if by_hand else F.mse_loss(y, numbers), outputs=1)
    assert found.shape == (3, 1)
    assert found.compared == (3, 3)


@pytest.mark.parametrize("turned", [False, True])
def test_the_targets_of_a_difference_taken_by_hand_are_found_again(turned):
    numbers = torch.tensor([1.0, 2.0, 3.0])
    found = read(lambda y: ((numbers - y[:, 0] if turned else y[:, 0] - numbers) ** 2).mean(), outputs=1)
    assert_close(found.targets, numbers)
    assert found.loss == "mse"
    assert found.by_hand


def test_a_squared_weight_is_no_loss_of_the_answers():
    layer = network()
    y = layer(X)
    found = told(F.cross_entropy(y, Y) + 0.1 * layer[0].weight.pow(2).sum(), [y])
    assert found.loss == "cross_entropy"


def test_the_output_that_is_judged_is_told_from_the_other():
    first, second = network(3)(X), network(1)(X)
    found = told(F.mse_loss(second[:, 0], torch.zeros(3)) * 0.1, [first, second])
    assert (found.loss, found.output) == ("mse", 1)


def test_a_logarithm_of_a_probability_is_seen():
    assert read(lambda y: -torch.log(y.softmax(1)[range(3), Y]).mean()).has_bare_logarithm
    assert not read(lambda y: F.cross_entropy(y, Y)).has_bare_logarithm


def test_a_loss_that_is_not_known_is_not_guessed():
    assert read(lambda y: y.exp().sum()) is None
    assert told(torch.tensor(1.0), []) is None
