"""OR-42, OR-43 and OR-44: recurrent layers, the six equations of the LSTM, unfolding in time, with the numbers of the decks."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.layers.leaky import LeakyRecurrent
from deepglass.layers.recurrent_output import OutputRecurrent
from deepglass.layers.recurrent_steps import StepByStep
from deepglass.layers.unrolled import unroll
from deepglass.networks import calculator
from deepglass.training.players import Player


def filled(layer, **values):
    """The layer in float64, with parameters set: one number for all of them, or a list."""
    layer.double()
    with torch.no_grad():
        for name, value in values.items():
            parameter = layer.get_parameter(name)
            parameter.copy_(torch.tensor(value, dtype=torch.float64).expand(parameter.numel()).reshape(parameter.shape))
    return layer


def test_a_recurrent_neuron_that_hears_its_own_answer():  # OR-42
    # yhat = sigma(0.5 x1 - 0.5 x2 + 0.8 y(t-1) + 0.1): tanh(z / 2) is 2 sigma(z) - 1, so that a tanh layer can say it
    layer = OutputRecurrent(2, 1, 1)
    filled(layer, **{"hidden.weight": [0.25, -0.25], "hidden.bias": 0.05, "back.weight": 0.4})
    filled(layer, **{"output.weight": 0.5, "output.bias": 0.5})
    x = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]], dtype=torch.float64)
    wanted = torch.tensor([0.6456563062, 0.5290983437, 0.6279141100], dtype=torch.float64)
    assert_close(layer(x)[0].flatten(), wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_unfolded_with_shared_weights_a_layer_is_torchs(kind):  # OR-42
    torch.manual_seed(0)
    layer = kind(3, 4, batch_first=True).double()
    x = torch.randn(2, 6, 3, dtype=torch.float64)
    outputs, last = layer(x)
    seen = unroll(layer, x)
    assert outputs.shape == (2, 6, 4)  # as many outputs as units
    assert_close(seen.outputs, outputs, rtol=0, atol=1e-10)
    assert (seen.states["h"][:, 0] == 0).all()  # it starts as zeros
    h = last[0] if kind is nn.LSTM else last
    assert_close(seen.states["h"][:, -1], h[0], rtol=0, atol=1e-10)


@pytest.mark.parametrize(("name", "one_bias", "two"), [("rnn", 960, 990), ("gru", 2880, 2970), ("lstm", 3840, 3960)])
def test_the_parameters_of_30_units_on_one_number_a_step(name, one_bias, two):  # OR-42
    units, arriving = 30, 1
    times = {"rnn": 1, "gru": 3, "lstm": 4}[name]
    found = calculator(name, (5, arriving), 1, units=units).layers[0].parameters
    assert times * units * (arriving + units + 1) == one_bias
    assert found == two == one_bias + times * units  # torch has two biases


def test_one_long_short_term_unit_of_the_decks():  # OR-43
    layer = filled(nn.LSTM(1, 1, batch_first=True), weight_ih_l0=0.5, weight_hh_l0=0.5, bias_ih_l0=0.5, bias_hh_l0=0.0)
    seen = unroll(layer, torch.tensor([[[1.0], [-1.0]]], dtype=torch.float64))
    told = [seen.states[part][0, t, 0].item() for t in (1, 2) for part in ("h", "c")]
    assert told == pytest.approx([0.3696063529, 0.5567699411, 0.2092596342, 0.4038173011], abs=1e-9)
    assert seen.gates["forget"][0, 0, 0].item() == pytest.approx(1 / (1 + math.exp(-1.0)))  # z = 0.5 + 0 + 0.5
    assert seen.gates["candidate"][0, 0, 0].item() == pytest.approx(math.tanh(1.0))


def test_with_the_forget_gate_open_and_the_input_gate_shut_the_memory_stays_exactly():  # OR-43
    layer = nn.LSTM(1, 1, batch_first=True)
    shut, opened = -1e4, 1e4  # sigmoid is 0 and 1 exactly
    filled(layer, weight_ih_l0=0.5, weight_hh_l0=0.5, bias_ih_l0=[shut, opened, 0.0, 0.0], bias_hh_l0=0.0)
    start = {name: torch.full((1, 1), value, dtype=torch.float64) for name, value in (("h", 0.0), ("c", 3.7))}
    seen = unroll(layer, torch.randn(1, 1000, 1, dtype=torch.float64), start)
    assert (seen.states["c"] == 3.7).all()
    assert (seen.gates["forget"] == 1).all() and (seen.gates["input"] == 0).all()


def test_unfolding_is_the_loop():  # OR-44
    layer = StepByStep(1, 1, nonlinearity="identity")
    filled(layer, weight_ih_l0=0.0, weight_hh_l0=0.5, bias_ih_l0=1.0)  # f(s) = 0.5 s + 1
    nothing = torch.zeros(1, 3, 1, dtype=torch.float64)
    from_2 = layer(nothing, {"h": torch.tensor([[2.0]], dtype=torch.float64)})[0]
    assert from_2.flatten().tolist() == [2.0, 2.0, 2.0]
    assert layer(nothing)[0].flatten().tolist() == [1.0, 1.5, 1.75]


def test_a_leaky_unit_forgets_as_0_9_to_the_t():  # OR-44
    layer = LeakyRecurrent(1, 1, time_constants=[10], nonlinearity="identity")
    filled(layer, weight_ih_l0=1.0, weight_hh_l0=0.0, bias_ih_l0=0.0)
    pulse = torch.tensor([[[1.0], [0.0], [0.0], [0.0]]], dtype=torch.float64)
    wanted = [0.1, 0.09, 0.081, 0.0729]
    assert layer(pulse)[0].flatten().tolist() == pytest.approx(wanted, abs=1e-7)  # its time constant is float32


@pytest.mark.parametrize(("weight", "after_50"), [(0.9, 0.9**50), (1.1, 1.1**50), (0.25, 0.25**50)])
def test_a_linear_recurrence_vanishes_or_explodes_as_w_to_the_t(weight, after_50):  # OR-44
    layer = filled(StepByStep(1, 1, nonlinearity="identity"), weight_ih_l0=1.0, weight_hh_l0=weight, bias_ih_l0=0.0)
    x = torch.zeros(1, 51, 1, dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(layer(x)[0][0, -1, 0], x)
    assert slope[0, 0, 0].item() == pytest.approx(after_50)


def test_a_gradient_3_4_has_norm_5_and_is_clipped_to_0_6_0_8_and_by_value_to_1_1():  # OR-44
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    player = SimpleNamespace(parameters={"weight": weight})
    weight.grad = torch.tensor([3.0, 4.0])
    assert Player.clip(player, None, 1.0).item() == 5.0
    assert_close(weight.grad, torch.tensor([0.6, 0.8]), rtol=0, atol=1e-6)
    weight.grad = torch.tensor([3.0, -4.0])
    assert Player.clip(player, 1.0, None) is None
    assert weight.grad.tolist() == [1.0, -1.0]
