import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.layers import LocallyConnected2d, LocallyConnected3d, TiledConv1d, TiledConv2d, TiledConv3d


@pytest.mark.parametrize("tiles", [1, 2, 3, (3, 2), 9])
def test_kernels_take_turns_from_place_to_place(tiles):
    torch.manual_seed(0)
    layer, x = TiledConv2d(2, 3, 3, tiles=tiles, stride=(2, 1)), torch.randn(2, 2, 11, 10)
    nn.init.normal_(layer.bias)
    y, (tall, wide) = layer(x), layer.tiles
    assert y.shape == (2, 3, 5, 8)
    for i in range(5):
        for j in range(8):
            kernel, bias = layer.weight[i % tall, j % wide], layer.bias[i % tall, j % wide]
            window = x[:, :, 2 * i : 2 * i + 3, j : j + 3]
            assert_close(y[:, :, i, j], window.flatten(1) @ kernel.flatten(1).T + bias)


def test_with_as_many_kernels_as_places_it_is_locally_connected():
    tiled, local = TiledConv2d(2, 3, 3, tiles=4, bias=False), LocallyConnected2d((2, 6, 6), 3, 3, bias=False)
    with torch.no_grad():
        local.weight.copy_(tiled.weight)
    x = torch.randn(2, 2, 6, 6)
    assert_close(tiled(x), local(x))


def test_in_a_volume_kernels_take_turns_along_each_axis():
    torch.manual_seed(0)
    one, convolution = TiledConv3d(2, 3, 2, tiles=1), nn.Conv3d(2, 3, 2)
    tiled, local = TiledConv3d(2, 3, 2, tiles=(3, 2, 4), bias=False), LocallyConnected3d((2, 4, 3, 5), 3, 2, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(one.weight[0, 0, 0])
        convolution.bias.copy_(one.bias[0, 0, 0])
        local.weight.copy_(tiled.weight)
    x = torch.randn(2, 2, 4, 3, 5)
    assert_close(one(x), convolution(x))
    assert_close(tiled(x), local(x))


def test_every_kernel_learns():
    layer = TiledConv1d(1, 2, 3, tiles=3)
    layer(torch.randn(4, 1, 12)).square().sum().backward()
    assert bool((layer.weight.grad.flatten(1).abs().sum(dim=1) > 0).all())


def test_there_has_to_be_a_kernel():
    with pytest.raises(SettingError, match="tiles=0 has to be whole numbers above 0"):
        TiledConv1d(1, 2, 3, tiles=0)
