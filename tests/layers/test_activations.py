import pytest
import torch

from deepglass.layers import ACTIVATIONS, LAYERS, OUTPUT_ACTIVATIONS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_changes_each_number_alone(name):
    activation = ACTIVATIONS[name]()
    x = torch.linspace(-3, 3, 7)
    assert activation(x).shape == x.shape
    assert torch.equal(activation(x)[2:3], activation(x[2:3]))


@pytest.mark.parametrize("name", OUTPUT_ACTIVATIONS)
def test_every_output_activation_keeps_the_shape(name):
    assert OUTPUT_ACTIVATIONS[name]()(torch.randn(4, 3)).shape == (4, 3)


def test_softmax_shares_one_among_the_classes_of_each_example_and_pixel():
    softmax = OUTPUT_ACTIVATIONS["softmax"]()
    assert torch.allclose(softmax(torch.randn(4, 3)).sum(dim=1), torch.ones(4))
    assert torch.allclose(softmax(torch.randn(2, 3, 5, 5)).sum(dim=1), torch.ones(2, 5, 5))


def test_every_layer_of_ours_stands_under_its_own_name():
    assert all(layer.__name__ == name for name, layer in LAYERS.items())
