"""Worked examples with known answers: steps of gradient descent and of its relatives."""

import math

import pytest
import torch
from torch.testing import assert_close

from deepglass.training.optimizers import OPTIMIZERS, Updates
from deepglass.training.schedules import SCHEDULES, Course

F64 = torch.float64


def by_update(name, parameter, decay, **settings):
    return Updates([{"params": [parameter], "weight_decay": decay, **settings}], OPTIMIZERS[name].update)


def by_torch(name, parameter, decay, **settings):
    entry = OPTIMIZERS[name]
    return entry.torch_class([parameter], **entry.in_torchs_words({**entry.takes, **settings, "weight_decay": decay}))


KERNELS = pytest.mark.parametrize("kernel", [by_update, by_torch])


def after(kernel, name, steps, *, start=(1.0,), gradient=(0.5,), decay=0.0, **settings):
    parameter = torch.tensor(start, dtype=F64, requires_grad=True)
    optimizer = kernel(name, parameter, decay, **settings)
    for _ in range(steps):
        parameter.grad = torch.tensor(gradient, dtype=F64)
        optimizer.step()
    return parameter.detach()


def descend(rate, steps=100):
    """Gradient descent on theta squared, from 1."""
    theta = torch.ones((), dtype=F64, requires_grad=True)
    optimizer = by_update("sgd", theta, 0.0, learning_rate=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        (theta**2).backward()
        optimizer.step()
    return theta.item()


@pytest.mark.parametrize(
    ("rate", "end"), [(0.001, 0.8185668047), (0.01, 0.1326195559), (0.1, 2.037035976e-10), (1, 1.0)]
)
def test_a_hundred_steps_down_a_parabola(rate, end):
    assert descend(rate) == pytest.approx(end, rel=1e-8)


def test_a_rate_of_1_swings_for_ever_and_10_diverges():
    assert descend(1, 99) == -1 and descend(1, 100) == 1
    assert descend(10) > 1e127


@pytest.mark.parametrize(
    ("rate", "converges"), [(1e-3, True), (0.5, True), (0.999, True), (1.001, False), (-0.001, False)]
)
def test_a_rate_converges_exactly_between_0_and_1(rate, converges):
    assert (abs(descend(rate)) < 1) is converges


def floor(share_of, rate=0.1, steps=2000):
    """The mean of theta squared after descent on it with unit noise in the gradient, over 1000 trials at once."""
    theta, noise = torch.zeros(1000, dtype=F64, requires_grad=True), torch.Generator().manual_seed(0)
    optimizer = by_update("sgd", theta, 0.0, learning_rate=rate)
    for step in range(steps):
        optimizer.param_groups[0]["learning_rate"] = rate * share_of(step)
        theta.grad = 2 * theta.detach() + torch.randn(1000, generator=noise, dtype=F64)
        optimizer.step()
    return theta.detach().square().mean().item()


def test_noise_leaves_a_floor_at_a_constant_rate_that_a_falling_rate_gets_under():
    constant = floor(lambda step: 1.0)
    assert constant == pytest.approx(0.1 / (4 * (1 - 0.1)), rel=0.1)  # where theta squared settles: a / (4 (1 - a))
    course = Course(steps=2000, epoch_steps=100)
    assert floor(lambda step: SCHEDULES["inverse_time"].share(step, course)) < constant / 5
    assert floor(lambda step: SCHEDULES["cosine"].share(step, course)) < constant / 10


# Optimizer, settings, steps -> where theta = 1 with a gradient of 0.5 ends.
STEPS = {
    "sgd": ({"learning_rate": 0.1}, 1, 0.95),
    "momentum": ({"learning_rate": 0.1, "momentum": 0.9}, 2, 1 - 0.05 - 0.095),
    "nesterov": ({"learning_rate": 0.1, "momentum": 0.9}, 1, 1 - 0.1 * (0.5 + 0.45)),
    "adagrad": ({"learning_rate": 0.1}, 2, 1 - 0.1 - 0.1 * 0.5 / math.sqrt(0.5)),
    "rmsprop": ({"learning_rate": 0.1, "rho": 0.9}, 1, 1 - 0.1 * 0.5 / math.sqrt(0.1 * 0.25)),
    "adadelta": (
        {"learning_rate": 1.0, "rho": 0.9},
        1,
        1 - math.sqrt(1e-6) / math.sqrt(0.1 * 0.25 + 1e-6) * 0.5,
    ),
    "adam": ({"learning_rate": 0.1}, 1, 0.9),
    "adamw": ({"learning_rate": 0.1}, 1, 0.9),
}


@KERNELS
@pytest.mark.parametrize("name", STEPS)
def test_the_first_steps_from_1_with_a_gradient_of_a_half(kernel, name):
    settings, steps, end = STEPS[name]
    assert after(kernel, name, steps, **settings).item() == pytest.approx(end, abs=1e-7)


@pytest.mark.parametrize("name", [name for name, entry in OPTIMIZERS.items() if entry.update is not None])
def test_every_optimizer_steps_as_torch_does(name):
    settings = {"learning_rate": 0.1, "start": (1.0, -2.0, 0.5), "gradient": (0.3, 0.1, -0.2), "decay": 0.04}
    assert_close(after(by_update, name, 5, **settings), after(by_torch, name, 5, **settings), rtol=1e-6, atol=1e-9)


# Three ways to write the penalty -> the decay that each one is. lambda 0.04, 50 examples.
PENALTIES = {"lambda/2 |w|^2": 0.04, "lambda/(2m) |w|^2": 0.04 / 50, "lambda |w|^2": 2 * 0.04}


@KERNELS
@pytest.mark.parametrize("penalty", PENALTIES)
def test_a_squared_penalty_shrinks_the_weights_of_plain_descent(kernel, penalty):
    start, gradient, rate = torch.tensor([1.0, -2.0, 0.5], dtype=F64), torch.tensor([0.3, 0.1, -0.2], dtype=F64), 0.1
    decay = PENALTIES[penalty]
    w = start.clone().requires_grad_()
    (decay / 2 * (w**2).sum() + (w * gradient).sum()).backward()
    shrunk = (1 - rate * decay) * start - rate * gradient
    assert_close(start - rate * w.grad, shrunk)
    found = after(kernel, "sgd", 1, start=start.tolist(), gradient=gradient.tolist(), decay=decay, learning_rate=rate)
    assert_close(found, shrunk)


@KERNELS
def test_in_adam_a_penalty_is_no_decay(kernel):
    settings = {"start": (1.0, -2.0, 0.5), "gradient": (0.3, 0.1, -0.2), "decay": 0.04, "learning_rate": 0.1}
    assert not torch.allclose(after(kernel, "adam", 1, **settings), after(kernel, "adamw", 1, **settings))


def test_a_squared_penalty_is_a_normal_prior_of_variance_one_over_lambda():
    prior = torch.distributions.Normal(0.0, 1 / math.sqrt(0.04))
    cost = prior.log_prob(torch.tensor(0.0)) - prior.log_prob(torch.tensor(1.7))
    assert cost.item() == pytest.approx(0.04 / 2 * 1.7**2, abs=1e-6)
