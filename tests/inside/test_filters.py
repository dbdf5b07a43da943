"""What a user gets from `dg.filters`."""

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError, UnknownName


def test_the_first_two_convolutions_are_shown_unless_others_are_named():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.Conv2d(5, 6, 1), nn.Flatten(), nn.Linear(6, 2)
    )
    found = dg.filters(network)
    assert {name: tuple(one.values.shape) for name, one in found.items()} == {"0": (4, 3, 3, 3), "2": (5, 4, 3, 3)}
    assert torch.equal(found["0"].values, network[0].weight)
    assert list(dg.filters(network, ["5", "3"])) == ["5", "3"]


def test_without_convolutions_it_is_the_first_dense_layer():
    assert list(dg.filters(dg.build("mlp", inputs=(4,), outputs=3))) == ["hidden1"]


def test_the_partly_connected_layer_of_lenet_shows_nothing_where_it_is_not_connected():
    found = dg.filters(dg.build("lenet5", inputs=(1, 28, 28), outputs=10, version="1998"))["c3"].values
    assert found.shape == (16, 6, 5, 5)
    assert not found[0, 3:].any() and found[0, :3].any()  # the first map of C3 sees the maps 0 to 2


def test_filters_do_not_change_with_the_network():
    network = nn.Conv2d(1, 2, 3)
    before = dg.filters(network)["network"].values
    with torch.no_grad():
        network.weight.add_(1)
    assert not torch.equal(before, network.weight)


def test_layers_without_filters_are_refused():
    with pytest.raises(SettingError, match="The layer '1' is a ReLU, which has no filters"):
        dg.filters(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), ["1"])
    with pytest.raises(SettingError, match="LSTM has neither convolutions nor dense layers"):
        dg.filters(nn.LSTM(2, 2))
    with pytest.raises(UnknownName, match="There is no layer 'conv'"):
        dg.filters(nn.Conv2d(1, 1, 1), ["conv"])
