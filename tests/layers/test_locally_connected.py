import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import LocallyConnected1d, LocallyConnected2d, LocallyConnected3d, initialize
from deepglass.networks import build, summary


def test_every_place_has_kernels_and_a_bias_of_its_own():
    torch.manual_seed(0)
    layer, x = LocallyConnected2d((2, 7, 6), 3, (3, 2), stride=(2, 1)), torch.randn(4, 2, 7, 6)
    nn.init.normal_(layer.bias)
    y = layer(x)
    assert y.shape == (4, 3, 3, 5)
    for i in range(3):
        for j in range(5):
            window = x[:, :, 2 * i : 2 * i + 3, j : j + 2].flatten(1)
            assert_close(y[:, :, i, j], window @ layer.weight[i, j].flatten(1).T + layer.bias[:, i, j])


def test_in_a_volume_every_place_has_kernels_of_its_own_too():
    torch.manual_seed(0)
    layer, x = LocallyConnected3d((2, 5, 4, 6), 3, (3, 2, 2), stride=(1, 2, 2)), torch.randn(2, 2, 5, 4, 6)
    y = layer(x)
    assert y.shape == (2, 3, 3, 2, 3)
    window = x[:, :, 1:4, 2:4, 4:6].flatten(1)
    assert_close(y[:, :, 1, 1, 2], window @ layer.weight[1, 1, 2].flatten(1).T)


@pytest.mark.parametrize(
    ("setting", "value"), [("kernel_size", 0), ("stride", 0), ("stride", (1, 2, 3)), ("kernel_size", "3")]
)
def test_a_window_of_nothing_is_refused(setting, value):
    with pytest.raises(
        SettingError, match=rf"{setting}=.* has to be whole numbers above 0\. Give one number, or 2 of them"
    ):
        LocallyConnected2d((1, 6, 6), 2, **{"kernel_size": 3, setting: value})


def test_with_one_kernel_in_all_places_it_is_a_convolution():
    convolution, layer = nn.Conv1d(2, 3, 4), LocallyConnected1d((2, 9), 3, 4)
    with torch.no_grad():
        layer.weight.copy_(convolution.weight.expand_as(layer.weight))
        layer.bias.copy_(convolution.bias[:, None].expand_as(layer.bias))
    x = torch.randn(5, 2, 9)
    assert_close(layer(x), convolution(x))


def test_a_list_of_layers_finds_its_size_and_the_summary_counts_it():
    network = build([{"LocallyConnected2d": [4, 3]}, "ReLU"], inputs=(3, 6, 8))
    found = summary(network, inputs=(3, 6, 8))
    assert found.layers[0].output_shape == (4, 4, 6) and found.layers[0].receptive_field == 3
    assert found.parameters == 4 * 6 * (4 * 27 + 4) and found.multiply_adds == 4 * 6 * 4 * 27


def test_each_place_is_initialized_as_a_convolution_would_be():
    layer = initialize(nn.Sequential(LocallyConnected2d((8, 30, 30), 16, 3), nn.ReLU(), nn.Conv2d(16, 2, 3)), "he")[0]
    assert layer.weight.std().item() == pytest.approx((2 / (8 * 9)) ** 0.5, rel=0.02) and not layer.bias.any()


def test_a_kernel_that_does_not_fit_is_told():
    with pytest.raises(ShapeError, match=r"A kernel of \(5, 5\) in LocallyConnected2d is larger than .*\(1, 4, 9\)"):
        LocallyConnected2d((1, 4, 9), 2, 5)
    with pytest.raises(ShapeError, match=r"takes examples of 2 axes, channels first, got \(1, 4, 9\)"):
        LocallyConnected1d((1, 4, 9), 2, 3)
    with pytest.raises(ShapeError, match=r"network\[1\] \(LocallyConnected2d\): A kernel of \(9, 9\)"):
        build([{"Conv2d": [4, 3]}, {"LocallyConnected2d": [4, 9]}], inputs=(3, 8, 8))
