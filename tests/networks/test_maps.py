import pytest
import torch
from torch import nn

from deepglass.errors import ShapeError
from deepglass.networks.maps import Maps


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, 0), (2, 2, 0), (3, 2, 1), (5, 3, 0), (3, 1, 1)])
def test_the_size_is_that_of_torchs_pooling(kernel, stride, padding, ceil):
    pool = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil)
    for side in range(1, 12):
        maps, x = Maps("mine", side, side + 3), torch.zeros(1, 1, side, side + 3)
        try:
            expected = tuple(pool(x).shape[2:])
        except RuntimeError:
            with pytest.raises(ShapeError):
                maps.shrink("pool", kernel, stride, padding, ceil=ceil)
        else:
            maps.shrink("pool", kernel, stride, padding, ceil=ceil)
            assert (maps.height, maps.width) == expected and maps.side == min(expected)


def test_the_layer_is_named():
    message = r'The 7x7 kernels of layer conv3 of mine do not fit .* there, 5x9\. Use larger images.*variant="small"'
    with pytest.raises(ShapeError, match=message):
        Maps("mine", 5, 9).shrink("conv3", 7)
