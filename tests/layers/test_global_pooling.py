import torch
from torch import nn

from deepglass.layers import GlobalAveragePool, GlobalMaxPool


def test_each_map_becomes_one_number():
    x = torch.tensor([[[[1.0, 2], [3, 6]], [[-4, -1], [0, -3]]]])
    assert GlobalAveragePool()(x).tolist() == [[3, -2]] and GlobalMaxPool()(x).tolist() == [[6, 0]]


def test_signals_images_and_volumes_of_any_size():
    for shape in ((2, 3, 7), (2, 3, 4, 5), (2, 3, 2, 3, 4)):
        assert GlobalAveragePool()(torch.randn(shape)).shape == GlobalMaxPool()(torch.randn(shape)).shape == (2, 3)


def test_pooling_by_length_is_listed_too_and_has_a_gradient_at_zero():
    x = torch.zeros(1, 1, 4, requires_grad=True)
    nn.LPPool1d(2, 2)(x).sum().backward()
    assert not x.grad.any()
