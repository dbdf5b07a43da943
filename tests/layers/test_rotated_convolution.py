import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.layers import GlobalMaxPool, RotatedConv2d


def test_a_turned_image_gives_turned_maps_and_the_same_answer():
    torch.manual_seed(0)
    layer, x = RotatedConv2d(2, 5, 3, padding=1), torch.randn(3, 2, 8, 8)
    nn.init.normal_(layer.bias)
    turned = x.rot90(1, dims=(2, 3))
    assert_close(layer(turned), layer(x).rot90(1, dims=(2, 3)))
    assert_close(GlobalMaxPool()(layer(turned)), GlobalMaxPool()(layer(x)))


def test_an_edge_is_found_in_any_of_four_directions():
    layer = RotatedConv2d(1, 1, 3, bias=False)
    edge = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    with torch.no_grad():
        layer.weight.copy_(edge[None, None])
    answers = [layer(edge.rot90(turn)[None, None]).item() for turn in range(4)]
    assert answers == [6] * 4
    half = RotatedConv2d(1, 1, 3, turns=2, bias=False)
    half.load_state_dict(layer.state_dict())
    assert [half(edge.rot90(turn)[None, None]).item() for turn in range(4)] == [6, 0, 6, 0]


def test_one_copy_is_a_convolution():
    layer, convolution = RotatedConv2d(2, 4, 3, turns=1, stride=2), nn.Conv2d(2, 4, 3, stride=2)
    convolution.load_state_dict(layer.state_dict())
    x = torch.randn(2, 2, 9, 9)
    assert_close(layer(x), convolution(x))


def test_turns_lie_on_the_grid():
    with pytest.raises(SettingError, match=r"turns=3 does not lie on the grid of pixels. Choose one of \[1, 2, 4\]"):
        RotatedConv2d(1, 1, 3, turns=3)
