import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import UnknownName
from deepglass.layers import INITIALIZATIONS, PartialConv2d, initialize


def spread(layer: nn.Linear) -> float:
    return layer.weight.std().item()


def test_auto_is_he_before_relu_and_glorot_before_tanh_and_in_the_last_layer():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(400, 300), nn.ReLU(), nn.Linear(300, 200), nn.Tanh(), nn.Linear(200, 100))
    initialize(net)
    assert spread(net[0]) == pytest.approx(math.sqrt(2 / 400), rel=0.02)
    assert spread(net[2]) == pytest.approx(math.sqrt(2 / (300 + 200)), rel=0.02)
    assert spread(net[4]) == pytest.approx(math.sqrt(2 / (200 + 100)), rel=0.02)


def test_an_activation_that_is_no_module_can_be_told():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(400, 300), nn.Linear(300, 10))
    initialize(net, activation=nn.ReLU())
    assert spread(net[0]) == pytest.approx(math.sqrt(2 / 400), rel=0.02)


@pytest.mark.parametrize(("name", "std"), [("normal", 0.01), ("uniform", 0.1 / math.sqrt(12)), ("lecun", 0.05)])
def test_a_named_initialization_has_the_spread_of_its_source(name, std):
    torch.manual_seed(0)
    net = nn.Linear(400, 300)
    initialize(net, name)
    assert spread(net) == pytest.approx(std, rel=0.02)


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_every_initialization_gives_finite_weights_and_zero_biases(name):
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), PartialConv2d(4, [[0, 1], [2, 3]], 3), nn.Conv2d(2, 2, 1))
    assert initialize(net, name) is net
    assert all(p.isfinite().all() for p in net.parameters())
    if name != "default":
        assert all(p.eq(0).all() for n, p in net.named_parameters() if n.endswith("bias"))


def test_default_leaves_what_pytorch_chose_and_norms_are_never_touched():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    before = [p.clone() for p in net.parameters()]
    assert_close(list(initialize(net, "default").parameters()), before)
    assert initialize(net, "zeros")[1].weight.eq(1).all() and net[0].weight.eq(0).all()


def test_an_unknown_initialization_is_told_the_known_ones():
    with pytest.raises(UnknownName, match=r"no initialization 'glorott'. Did you mean 'glorot'\? Known: auto, default"):
        initialize(nn.Linear(1, 1), "glorott")
