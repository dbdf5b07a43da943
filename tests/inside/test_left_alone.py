"""Whoever looks inside leaves no trace: not in the network, not in its inputs, not in anybody's random numbers."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import ShapeError

sys.path.insert(0, str(Path(__file__).parent))
from odd_networks import ODD, odd

LOOKS = {
    "activations": lambda network, x: dg.activations(network, x),
    **{
        method: lambda network, x, method=method: dg.saliency(network, x, method=method)
        for method in ("gradient", "gradient_x_input", "integrated_gradients", "smooth_grad", "occlusion")
    },
}


def state(network):
    """All of a network that could be changed, and all random states."""
    return {
        "modes": [m.training for m in network.modules()],
        "tensors": {n: t.clone() for n, t in [*network.named_parameters(), *network.named_buffers()]},
        "gradients": [None if p.grad is None else p.grad.clone() for p in network.parameters()],
        "asked": [p.requires_grad for p in network.parameters()],
        "hooks": [
            len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in network.modules()
        ],
        "random": (torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()),  # noqa: NPY002
        "gradient mode": torch.is_grad_enabled(),
    }


def assert_alike(before, after):
    for key in ("modes", "asked", "hooks", "gradient mode"):
        assert before[key] == after[key], key
    for one, other in zip(before["tensors"].values(), after["tensors"].values()):
        assert torch.equal(one, other)
    for one, other in zip(before["gradients"], after["gradients"]):
        assert (one is None) == (other is None) and (one is None or torch.equal(one, other))
    assert torch.equal(before["random"][0], after["random"][0])
    assert (before["random"][1] == after["random"][1]).all()
    assert before["random"][2] == after["random"][2]


@pytest.mark.parametrize("how", LOOKS)
@pytest.mark.parametrize("name", ODD)
def test_a_network_of_any_form_is_looked_into_and_left_as_it_was(name, how):
    network, x = odd(name)
    network.train()
    next(network.modules()).eval()  # modes that are not all alike
    first = next(network.parameters())
    first.grad = torch.full_like(first, 0.5)
    before, given = state(network), {n: v.clone() for n, v in x.items()} if isinstance(x, dict) else x.clone()
    LOOKS[how](network, x)
    assert_alike(before, state(network))
    for now, then in zip(
        x.values() if isinstance(x, dict) else [x], given.values() if isinstance(given, dict) else [given]
    ):
        assert torch.equal(now, then)


@pytest.mark.parametrize("how", [*LOOKS, "grad_cam"])
def test_nothing_stays_behind_after_an_error_either(how):
    network, x = odd("convolutional")
    network.train()
    before = state(network)
    look = LOOKS.get(how, lambda network, x: dg.saliency(network, x, method="grad_cam"))
    with pytest.raises(ShapeError, match=r"Sequential cannot be called with x \(5, 1, 3, 3\)"):
        look(network, x[..., :3, :3])
    assert_alike(before, state(network))


def test_dropout_and_batch_norm_are_looked_at_in_evaluation_mode():
    network, x = odd("convolutional")
    network.train()
    once, again = (dg.activations(network, x)["6"].values for _ in range(2))
    assert torch.equal(once, again)
    assert torch.equal(once, network.eval()(x))


def test_gradients_come_through_where_the_caller_has_switched_them_off():
    network, x = odd("residual")
    with torch.no_grad():
        quiet = dg.saliency(network, x, method="gradient").values
    with torch.inference_mode():
        silent = dg.saliency(network, torch.ones_like(x) * x, method="gradient").values
    assert torch.equal(quiet, dg.saliency(network, x, method="gradient").values)
    assert torch.equal(silent, quiet)


def test_a_frozen_network_is_explained_alike():
    network, x = odd("convolutional")
    for method in ("gradient", "grad_cam"):
        free = dg.saliency(network.requires_grad_(True), x, method=method).values
        torch.testing.assert_close(dg.saliency(network.requires_grad_(False), x, method=method).values, free)


FLAT = {"linear", "mlp", "perceptron", "highway", "residual_mlp"}
OVER_TIME = {"bag", "echo_state", "gru", "lstm", "rnn", "tcn", "text_cnn", "transformer"}
SHAPES = dict.fromkeys(FLAT, (6,)) | dict.fromkeys(OVER_TIME, (8, 3)) | {"conv1d": (1, 40), "conv3d": (1, 6, 6, 6)}
# Layers as in a shallower one; unet, which says something of every pixel, below; and those that write, point or read two texts.
LEFT_OUT = {
    *("captioner", "handwriting", "pointer", "reader", "seq2seq", "transformer_translator"),
    "resnet34",
    "resnet101",
    "resnet152",
    "resnet44",
    "resnet56",
    "resnet110",
    "vgg13",
    "vgg16",
    "vgg19",
    "unet",
}


@pytest.mark.parametrize("name", sorted(set(dg.NETWORKS) - LEFT_OUT))
def test_every_network_of_the_catalogue_can_be_looked_into(name):
    flat, shape = name in FLAT | OVER_TIME, SHAPES.get(name, (1, 8, 8))
    network = dg.build(name, inputs=shape, outputs=3)
    assert isinstance(network, nn.Module)
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    last = list(dg.activations(network, x).values())[-1]
    torch.testing.assert_close(last.values, network.eval()(x).detach())
    for method in ("gradient", "integrated_gradients", "occlusion") if flat else ("gradient", "occlusion", "grad_cam"):
        assert dg.saliency(network, x, method=method).values.shape == (2, *shape)
    assert dg.filters(network)


def test_one_pixel_of_an_answer_for_each_is_explained_by_a_function():
    network = dg.build("unet", inputs=(1, 8, 8), outputs=3, width=4, depth=2)
    x = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with pytest.raises(
        ShapeError, match=r"gives 3 x 8 x 8 numbers an example, and one is explained at a time\. Say which"
    ):
        dg.saliency(network, x)
    found = dg.saliency(network, x, target=lambda y: y[:, 0, 3, 3], method="gradient").values
    assert found.shape == x.shape and found[:, :, 3, 3].all()
