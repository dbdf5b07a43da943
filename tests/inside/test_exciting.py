"""What a user gets from `dg.exciting`."""

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, SettingError, UnknownName


def known(examples=40):
    """Data whose example i has the inputs (i, -i), unscaled, and a network that hands them on."""
    x = np.stack([np.arange(examples), -np.arange(examples)], axis=1).astype(np.float32)
    data = dg.load((x, np.arange(examples) % 2), scaling="none")
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU())
    network[0].weight.data = torch.eye(2)
    return network, data


def test_the_examples_with_the_largest_numbers_come_first():
    network, data = known()
    found = dg.exciting(network, data, "1", 0, split="train", count=4)
    largest = sorted(data.members("train").tolist(), reverse=True)[:4]
    assert found.ids.tolist() == largest
    assert found.values.tolist() == [float(i) for i in largest]
    assert found.looked_at == len(data.members("train"))


def test_a_unit_that_never_gives_anything_is_seen_as_silent():
    network, data = known()
    found = dg.exciting(network, data, "1", 1)
    assert (found.mean, found.active) == (0.0, 0.0)
    assert found.ids.tolist() == data.members("validation")[:9].tolist()  # of equals the first


def test_only_the_split_that_was_asked_for_is_looked_at_and_never_the_test_split():
    network, data = known()
    assert set(dg.exciting(network, data, "0", 0).ids.tolist()) <= set(data.members("validation").tolist())
    with pytest.raises(DataError, match="The test split is behind glass"):
        dg.exciting(network, data, "0", 0, split="test")


def test_of_a_map_the_place_of_its_largest_number_is_told():
    images = np.zeros((30, 1, 4, 4), dtype=np.float32)
    images[np.arange(30), 0, 1, 2] = np.arange(30)
    data = dg.load((images, np.arange(30) % 2), scaling="none")
    network = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False))
    network[0].weight.data.fill_(1.0)
    found = dg.exciting(network, data, "0", 0, split="train", count=3)
    assert found.places.tolist() == [[0.375, 0.625]] * 3  # the middle of row 1 and column 2, of 4


def test_units_and_layers_that_are_not_there_are_refused():
    network, data = known()
    with pytest.raises(SettingError, match="The layer '0' has 2 units, counted from 0: there is no unit 2"):
        dg.exciting(network, data, "0", 2)
    with pytest.raises(UnknownName, match="There is no layer 'hidden'"):
        dg.exciting(network, data, "hidden", 0)
    with pytest.raises(SettingError, match=r"no validation split to look at\. Use split='train'"):
        dg.exciting(network, data.with_(validation=0.0), "0", 0)
