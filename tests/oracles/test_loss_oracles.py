"""Worked examples with known answers: activations, softmax and losses."""

import math

import pytest
import torch
from torch.testing import assert_close

from deepglass.layers import ACTIVATIONS, OUTPUT_ACTIVATIONS
from deepglass.networks import build
from deepglass.tasks.losses import LOSSES

F64 = torch.float64
Z = torch.linspace(-6, 6, 241, dtype=F64)


def slope(function, z, step=1e-6):
    return (function(z + step) - function(z - step)) / (2 * step)


def gradient(function, z):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(function(z).sum(), z)[0]


@pytest.mark.parametrize(
    ("name", "at", "value", "derivative"),
    [
        ("sigmoid", -2, 0.1192029220, 0.1049935854),
        ("sigmoid", 0, 0.5, 0.25),
        ("sigmoid", 1, 0.7310585786, 0.1966119332),
        ("tanh", -2, -0.9640275801, 0.0706508249),
        ("tanh", 0, 0, 1),
        ("tanh", 1, 0.7615941560, 0.4199743416),
        ("softplus", -2, 0.1269280110, 0.1192029220),
        ("softplus", 0, 0.6931471806, 0.5),
        ("softplus", 1, 1.3132616875, 0.7310585786),
        ("relu", -2, 0, 0),
        ("relu", 0, 0, 0),  # the slope at 0 is a convention
        ("relu", 1, 1, 1),
        ("leaky_relu", -2, -0.02, 0.01),
        ("leaky_relu", 1, 1, 1),
    ],
)
def test_an_activation_has_its_value_and_its_slope(name, at, value, derivative):
    z = torch.tensor([at], dtype=F64)
    assert_close(ACTIVATIONS[name]()(z).item(), float(value), rtol=0, atol=1e-9)
    assert_close(gradient(ACTIVATIONS[name](), z).item(), float(derivative), rtol=0, atol=1e-9)


def test_activations_obey_their_formulas():
    sigmoid, tanh, softplus = (ACTIVATIONS[n]() for n in ("sigmoid", "tanh", "softplus"))
    assert_close(tanh(Z), 2 * sigmoid(2 * Z) - 1, rtol=0, atol=1e-12)
    assert_close(tanh(Z), ((2 * Z).exp() - 1) / ((2 * Z).exp() + 1))
    assert_close(sigmoid(Z), 1 / (1 + (-Z).exp()))
    assert_close(softplus(Z), (1 + Z.exp()).log())
    assert_close(gradient(sigmoid, Z), sigmoid(Z) * (1 - sigmoid(Z)))
    assert_close(gradient(tanh, Z), 1 - tanh(Z) ** 2)
    assert_close(gradient(softplus, Z), sigmoid(Z))
    assert gradient(sigmoid, Z).max() == 0.25


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_an_activation_is_that_of_its_curve(name):
    activation = ACTIVATIONS[name]().double()
    z = Z[((Z.abs() > 1e-3) & ((Z.abs() - 1).abs() > 1e-3))]  # away from the corners of relu and hard tanh
    assert_close(gradient(activation, z), slope(activation, z), rtol=0, atol=1e-7)


def test_softmax_of_1_2_3_however_far_it_is_shifted():
    softmax = OUTPUT_ACTIVATIONS["softmax"]()
    expected = torch.tensor([[0.09003057, 0.24472847, 0.66524096]], dtype=F64)
    scores = torch.tensor([[1.0, 2, 3]], dtype=F64)
    assert_close(softmax(scores), expected, rtol=0, atol=1e-8)
    assert_close(softmax(scores + 1000), expected, rtol=0, atol=1e-8)


def test_softmax_shares_out_among_the_classes_and_not_among_the_examples():
    batch = torch.tensor([[1.0, 2, 3], [1, 2, 3]])
    assert_close(OUTPUT_ACTIVATIONS["softmax"]()(batch).sum(dim=1), torch.ones(2))
    assert_close(torch.softmax(batch, dim=0), torch.full((2, 3), 0.5))  # the slip that the catalogue rules out


def test_every_output_of_softmax_depends_on_all_scores():
    softmax = OUTPUT_ACTIVATIONS["softmax"]()
    scores = torch.tensor([1.0, 2, 3], dtype=F64)
    p = softmax(scores[None])[0]
    jacobian = torch.autograd.functional.jacobian(lambda z: softmax(z[None])[0], scores)
    assert_close(jacobian, torch.diag(p) - torch.outer(p, p))
    assert jacobian[0, 1] != 0


def test_softmax_on_one_unit_is_always_one():
    network = build("linear", inputs=(3,), outputs=1, output_activation="softmax")
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    assert network(x).eq(1).all()
    loss = LOSSES["binary_cross_entropy_of_probabilities"].function(network(x), torch.tensor([0, 1, 0, 1, 1]))
    loss.sum().backward()
    assert all(parameter.grad.eq(0).all() for parameter in network.parameters())


def test_squared_error_of_three_numbers():
    each = LOSSES["mse"].function(torch.tensor([1.0, 2, 3], dtype=F64), torch.tensor([1.0, 0, 0], dtype=F64))
    assert each.tolist() == [0, 4, 9] and each.mean().item() == pytest.approx(13 / 3, abs=1e-12)


def test_an_even_guess_costs_log_k():
    assert LOSSES["cross_entropy"].function(torch.zeros(4, 10), torch.tensor([0, 3, 5, 9])).tolist() == pytest.approx(
        [math.log(10)] * 4, abs=1e-6
    )
    assert LOSSES["binary_cross_entropy"].function(torch.zeros(1, 1), torch.tensor([1])).item() == pytest.approx(
        math.log(2)
    )


def test_cross_entropy_is_the_negative_log_likelihood_over_n():
    logits = torch.tensor([[2.0, 0, 1], [0, 3, 0]], dtype=F64)
    first = math.exp(2) / (math.exp(2) + 1 + math.e)
    second = 1 / (2 + math.exp(3))
    found = LOSSES["cross_entropy"].function(logits, torch.tensor([0, 2])).mean().item()
    assert found == pytest.approx(-math.log(first * second) / 2, abs=1e-12)


def test_huber_is_square_near_zero_and_straight_beyond():
    each = LOSSES["huber"].function(torch.tensor([0.5, 1.0, 3.0]), torch.zeros(3))
    assert each.tolist() == [0.125, 0.5, 2.5]
