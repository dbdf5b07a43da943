"""Worked examples with known answers: what networks count and compute."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.layers import ACTIVATIONS
from deepglass.networks import build, calculator


def counts(summary) -> list[int]:
    return [layer.parameters for layer in summary.layers if layer.parameters]


def test_the_picture_classifier_with_one_block_has_3_937_409_parameters():
    found = calculator("convnet", (3, 64, 64), 1, filters=(32,), dense=(128,), dropout=0)
    assert counts(found) == [896, 3_936_384, 129] and found.parameters == 3_937_409
    shapes = {layer.name: layer.output_shape for layer in found.layers}
    assert shapes["conv1"] == (32, 62, 62) and shapes["pool1"] == (32, 31, 31)


def test_a_second_block_leaves_813_217():
    found = calculator("convnet", (3, 64, 64), 1, filters=(32, 32), dense=(128,), dropout=0)
    assert counts(found)[:2] == [896, 9_248] and found.parameters == 813_217
    shapes = {layer.name: layer.output_shape for layer in found.layers}
    assert shapes["conv2"] == (32, 29, 29) and shapes["pool2"] == (32, 14, 14)


def test_with_padding_the_dense_layer_has_4_194_432():
    found = calculator("convnet", (3, 64, 64), 1, filters=32, dense=128, padding="same", dropout=0)
    assert counts(found) == [896, 4_194_432, 129]


def test_the_pooling_layer_saves_three_quarters_of_the_dense_weights():
    without = [{"Conv2d": [32, 3]}, "ReLU", "Flatten", {"Linear": 128}]
    pooled = [*without[:2], {"MaxPool2d": 2}, *without[2:]]
    assert [counts(calculator(y, (3, 64, 64), 1))[1] for y in (without, pooled)] == [15_745_152, 3_936_384]


@pytest.mark.parametrize(
    ("shape", "outputs", "parameters"),
    [
        ((1, 28, 28), 10, 795_010),
        ((3, 39876, 29903), 10, 3_577_236_095_010),
        ((3, 256, 256), 100, 196_709_100),
        ((3, 1920, 1080), 100, 6_220_901_100),
    ],
)
def test_a_dense_network_on_large_images_has_too_many_parameters(shape, outputs, parameters):
    assert calculator("mlp", shape, outputs, hidden=[1000]).parameters == parameters


def test_the_depth_ladder_on_mnist():
    ladder = [calculator("mlp", (1, 28, 28), 10, hidden=[30] * depth).parameters for depth in range(5)]
    assert ladder == [7_850, 23_860, 24_790, 25_720, 26_650]


@pytest.mark.parametrize("side", [28, 32])
def test_lenet_has_61_706_parameters(side):
    found = calculator("lenet5", (1, side, side), 10)
    assert counts(found) == [156, 2_416, 48_120, 10_164, 850] and found.parameters == 61_706


def test_lenet_of_1998_has_the_60_000_parameters_of_the_paper_before_its_output():
    found = calculator("lenet5", (1, 32, 32), 10, version="1998")
    assert counts(found) == [156, 12, 1_516, 32, 48_120, 10_164, 850]
    assert found.parameters - 850 == 60_000


def test_the_convnet_of_the_keras_example_has_34_826_parameters():
    found = calculator("convnet", (1, 28, 28), 10)
    assert counts(found) == [320, 18_496, 16_010] and found.parameters == 34_826


@pytest.mark.parametrize(
    ("z", "sigmoid", "slope", "tanh", "tanh_slope", "softplus"),
    [
        (-2.0, 0.1192029220, 0.1049935854, -0.9640275801, 0.0706508249, 0.1269280110),
        (0.0, 0.5, 0.25, 0.0, 1.0, 0.6931471806),
        (1.0, 0.7310585786, 0.1966119332, 0.7615941560, 0.4199743416, 1.3132616875),
    ],
)
def test_activations_have_their_printed_values_and_slopes(z, sigmoid, slope, tanh, tanh_slope, softplus):
    def value_and_slope(name):
        x = torch.tensor(z, dtype=torch.float64, requires_grad=True)
        y = ACTIVATIONS[name]()(x)
        y.backward()
        return [y.item(), x.grad.item()]

    assert value_and_slope("sigmoid") == pytest.approx([sigmoid, slope], abs=1e-9)
    assert value_and_slope("tanh") == pytest.approx([tanh, tanh_slope], abs=1e-9)
    assert value_and_slope("softplus") == pytest.approx([softplus, sigmoid], abs=1e-9)
    assert value_and_slope("relu") == [max(z, 0.0), 1.0 if z > 0 else 0.0]
    assert value_and_slope("leaky_relu") == pytest.approx([z if z > 0 else 0.01 * z, 1.0 if z > 0 else 0.01])
    assert 2 * torch.sigmoid(torch.tensor(2 * z)).item() - 1 == pytest.approx(tanh, abs=1e-6)


@pytest.mark.parametrize(("activation", "moves"), [("sigmoid", True), ("tanh", False), ("relu", False)])
def test_units_that_start_at_zero_stay_alike(activation, moves):
    random = torch.Generator().manual_seed(0)
    x = torch.randn(64, 6, generator=random)
    y = (x[:, 0] + x[:, 1] > 0).long()
    network = build("mlp", inputs=(6,), outputs=2, hidden=[32], activation=activation, initialization="zeros")
    # 32 units fill the registers evenly; a processor may round the rows that are left over in another way
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(50):
        optimizer.zero_grad()
        F.cross_entropy(network(x), y).backward()
        optimizer.step()
    weight = network.hidden1.weight.detach()
    assert_close(
        weight, weight[:1].expand_as(weight), rtol=0, atol=1e-6
    )  # some processors round the rows of a product apart
    assert bool(weight.norm() > 0) == moves


def test_layers_without_activation_are_one_linear_map():
    network = build([{"Linear": 5}, {"Linear": 6}, {"Linear": 2}], inputs=(4,)).double()
    x = torch.randn(7, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    a, b, c = (layer.weight for layer in network)
    offset = network[2].bias + c @ (network[1].bias + b @ network[0].bias)
    assert_close(network(x), x @ (c @ b @ a).T + offset)


def test_two_relu_units_compute_xor():
    network = build([{"Linear": 2}, "ReLU", {"Linear": [1, False]}], inputs=(2,))
    with torch.no_grad():
        nn.init.ones_(network[0].weight)
        network[0].bias.copy_(torch.tensor([0.0, -1.0]))
        network[2].weight.copy_(torch.tensor([[1.0, -2.0]]))
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert network(corners).flatten().tolist() == [0, 1, 1, 0]
