"""Chains of dense layers: derivatives that are written out give what autograd gives."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.tasks import Classification
from deepglass.training.execution.chain import is_chain
from deepglass.training.execution.links import DERIVATIVES

IRIS = dg.load("iris")
DIABETES = dg.load("diabetes")
RANDOM = torch.Generator().manual_seed(3)
LABELS = dg.load(
    {"x": torch.randn(64, 6, generator=RANDOM), "y": torch.randint(0, 2, (64, 3), generator=RANDOM).bool()}, target="y"
)


def trained(data, layers, **recipe):
    """The weights after two epochs of a network with layers of its own, and how they were computed."""
    torch.manual_seed(0)
    network = nn.Sequential(*(make() for make in layers))
    training = dg.Training(network, data, dg.Recipe(epochs=2, batch_size=16, precision="float32", **recipe))
    for _ in training:
        pass
    return dict(network.named_parameters()), training


@pytest.mark.parametrize("activation", [k for k in DERIVATIVES if k is not nn.Identity], ids=lambda k: k.__name__)
def test_every_activation_trains_as_with_autograd_to_the_bit(activation):
    layers = [lambda: nn.Linear(4, 9), activation, lambda: nn.Linear(9, 7), activation, lambda: nn.Linear(7, 3)]
    by_hand, training = trained(IRIS, layers)
    plain, other = trained(IRIS, layers, rewrites=False)
    assert training.execution.rewrites == ["derivatives written out"] and not other.execution.rewrites
    for name, weight in by_hand.items():
        assert torch.equal(weight, plain[name]), name


@pytest.mark.parametrize("data, outputs", [(DIABETES, 1), (LABELS, 3), (IRIS, 3)], ids=["numbers", "labels", "classes"])
def test_every_kind_of_target_trains_as_with_autograd(data, outputs):
    inputs = {1: 10, 3: 6 if data is LABELS else 4}[outputs]
    layers = [lambda: nn.Linear(inputs, 8), nn.ReLU, lambda: nn.Linear(8, outputs)]
    by_hand, _ = trained(data, layers)
    plain, _ = trained(data, layers, rewrites=False)
    for name, weight in by_hand.items():
        assert_close(weight, plain[name], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "settings", [{"label_smoothing": 0.1}, {"class_weight": "balanced"}, {"loss": "mse"}, {"loss": "hinge"}], ids=str
)
def test_every_loss_and_weighting_trains_as_with_autograd(settings):
    def run(rewrites):
        network = dg.build("mlp", IRIS, hidden=[6], seed=1)
        recipe = dg.Recipe(epochs=2, precision="float32", rewrites=rewrites)
        for _ in dg.Training(network, IRIS, recipe, task=Classification(**settings)):
            pass
        return network.state_dict()

    plain = run(False)
    for name, weight in run(True).items():
        assert_close(weight, plain[name], rtol=1e-6, atol=1e-7)


def test_frozen_layers_stay_and_the_others_learn_as_with_autograd():
    layers = [lambda: nn.Linear(4, 9), nn.Tanh, lambda: nn.Linear(9, 7), nn.Tanh, lambda: nn.Linear(7, 3)]
    for frozen in (["0"], ["2"], ["0", "2"], ["4"], ["2.bias"], ["0.weight"], ["0.weight", "2"]):
        by_hand, _ = trained(IRIS, layers, freeze=frozen)
        plain, _ = trained(IRIS, layers, freeze=frozen, rewrites=False)
        for name, weight in by_hand.items():
            assert torch.equal(weight, plain[name]), (frozen, name)


def test_hooks_of_ones_own_see_every_step_and_may_change_gradients():
    network = dg.build("mlp", IRIS, hidden=[6])
    training = dg.Training(network, IRIS, dg.Recipe(epochs=1, batch_size=16))
    steps, seen = training.steps(), []
    next(steps)
    handle = network.hidden1.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    network.output.weight.register_hook(lambda gradient: gradient * 0)
    next(steps)
    assert seen == [(16, 6)] and not network.output.weight.grad.any()
    handle.remove()


def test_images_are_flattened_and_dropout_leaves_out_its_share():
    digits = dg.load("digits")
    network = dg.build("mlp", digits, hidden=[400], dropout=0.25)
    training = dg.Training(network, digits, dg.Recipe(epochs=1, batch_size=128))
    next(training.steps())
    mask = training.execution.chain.links[3].mask
    assert mask.shape == (128, 400)
    assert abs((mask == 0).float().mean() - 0.25) < 0.01  # 51,200 draws: a standard deviation is 0.002
    assert mask.max() == pytest.approx(4 / 3, abs=1e-4)


def test_what_is_no_plain_row_of_known_layers_is_left_to_autograd():
    shared = nn.Linear(4, 4)
    assert is_chain(nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 2))))
    for layers in (
        [shared, nn.ReLU(), shared],
        [nn.Linear(4, 4), nn.BatchNorm1d(4)],
        [nn.Linear(4, 4), nn.SiLU(inplace=True), nn.Linear(4, 2)],  # overwrites what its derivative needs
        [nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))],
        [nn.Linear(4, 2).double()],
        [nn.ReLU()],
    ):
        assert not is_chain(nn.Sequential(*layers))


def test_a_dense_layer_on_each_row_of_an_image_trains_as_with_autograd():
    digits = dg.load("digits")
    layers = [lambda: nn.Linear(8, 5), nn.Tanh, nn.Flatten, lambda: nn.Linear(40, 10)]
    by_hand, training = trained(digits, layers)
    assert training.execution.rewrites == ["derivatives written out"]
    plain, _ = trained(digits, layers, rewrites=False)
    for name, weight in by_hand.items():
        assert_close(weight, plain[name], rtol=1e-5, atol=1e-6)
