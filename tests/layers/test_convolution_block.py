"""What a user gets from the block that courses call one layer of a convolutional network."""

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError, UnknownName
from deepglass.layers import LAYERS


def test_it_is_its_three_parts_in_a_row():
    block = LAYERS["ConvBlock"](2, 3)
    x = torch.randn(1, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    parts = nn.functional.conv2d(x, block.conv.weight, block.conv.bias, padding=1).relu()
    by_hand = (
        parts[:, :, :4, :4].reshape(1, 3, 2, 2, 2, 2).amax(dim=(3, 5))
    )  # the largest of each 2x2, the odd rim left out
    torch.testing.assert_close(block(x), by_hand)


def test_in_a_list_its_input_size_is_found_and_its_parameters_are_counted():
    network = dg.build(
        [{"ConvBlock": 32}, {"ConvBlock": [32, 3]}, "Flatten", {"Linear": "outputs"}], inputs=(3, 64, 64), outputs=2
    )
    counts = [sum(p.numel() for p in block.parameters()) for block in network[:2]]
    assert counts == [896, 9248]  # (3*3*3 + 1) * 32 and (3*3*32 + 1) * 32
    assert network[3].in_features == 32 * 16 * 16
    assert "conv" in str(dg.summary(network, inputs=(3, 64, 64)))


def test_the_parts_can_be_chosen():
    block = LAYERS["ConvBlock"](1, 4, 5, padding="valid", batch_norm=True, activation="tanh", pool=3, pooling="average")
    assert [type(part) for part in block] == [
        nn.Conv2d,
        nn.BatchNorm2d,
        nn.Tanh,
        nn.AvgPool2d,
    ] and block.conv.bias is None
    assert block(torch.randn(2, 1, 10, 10)).shape == (2, 4, 2, 2)
    assert [type(part) for part in LAYERS["ConvBlock"](1, 1, pool=1)] == [nn.Conv2d, nn.ReLU]


def test_what_there_is_not_is_told():
    with pytest.raises(UnknownName, match=r"There is no pooling 'maximum'\. Did you mean 'max'"):
        LAYERS["ConvBlock"](1, 1, pooling="maximum")
    with pytest.raises(SettingError, match="pool=0 is no window"):
        dg.build([{"ConvBlock": {"out_channels": 4, "pool": 0}}], inputs=(1, 8, 8), outputs=2)
