import torch
from torch.testing import assert_close

from deepglass.layers import Subsampling


def test_a_map_is_averaged_then_scaled_and_shifted():
    layer = Subsampling(2)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([2.0, 10.0]))
        layer.bias.copy_(torch.tensor([1.0, 0.0]))
    x = torch.tensor([[[[0.0, 2.0], [4.0, 6.0]], [[1.0, 1.0], [1.0, 1.0]]]])
    assert_close(layer(x), torch.tensor([[[[7.0]], [[10.0]]]]))  # 2 * 3 + 1, and 10 * 1


def test_it_trains_two_numbers_per_map():
    assert sum(p.numel() for p in Subsampling(6).parameters()) == 12
