"""What a user gets from `dg.activations`."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, ShapeError, UnknownName

sys.path.insert(0, str(Path(__file__).parent))
from odd_networks import odd


def test_each_layer_gives_what_is_computed_by_hand():
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    network[0].weight.data = torch.tensor([[1.0, -1.0], [2.0, 0.0]])
    network[2].weight.data = torch.tensor([[3.0, 1.0]])
    heard = dg.activations(network, [[1.0, 4.0]])
    assert heard["0"].values.tolist() == [[-3.0, 2.0]]
    assert heard["1"].values.tolist() == [[0.0, 2.0]]
    assert heard["2"].values.tolist() == [[2.0]]


def test_a_layer_that_works_in_place_does_not_change_what_was_heard_before():
    network, x = odd("residual")
    heard = dg.activations(network, x)
    assert_close(heard["first"].values, network.first(x).detach())
    assert (heard["first"].values < 0).any() and not (heard["act"].values < 0).any()


def test_a_shared_layer_is_heard_at_each_of_its_calls():
    network, x = odd("shared")
    heard = dg.activations(network, x)
    assert list(heard) == ["again", "again (call 2)", "again (call 3)", "out"]
    assert_close(heard["again (call 2)"].values, network.again(network.again(x).tanh()).detach())
    assert list(dg.activations(network, x, ["again (call 3)"])) == ["again (call 3)"]


def test_steps_that_come_first_are_brought_behind_the_examples():
    network, x = odd("recurrent", examples=7)  # as many as steps
    heard = dg.activations(network, x)["lstm"]
    steps, _ = network.lstm(x.transpose(0, 1))
    assert_close(heard.values, steps.transpose(0, 1).detach())
    assert heard.units == 5 and heard.by_unit().shape == (7, 5, 7)


def test_the_units_of_a_convolution_are_its_maps():
    network, x = odd("convolutional")
    heard = dg.activations(network, x)
    assert heard["0"].units == heard["2"].units == 4
    assert heard["6"].units == 3


def test_a_whole_block_can_be_named():
    network, x = odd("attention")
    heard = dg.activations(network, x, ["block"])["block"]
    assert_close(heard.values, network.eval().block(x).detach(), atol=1e-5, rtol=1e-5)


def test_a_compiled_network_has_the_names_of_its_own_layers():
    network, x = odd("compiled")
    assert list(dg.activations(network, x)) == ["0", "1", "2"]
    network, x = odd("compiled in place")
    assert list(dg.activations(network, x)) == ["0", "1", "2"]


def test_a_network_that_is_one_layer_has_a_name_too():
    assert list(dg.activations(nn.Linear(2, 3), np.ones((1, 2)))) == ["network"]


def test_a_layer_that_is_not_there_is_told_the_layers_there_are():
    network, x = odd("shared")
    with pytest.raises(UnknownName, match=r"There is no layer 'agian'. Did you mean 'again'\? Layers: again, out"):
        dg.activations(network, x, ["agian"])
    with pytest.raises(
        UnknownName, match=r"does not call the layer 'again \(call 9\)' that often; the first call is 'again'"
    ):
        dg.activations(network, x, ["again (call 9)"])


def test_what_is_no_input_is_refused():
    with pytest.raises(SettingError, match="The input 'x' is str"):
        dg.activations(nn.Linear(2, 3), "digits")
    with pytest.raises(ShapeError, match="single number"):
        dg.activations(nn.Linear(2, 3), 4.0)
    with pytest.raises(ShapeError, match="different numbers of examples"):
        dg.activations(odd("two inputs")[0], {"a": torch.ones(2, 4), "b": torch.ones(3, 2)})
