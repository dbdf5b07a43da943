import torch
from torch import nn
from torch.testing import assert_close

from deepglass.layers import CausalConv1d


def test_a_step_is_the_sum_over_itself_and_what_lies_before_with_gaps():
    layer = CausalConv1d(1, 1, 2, dilation=2)
    nn.init.ones_(layer.weight)
    nn.init.zeros_(layer.bias)
    x = torch.tensor([[[1.0, 10, 100, 1000]]])
    assert_close(layer(x), torch.tensor([[[1.0, 10, 101, 1010]]]))  # y(t) = x(t) + x(t - 2)


def test_step_by_step_is_all_at_once():
    torch.manual_seed(0)
    layer, x = CausalConv1d(3, 4, 3, dilation=2), torch.randn(2, 3, 7)
    past, given = layer.begin(2), []
    for t in range(7):
        y, past = layer.step(x[:, :, t], past)
        given.append(y)
    assert past.shape == (2, 3, 4)
    assert_close(torch.stack(given, dim=2), layer(x))
