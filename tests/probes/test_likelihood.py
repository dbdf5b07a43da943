import pytest
import torch
from torch import nn
from torch.nn import functional as F

from deepglass.probes.graph import told

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]])
Y = torch.tensor([0, 2, 1])
MARKS = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
ANSWERS = torch.tensor([0.0, 1.0, 1.0])


def read(loss_of, outputs=3, last=None):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, outputs), *([last] if last is not None else []))
    y = network(X)
    return told(loss_of(y), [y])


WRITTEN = {
    "picked by place": lambda y: -F.log_softmax(y, 1)[torch.arange(3), Y].mean(),
    "gathered": lambda y: -F.log_softmax(y, 1).gather(1, Y[:, None]).mean(),
    "ones and zeros": lambda y: -(MARKS * F.log_softmax(y, 1)).sum(1).mean(),
    "divided by hand": lambda y: -(MARKS * F.log_softmax(y, 1)).sum() / 3,
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_cross_entropy_that_is_written_out_is_read_with_its_classes(way):
    found = read(WRITTEN[way])
    assert (found.loss, found.takes, found.sign, found.by_hand) == ("cross_entropy", "logits", 1, True)
    assert found.targets.tolist() == [0, 2, 1]


@pytest.mark.parametrize("way", WRITTEN)
def test_without_its_minus_it_counts_as_minus(way):
    assert read(lambda y: -WRITTEN[way](y)).sign == -1


def test_a_log_softmax_that_is_the_last_layer_is_read_too():
    found = read(lambda y: y[torch.arange(3), Y].mean(), last=nn.LogSoftmax(1))
    assert (found.loss, found.sign, found.activation) == ("cross_entropy", -1, "")


def test_a_logarithm_of_a_softmax_gives_log_probabilities():
    found = read(lambda y: -(MARKS * torch.log(y + 1e-8)).sum(1).mean(), last=nn.Softmax(1))
    assert (found.loss, found.takes, found.activation) == ("negative_log_likelihood", "log_probabilities", "softmax")


@pytest.mark.parametrize("last", [nn.Sigmoid(), nn.ReLU()], ids=["sigmoid", "relu"])
def test_both_sides_of_a_binary_one_are_read_with_what_the_network_gives_before_it_is_cut_off(last):
    def loss(y):
        p = y[:, 0].clamp(1e-7, 1 - 1e-7)
        return -(ANSWERS * p.log() + (1 - ANSWERS) * (1 - p).log()).mean()

    found = read(loss, outputs=1, last=last)
    assert (found.loss, found.sign) == ("binary_cross_entropy_of_probabilities", 1)
    assert found.activation == type(last).__name__.lower()
    assert found.targets.tolist() == [0, 1, 1]


def test_a_linear_layer_that_is_taken_for_a_probability_is_told():
    def loss(y):
        p = y[:, 0].clamp(1e-7, 1 - 1e-7)
        return -(ANSWERS * p.log() + (1 - ANSWERS) * (1 - p).log()).mean()

    assert read(loss, outputs=1).ends_linear
    assert not read(loss, outputs=1, last=nn.Sigmoid()).ends_linear


def test_returns_of_a_policy_are_no_cross_entropy():
    returns = torch.tensor([2.0, -1.0, 0.5])
    assert read(lambda y: -(returns * F.log_softmax(y, 1)[torch.arange(3), Y]).mean()) is None


def test_an_entropy_is_no_cross_entropy():
    assert read(lambda y: -(F.softmax(y, 1) * F.log_softmax(y, 1)).sum()) is None


def test_a_logarithm_in_front_of_the_loss_does_not_hide_the_last_activation():
    found = read(lambda y: F.nll_loss((y / y.sum(1, keepdim=True)).clamp(1e-7, 1).log(), Y), last=nn.ReLU())
    assert (found.loss, found.activation) == ("negative_log_likelihood", "relu")


@pytest.mark.parametrize("weights, weighs", [([1.0, 39.0, 39.0], True), ([1.0, 1.0, 1.0], False)])
def test_weights_by_product_weigh_classes_where_they_differ_between_them(weights, weighs):
    found = read(lambda y: (F.cross_entropy(y, ANSWERS.long(), reduction="none") * torch.tensor(weights)).mean())
    assert found.weighs_classes is weighs
