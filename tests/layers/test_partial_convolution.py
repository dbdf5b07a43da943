import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import ShapeError
from deepglass.layers import PartialConv2d


def test_an_output_map_sees_only_the_input_maps_of_its_row():
    layer = PartialConv2d(3, [[0], [1, 2]], 3)
    x = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[:, 0] += 1
    before, after = layer(x), layer(changed)
    assert not torch.allclose(before[:, 0], after[:, 0])
    assert_close(before[:, 1], after[:, 1])


def test_it_equals_an_ordinary_convolution_whose_other_kernels_are_zero():
    layer = PartialConv2d(2, [[0, 1], [1]], 3, padding=1)
    x = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(1))
    weight = layer.full_weight()
    assert weight.shape == (2, 2, 3, 3) and weight[1, 0].eq(0).all()
    assert_close(layer(x), torch.conv2d(x, weight, layer.bias, padding=1))


def test_only_connections_have_parameters():
    assert sum(p.numel() for p in PartialConv2d(2, [[0, 1], [1]], 3).parameters()) == 3 * 9 + 2


def test_a_table_that_names_a_missing_map_is_refused():
    with pytest.raises(ShapeError, match=r"input maps \[2, 5\], and in_channels=2 has 0 to 1"):
        PartialConv2d(2, [[0, 2], [5]], 3)
