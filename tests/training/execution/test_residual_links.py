"""Residual networks as chains: derivatives that are written out give what autograd gives."""

import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.training.execution import norm_links

DIGITS = dg.load("digits", test=0.8)
NETWORKS = {
    "original": {"name": "resnet20"},
    "preactivation": {"name": "resnet20", "preactivation": True},
    "preactivation, projection": {"name": "resnet20", "preactivation": True, "shortcut": "projection"},
    "projection": {"name": "resnet20", "shortcut": "projection"},
    "plain": {"name": "resnet20", "skips": False},
    "pooling behind the stem, bottlenecks": {
        "layers": [
            {"Conv2d": [4, 3]},
            {"BatchNorm2d": 4},
            "ReLU",
            {"MaxPool2d": {"kernel_size": 3, "stride": 2, "padding": 1}},
            {"Bottleneck": 4},
            {"Bottleneck": {"width": 2, "stride": 2}},
            {"AdaptiveAvgPool2d": 1},
            "Flatten",
            {"Linear": "outputs"},
        ]
    },
}


def after_steps(network, data, steps=2, **recipe):
    """The weights after a few steps, their gradients, and how these were taken."""
    built = dg.build(network, data, seed=3)
    recipe = {"epochs": 1, "batch_size": 16, "optimizer": "sgd", "learning_rate": 0.05, "precision": "float32"} | recipe
    training = dg.Training(built, data, dg.Recipe(**recipe))
    for number, _ in enumerate(training.steps(), start=1):
        if number == steps:
            break
    gradients = {n: p.grad.clone() for n, p in built.named_parameters() if p.requires_grad}
    return built.state_dict(), gradients, training.execution


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_residual_networks_train_as_with_autograd_to_the_bit(network):
    by_hand, _, execution = after_steps(network, DIGITS)
    plain, _, other = after_steps(network, DIGITS, rewrites=False)
    assert execution.by_hand is not None and other.by_hand is None
    for name, value in plain.items():
        assert torch.equal(by_hand[name], value), name


def test_frozen_parts_stay_and_the_others_learn_as_with_autograd():
    for frozen in (["conv1", "bn1", "layer1"], ["layer2.0.conv1"], ["layer1.2.bn2", "layer3"]):
        by_hand, _, _ = after_steps("resnet20", DIGITS, freeze=frozen)
        plain, _, _ = after_steps("resnet20", DIGITS, freeze=frozen, rewrites=False)
        for name, value in plain.items():
            assert torch.equal(by_hand[name], value), (frozen, name)


@pytest.mark.parametrize("native", [True, False])
def test_in_bfloat16_the_first_gradients_are_as_near_to_those_of_float32_as_autograds(native, monkeypatch):
    if not native:
        monkeypatch.setattr(norm_links, "maps", lambda: None)
    exact = after_steps("resnet20", DIGITS, steps=1)[1]
    found = after_steps("resnet20", DIGITS, steps=1, precision="bfloat16")[1]
    autograd = after_steps("resnet20", DIGITS, steps=1, precision="bfloat16", rewrites=False)[1]

    def distance(gradients):
        return sum(float((gradients[n] - exact[n]).square().sum()) for n in exact) ** 0.5

    assert distance(found) < 1.2 * distance(autograd)


def test_a_block_of_the_users_own_is_left_to_autograd():
    from deepglass.layers import BasicBlock

    class Own(BasicBlock):
        def forward(self, x):
            return super().forward(x) * 2

    network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), Own(4, 4), torch.nn.Flatten(), torch.nn.Linear(144, 10))
    training = dg.Training(network, DIGITS, dg.Recipe(epochs=1))
    assert training.execution.by_hand is None
    assert_close(network(torch.zeros(1, 1, 8, 8)).shape, torch.Size([1, 10]))
