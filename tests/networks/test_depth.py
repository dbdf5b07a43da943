"""What a user gets from freezing or rating layers by their depth."""

import torch
from torch import nn

import deepglass as dg
from deepglass.networks.depth import layer_groups


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.downsample = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(), Block())
        self.scale = nn.Parameter(torch.ones(1))
        self.fc = nn.Linear(4, 2)


def names(network):
    return [group.name for group in layer_groups(network)]


def test_a_group_is_a_layer_with_its_norm_or_a_whole_block_and_the_last_is_the_head():
    groups = layer_groups(Net())
    assert [g.name for g in groups] == ["conv1", "layer1.0", "layer1.1", "fc"]
    assert list(groups[0].modules) == ["conv1", "bn1"]
    assert "layer1.0.downsample.0.weight" in groups[1].parameters
    assert list(groups[-1].parameters) == ["fc.weight", "fc.bias"]


def test_every_parameter_is_in_one_group_that_of_the_network_itself_in_the_first():
    network = Net()
    placed = [name for group in layer_groups(network) for name in group.parameters]
    assert sorted(placed) == sorted(name for name, _ in network.named_parameters())
    assert "scale" in layer_groups(network)[0].parameters


def test_a_box_around_a_network_changes_nothing_but_names():
    box = nn.Module()
    box.net = Net()
    assert names(box) == ["net.conv1", "net.layer1.0", "net.layer1.1", "net.fc"]


def test_rows_within_rows_are_looked_into():
    network = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3)), nn.Flatten(), nn.Linear(2, 2)
    )
    assert names(network) == ["0.0", "0.2", "2"]


def test_a_norm_before_all_layers_belongs_to_the_first_one():
    network = nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    assert [list(g.modules) for g in layer_groups(network)] == [["0", "1", "2"], ["3"]]


def test_a_single_layer_is_one_group_and_a_network_without_weights_has_none():
    assert [list(g.parameters) for g in layer_groups(nn.Linear(2, 2))] == [["weight", "bias"]]
    assert layer_groups(nn.Sequential(nn.Flatten(), nn.ReLU())) == []


def test_the_stages_of_a_resnet_are_parted_block_by_block():
    network = dg.build("resnet20", inputs=(3, 32, 32), outputs=5)
    assert names(network) == ["conv1", *[f"layer{i}.{j}" for i in (1, 2, 3) for j in (0, 1, 2)], "fc"]
