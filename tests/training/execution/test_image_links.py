"""Chains of convolutional layers: derivatives that are written out give what autograd gives."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.training.execution.chain import is_chain
from deepglass.training.execution.image_links import ConvolutionLink
from deepglass.training.execution.precision import Precision

DIGITS = dg.load("digits")
PLAIN = [
    lambda: nn.Conv2d(1, 6, 3),
    nn.ReLU,
    lambda: nn.MaxPool2d(2),
    nn.Flatten,
    lambda: nn.Linear(54, 10),
]
DEEP = [
    lambda: nn.Conv2d(1, 6, (3, 5), padding="same", bias=False),
    lambda: nn.BatchNorm2d(6),
    nn.ReLU,
    lambda: nn.MaxPool2d(2),
    lambda: nn.Conv2d(6, 8, 3, padding=2, stride=2, dilation=2, groups=2),
    nn.Tanh,
    nn.Flatten,
    lambda: nn.Linear(32, 12),
    nn.ReLU,
    lambda: nn.Linear(12, 10),
]
ODD = [lambda: nn.Conv2d(1, 4, 2), nn.ReLU, lambda: nn.MaxPool2d(2), nn.Flatten, lambda: nn.Linear(36, 10)]


def trained(layers, rewrites, precision="float32", **recipe):
    """The state after two epochs, and how the gradients were taken."""
    torch.manual_seed(0)
    network = nn.Sequential(*(make() for make in layers))
    recipe = dg.Recipe(epochs=2, precision=precision, rewrites=rewrites, optimizer="sgd", **recipe)
    training = dg.Training(network, DIGITS, recipe)
    for _ in training:
        pass
    return network.state_dict(), training.execution


@pytest.mark.parametrize("layers", [PLAIN, DEEP, ODD], ids=["plain", "deep", "odd"])
def test_images_train_as_with_autograd_to_the_bit(layers):
    by_hand, execution = trained(layers, True)
    plain, other = trained(layers, False)
    assert execution.by_hand is not None and other.by_hand is None
    for name, value in plain.items():
        assert torch.equal(by_hand[name], value), name


def test_in_bfloat16_the_first_gradients_are_those_of_autograd_but_for_rounding():
    found = []
    for rewrites in (True, False):
        torch.manual_seed(0)
        network = nn.Sequential(*(make() for make in DEEP))
        next(dg.Training(network, DIGITS, dg.Recipe(epochs=1, precision="bfloat16", rewrites=rewrites)).steps())
        found.append([p.grad.clone() for p in network.parameters()])
    for own, expected in zip(*found):
        assert_close(own, expected, rtol=0.05, atol=0.02 * float(expected.abs().max()))


def test_frozen_layers_stay_and_the_others_learn_as_with_autograd():
    for frozen in (["0"], ["4"], ["0", "1", "4"], ["0", "1", "4", "7"]):
        by_hand, _ = trained(DEEP, True, freeze=frozen)
        plain, _ = trained(DEEP, False, freeze=frozen)
        for name, value in plain.items():
            assert torch.equal(by_hand[name], value), (frozen, name)


def test_what_is_not_known_in_a_row_of_images_is_left_to_autograd():
    end = [nn.Flatten(), nn.Linear(4, 2)]
    assert is_chain(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), *end))
    for layers in (
        [nn.Conv2d(1, 2, 2, padding="same")],  # one pixel more on one side
        [nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect")],
        [nn.BatchNorm2d(1, momentum=None)],
        [nn.BatchNorm2d(1, track_running_stats=False)],
        [nn.Conv2d(1, 2, 3), nn.MaxPool2d(2)],  # negative numbers may be the largest
        [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(3)],
        [nn.Conv2d(1, 2, 3).double()],
    ):
        assert not is_chain(nn.Sequential(*layers, *end))


def test_hooks_of_ones_own_see_each_step():
    network = dg.build("convnet", DIGITS)
    steps, seen = dg.Training(network, DIGITS, dg.Recipe(epochs=1, batch_size=16)).steps(), []
    next(steps)
    network.conv1.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    next(steps)
    assert seen == [(16, 32, 6, 6)]


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 2}, {"padding": 1, "dilation": 2}])
def test_on_maps_of_few_pixels_the_gradient_of_the_weights_is_that_of_autograd(options):
    torch.manual_seed(0)
    layer = nn.Conv2d(5, 7, (3, 2), bias=False, **options)
    x = torch.randn(4, 5, 6, 5).bfloat16().to(memory_format=torch.channels_last)
    y = layer(x.float())
    gradient = torch.randn_like(y).bfloat16()
    y.backward(gradient.float())
    link = ConvolutionLink(layer, 4, Precision(low=True))
    with torch.no_grad():
        link.forward(x)
        found = link._to_weight(gradient)
    assert_close(found.float(), layer.weight.grad, rtol=0.01, atol=0.05)
