import re
from functools import cache
from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from deepglass.errors import ShapeError
from deepglass.networks import NETWORKS, SUITS, build, calculator

SHAPES = [(4,), (2, 50), (1, 8, 8), (1, 28, 28), (3, 24, 40), (1, 8, 9, 10)]
REFUSAL = r"takes (images|signals|volumes|series) \((channels|time), .* and an example here has shape|needs \d+x\d+ pixels or more"
LARGE = 600_000  # parameters from which a network is followed without numbers: its smaller sisters run the same lines
# Built by the same lines as a shallower one, so that one shape of image is enough.
SISTERS = {
    "resnet34",
    "resnet101",
    "resnet152",
    "resnet32",
    "resnet44",
    "resnet56",
    "resnet110",
    "vgg13",
    "vgg16",
    "vgg19",
}
START_EQUAL = {"perceptron"}  # from zero
SPEAKS_OF_PIXELS = {"unet"}  # one answer for each
# Those that write texts, point or read two texts have tests of their own.
OF_ANOTHER_FORM = {"captioner", "handwriting", "pointer", "reader", "seq2seq", "transformer_translator"}


@cache
def fitting(name):
    """The shapes that a network takes, with its summaries; of the others it says what it needs."""
    found = {}
    for shape in SHAPES[:3] if name in SISTERS else SHAPES:
        try:
            found[shape] = calculator(name, shape, 3)
        except ShapeError as refused:
            assert re.match(rf"{name} .*({REFUSAL})", str(refused))
    assert found
    return found


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - OF_ANOTHER_FORM))
def test_it_builds_repeatably_and_leaves_the_random_state(name):
    for shape, found in fitting(name).items():
        data = SimpleNamespace(input_shapes={"x": shape}, outputs=3)
        assert found.output_shape == ((3, *shape[1:]) if name in SPEAKS_OF_PIXELS else (3,))
        if found.parameters > LARGE or name in SISTERS:
            continue
        torch.manual_seed(5)
        expected = torch.rand(1)
        torch.manual_seed(5)
        first, again, other = (build(name, data, seed=s) for s in (1, 1, 2))
        assert torch.equal(torch.rand(1), expected)
        assert first(torch.randn(2, *shape)).shape == (2, *found.output_shape)
        assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
        differs = any(not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))
        assert differs == (name not in START_EQUAL)
        assert found.parameters == sum(p.numel() for p in first.parameters())


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - OF_ANOTHER_FORM))
def test_it_takes_an_output_activation_and_an_initialization(name):
    smallest = min(fitting(name), key=lambda shape: fitting(name)[shape].multiply_adds)
    data = SimpleNamespace(input_shapes={"x": smallest}, outputs=3)
    options = {"output_activation": "softmax", "initialization": "zeros"}
    assert calculator(name, smallest, 3, **options).last.kind == "Softmax"
    if fitting(name)[smallest].parameters <= LARGE and name not in SISTERS:
        said = build(name, data, **options).eval()(torch.randn(2, *smallest))
        assert torch.allclose(said, torch.full_like(said, 1 / 3))


def test_what_suits_a_network_is_said_of_networks_that_exist():
    assert set(SUITS) <= set(NETWORKS)
    assert all(setting.split(".")[0] in {"data", "task", "recipe"} for suit in SUITS.values() for setting in suit)


@pytest.mark.parametrize("version", ["modern", "1998"])
def test_lenet_learns_eight_pixel_images(version):
    x = torch.randn(30, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    y = torch.arange(30) % 3
    network = build("lenet5", inputs=(1, 8, 8), outputs=3, version=version)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(80):
        optimizer.zero_grad()
        F.cross_entropy(network(x), y).backward()
        optimizer.step()
    assert (network(x).argmax(dim=1) == y).float().mean() == 1


def test_lenet_says_from_which_size_on_it_works():
    with pytest.raises(ShapeError, match="needs 4x4 pixels or more, got 3x9"):
        build("lenet5", inputs=(1, 3, 9), outputs=2)


def test_convnet_names_the_layer_whose_kernel_does_not_fit():
    with pytest.raises(ShapeError, match=r"3x3 kernels of layer conv2 of convnet do not fit what arrives, 32x1x1"):
        build("convnet", inputs=(1, 4, 4), outputs=2)


def test_convnet_pools_only_while_it_fits():
    layers = dict(build("convnet", inputs=(1, 8, 8), outputs=2).named_children())
    assert "pool1" in layers and "pool2" not in layers


def test_mlp_has_norm_and_dropout_where_they_are_asked_for():
    options = {"hidden": [8, 4], "activation": ["tanh", "relu"], "dropout": 0.2, "norm": "batch"}
    before = build("mlp", inputs=(3,), outputs=1, **options)
    kinds = ["Linear", "BatchNorm1d", "Tanh", "Dropout", "Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear"]
    assert [type(layer).__name__ for layer in before] == kinds
    after = build("mlp", inputs=(3,), outputs=1, **{**options, "norm": "layer"}, norm_position="after")
    assert [type(layer).__name__ for layer in after][1:4] == ["Tanh", "LayerNorm", "Dropout"]
