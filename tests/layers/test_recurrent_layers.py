"""Recurrent layers: those that torch lacks, states that are handed on, and the unrolled form of all of them."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError, UnknownName
from deepglass.layers.echo import EchoReservoir, ridge_solution
from deepglass.layers.leaky import LeakyRecurrent
from deepglass.layers.recurrent import start_of, through
from deepglass.layers.recurrent_clockwork import ClockworkRecurrent
from deepglass.layers.recurrent_output import OutputRecurrent
from deepglass.layers.recurrent_skip import SkipRecurrent
from deepglass.layers.recurrent_start import start_recurrent
from deepglass.layers.recurrent_steps import StepByStep
from deepglass.layers.unrolled import unroll

ALL = {
    "rnn": lambda: nn.RNN(3, 4, batch_first=True),
    "rnn, relu": lambda: nn.RNN(3, 4, nonlinearity="relu", batch_first=True),
    "rnn, no bias": lambda: nn.RNN(3, 4, bias=False, batch_first=True),
    "lstm": lambda: nn.LSTM(3, 4, batch_first=True),
    "gru": lambda: nn.GRU(3, 4, batch_first=True),
    "plain": lambda: StepByStep(3, 4),
    "leaky": lambda: LeakyRecurrent(3, 4, time_constants=[1, 5]),
    "skip": lambda: SkipRecurrent(3, 4, delay=3),
    "clockwork": lambda: ClockworkRecurrent(3, 4, periods=[1, 2]),
    "echo": lambda: EchoReservoir(3, 4, leak=0.5),
}


def made(name):
    torch.manual_seed(0)
    return ALL[name]().double()


def series(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", ALL)
def test_unrolled_it_gives_the_numbers_of_its_kernel_and_their_gradients(name):
    layer, x = made(name), series(2, 6, 3).requires_grad_()
    whole, seen = layer(x)[0], unroll(layer, x)
    assert_close(seen.outputs, whole, rtol=0, atol=1e-10)
    weight = series(2, 6, 4, seed=2)
    wanted, got = (torch.autograd.grad((weight * y).sum(), [x, *layer.parameters()]) for y in (whole, seen.outputs))
    assert_close(got, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ALL)
def test_a_series_read_in_two_parts_ends_in_the_same_state(name):
    layer, x = made(name), series(2, 7, 3)
    everything = torch.ones(2, 7, dtype=torch.bool)
    whole, end = through(layer, x, None, everything)
    first, middle = through(layer, x[:, :3], None, everything[:, :3])
    second, after = through(layer, x[:, 3:], middle, everything[:, 3:])
    assert_close(torch.cat([first, second], dim=1), whole)
    assert_close(after, end)


@pytest.mark.parametrize("name", ALL)
def test_padded_steps_change_no_state_and_a_series_of_padding_keeps_the_one_it_had(name):
    layer, x = made(name), series(3, 5, 3)
    mask = torch.arange(5) < torch.tensor([3, 0, 5])[:, None]
    before = {k: torch.randn_like(v) if v.is_floating_point() else v + 1 for k, v in start_of(layer, 3).items()}
    _, end = through(layer, x, before, mask)
    _, alone = through(layer, x[:1, :3], {k: v[:1] for k, v in before.items()}, mask[:1, :3])
    for part in end:
        assert_close(end[part][:1], alone[part])
        assert_close(end[part][1], before[part][1])


def test_a_plain_layer_of_steps_is_torchs_with_one_bias():
    ours, torchs = made("plain"), made("rnn")
    with torch.no_grad():
        torchs.bias_hh_l0.zero_()
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"):
            getattr(torchs, name).copy_(getattr(ours, name))
    x = series(2, 5, 3)
    assert_close(ours(x)[0], torchs(x)[0])


def test_a_leaky_unit_forgets_a_pulse_as_fast_as_its_time_constant_says():
    layer = LeakyRecurrent(1, 2, time_constants=[2, 10], nonlinearity="identity").double()
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.zero_()
        layer.bias_ih_l0.zero_()
    pulse = torch.tensor([[[1.0], [0.0], [0.0], [0.0]]], dtype=torch.float64)
    assert_close(
        layer(pulse)[0][0],
        torch.tensor([[0.5, 0.1], [0.25, 0.09], [0.125, 0.081], [0.0625, 0.0729]], dtype=torch.float64),
        rtol=0,
        atol=1e-6,  # the time constants are float32
    )


def test_with_time_constant_1_a_leaky_layer_is_a_plain_one():
    layer, plain = LeakyRecurrent(3, 4, time_constants=[1]), StepByStep(3, 4)
    plain.load_state_dict(layer.state_dict())
    x = series(2, 5, 3).float()
    assert_close(layer(x)[0], plain(x)[0])


def test_a_skip_adds_the_state_of_d_steps_ago():
    layer = SkipRecurrent(1, 1, delay=3, nonlinearity="identity")
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.zero_()
        layer.weight_skip_l0.fill_(0.5)
        layer.bias_ih_l0.zero_()
    pulse = torch.zeros(1, 8, 1)
    pulse[0, 0] = 1.0
    assert layer(pulse)[0].flatten().tolist() == [1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25, 0.0]


def test_slow_units_hold_their_state_and_hear_only_slow_ones():
    layer, x = made("clockwork"), series(1, 6, 3).requires_grad_()
    given = layer(x)[0]
    assert_close(given[0, 1, 2:], given[0, 0, 2:])  # units 2 and 3 have period 2
    assert_close(given[0, 3, 2:], given[0, 2, 2:])
    assert not torch.equal(given[0, 1, :2], given[0, 0, :2])
    (slope,) = torch.autograd.grad(given[0, 4, 2:].sum(), x)
    assert (slope[0, 0] != 0).all() and (
        slope[0, 1] == 0
    ).all()  # what came in between has reached the quick ones alone


def test_with_true_answers_fed_back_all_steps_at_once_are_those_one_after_another():
    torch.manual_seed(0)
    layer = OutputRecurrent(3, 4, 2).double()
    x, truth = series(2, 6, 3), series(2, 6, 2, seed=2)
    heard, one_by_one = layer.start(2), []
    for t in range(6):
        one_by_one.append(layer(x[:, t : t + 1], heard)[0])
        heard = truth[:, t]
    assert_close(layer.forced(x, truth), torch.cat(one_by_one, dim=1))


def test_forced_with_its_own_answers_it_says_them_again():
    torch.manual_seed(0)
    layer, x = OutputRecurrent(3, 4, 2, feedback="softmax").double(), series(2, 6, 3)
    free, _ = layer(x)
    assert_close(layer.forced(x, free.softmax(dim=-1)), free)


def test_a_reservoir_has_its_spectral_radius_trains_nothing_and_forgets_how_it_began():
    torch.manual_seed(0)
    layer = EchoReservoir(1, 50, spectral_radius=0.8)
    assert torch.linalg.eigvals(layer.weight_hh_l0).abs().max().item() == pytest.approx(0.8, rel=1e-4)
    assert not list(layer.parameters()) and len(layer.state_dict()) == 3
    x = torch.randn(1, 200, 1).expand(2, -1, -1)
    apart = layer(x, {"h": torch.stack([torch.zeros(50), torch.ones(50)])})[0]
    assert (apart[0, 0] - apart[1, 0]).abs().max() > 0.1
    assert (apart[0, -1] - apart[1, -1]).abs().max() < 1e-6


def test_ridge_is_that_of_scikit_learn():
    from sklearn.linear_model import Ridge

    x, y = series(40, 5), series(40, 2, seed=2)
    weight, bias = ridge_solution(x, y, 0.3)
    reference = Ridge(alpha=0.3).fit(x.numpy(), y.numpy())
    assert_close(weight, torch.from_numpy(reference.coef_))
    assert_close(bias, torch.from_numpy(reference.intercept_))


def test_the_gate_that_keeps_starts_as_open_as_is_asked_for_and_the_recurrence_is_orthogonal():
    for layer, gate, units in ((nn.LSTM(3, 4), 1, 4), (nn.GRU(3, 4), 1, 4)):
        start_recurrent(layer, open_gate=2.0)
        bias = (layer.bias_ih_l0 + layer.bias_hh_l0).reshape(-1, units)
        expected = torch.zeros_like(bias)
        expected[gate] = 2.0
        assert_close(bias, expected)
        for block in layer.weight_hh_l0.split(units):
            assert_close(block @ block.T, torch.eye(4))


def test_torchs_own_start_stays_and_the_open_gate_is_added():
    torch.manual_seed(0)
    layer = nn.LSTM(3, 4)
    before = layer.bias_ih_l0.detach().clone()
    start_recurrent(layer, "default", open_gate=2.0)
    assert_close(layer.bias_ih_l0 - before, torch.tensor([0.0, 2.0, 0.0, 0.0]).repeat_interleave(4))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LeakyRecurrent(3, 4, time_constants=[0.5]), "numbers of steps, 1 or more"),
        (lambda: LeakyRecurrent(3, 1, time_constants=[1, 2]), "2 time constants for 1 units"),
        (lambda: SkipRecurrent(3, 4, delay=1), "delay=1 skips no step"),
        (lambda: ClockworkRecurrent(3, 4, periods=[]), "whole numbers of steps"),
        (lambda: ClockworkRecurrent(3, 1, periods=[1, 2]), "2 periods for 1 units"),
        (lambda: EchoReservoir(3, 4, leak=1.5), "leak=1.5 makes no reservoir.*at most 1"),
        (lambda: EchoReservoir(3, 4, spectral_radius=0), "spectral_radius=0 makes no reservoir"),
    ],
)
def test_what_cannot_be_is_told(make, said):
    with pytest.raises(SettingError, match=said):
        make()


def test_another_nonlinearity_is_told_those_there_are():
    with pytest.raises(UnknownName, match="identity, relu, tanh"):
        StepByStep(3, 4, nonlinearity="softsign")
