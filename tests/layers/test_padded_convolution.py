import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import PaddedConv1d, PaddedConv2d, PaddedConv3d
from deepglass.networks import build, summary

LAYERS = {1: PaddedConv1d, 2: PaddedConv2d, 3: PaddedConv3d}
NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@pytest.mark.parametrize("mode", NUMPY_MODES)
@pytest.mark.parametrize("axes", LAYERS)
def test_the_border_is_the_one_that_numpy_gives(axes, mode):
    torch.manual_seed(0)
    layer, x = LAYERS[axes](2, 3, 3, padding=2, padding_mode=mode), torch.randn(2, 2, *[5] * axes)
    padded = torch.tensor(np.pad(x.numpy(), [(0, 0), (0, 0), *[(2, 2)] * axes], mode=NUMPY_MODES[mode]))
    convolve = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    assert_close(layer(x), convolve(padded, layer.weight, layer.bias))


@pytest.mark.parametrize("axes", LAYERS)
def test_a_constant_border_holds_its_number(axes):
    layer = LAYERS[axes](1, 1, 3, padding=1, padding_mode="constant", value=2.0, bias=False)
    nn.init.ones_(layer.weight)
    y = layer(torch.zeros(1, 1, *[3] * axes))
    assert y.flatten()[0] == 2.0 * (3**axes - 2**axes) and y[(0, 0, *[1] * axes)] == 0


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation"), [(7, 3, 2, 1), (8, 3, 2, 1), (9, 4, 3, 2), (5, 1, 3, 1)]
)
def test_same_keeps_the_size_over_the_stride_with_the_odd_pixel_at_the_end(size, kernel, stride, dilation):
    layer = PaddedConv1d(1, 1, kernel, stride, dilation=dilation, bias=False)
    nn.init.ones_(layer.weight)
    x = torch.arange(1.0, size + 1)
    places = -(-size // stride)
    total = max(0, (places - 1) * stride + (kernel - 1) * dilation + 1 - size)  # as in TensorFlow's documentation
    padded = F.pad(x, (total // 2, total - total // 2))
    by_hand = [sum(padded[s * stride + t * dilation] for t in range(kernel)) for s in range(places)]
    assert layer(x[None, None])[0, 0].tolist() == by_hand


def test_each_axis_may_have_its_own_padding():
    assert PaddedConv2d(1, 1, 3, padding=(0, 2))(torch.zeros(1, 1, 5, 5)).shape == (1, 1, 3, 7)


def test_the_summary_knows_the_border_and_the_print_says_it():
    layer = PaddedConv2d(3, 4, 5, 2, padding="full", padding_mode="constant", value=0.5)
    found = summary(nn.Sequential(layer), inputs=(3, 4, 4)).layers[0]
    assert found.output_shape == (4, 4, 4) and found.receptive_field == 5
    assert "padding=(4, 4), padding_mode=constant, value=0.5" in str(layer)


def test_what_cannot_be_is_said():
    with pytest.raises(SettingError, match=r"padding_mode='mirror' does not exist. Choose one of 'zeros', 'constant'"):
        PaddedConv1d(1, 1, 3, padding_mode="mirror")
    with pytest.raises(SettingError, match="value=3 is never used with padding_mode='zeros'"):
        PaddedConv1d(1, 1, 3, value=3)
    with pytest.raises(SettingError, match=r"padding=\(1, 2\) is no padding. Give pixels, one number or 3 of them"):
        PaddedConv3d(1, 1, 3, padding=(1, 2))
    with pytest.raises(ShapeError, match=r"network\[0\] \(PaddedConv2d\) does not fit what arrives, \(1, 2, 2\)"):
        build([{"PaddedConv2d": {"out_channels": 2, "kernel_size": 5, "padding_mode": "reflect"}}], inputs=(1, 2, 2))
