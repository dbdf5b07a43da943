import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.training.optimizers import OPTIMIZERS, Updates, decay_groups, make_optimizer

RATES = [0.1, 0.01, 0.001]


def settings_of(entry, learning_rate):
    return {"learning_rate": learning_rate, **({"momentum": 0.8} if "momentum" in entry.takes else {})}


def steps(optimizer, parameter, count=20):
    """Descend into a valley that moves from step to step."""
    for step in range(count):
        optimizer.zero_grad()
        ((parameter - math.sin(step)) ** 2).sum().backward()
        optimizer.step()
    return parameter.detach()


def start(*shape):
    return nn.Parameter(torch.randn(*shape, generator=torch.Generator().manual_seed(0)))


def pure(name, parameter, learning_rate, weight_decay):
    entry = OPTIMIZERS[name]
    group = {"params": [parameter], "weight_decay": weight_decay, **settings_of(entry, learning_rate)}
    return Updates([group], entry.update)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_pure_update_takes_the_steps_of_torch(name, weight_decay):
    entry, own, theirs = OPTIMIZERS[name], start(3, 4), start(3, 4)
    rate = entry.learning_rate / 10
    options = {"lr": rate, "weight_decay": weight_decay, **dict.fromkeys(entry.takes, 0.8)}
    reference = steps(entry.torch_class([theirs], foreach=False, **options), theirs)
    assert_close(steps(pure(name, own, rate, weight_decay), own), reference, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_a_lone_network_runs_takes_the_same_steps(name):
    entry, own, lone = OPTIMIZERS[name], start(3, 4), start(3, 4)
    rate = entry.learning_rate / 10
    optimizer = make_optimizer(name, entry, [{"params": [lone], "weight_decay": 0.1}], settings_of(entry, rate))
    assert not isinstance(optimizer, Updates)
    assert_close(steps(pure(name, own, rate, 0.1), own), steps(optimizer, lone), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_for_each_replica_gives_the_steps_of_lone_networks(name):
    entry, together = OPTIMIZERS[name], start(3, 4, 2)
    rates = torch.tensor(RATES) / 10
    groups = [{"params": [together], "weight_decay": torch.tensor([0.0, 0.1, 0.2])}]
    optimizer = make_optimizer(name, entry, groups, settings_of(entry, rates))
    assert isinstance(optimizer, Updates)
    stacked = steps(optimizer, together)
    for i, decay in enumerate([0.0, 0.1, 0.2]):
        alone = nn.Parameter(start(3, 4, 2).detach()[i].clone())
        assert_close(stacked[i], steps(pure(name, alone, RATES[i] / 10, decay), alone), atol=1e-6, rtol=1e-5)


def test_biases_and_norms_are_not_decayed():
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.LayerNorm(3), nn.GRU(3, 2))
    decayed, spared = decay_groups(dict(network.named_parameters()), network, 0.1)
    names = {id(p): n for n, p in network.named_parameters()}
    assert {names[id(p)] for p in decayed["params"]} == {"0.weight", "3.weight_ih_l0", "3.weight_hh_l0"}
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert len(decayed["params"]) + len(spared["params"]) == len(names)


def test_no_pure_update_is_made_while_the_flag_of_the_guard_is_up():
    parameter = start(3)
    optimizer = pure("adam", parameter, torch.tensor(0.1), 0.0)
    before = parameter.detach().clone()
    optimizer.found_inf = torch.ones(())
    parameter.grad = torch.full((3,), float("nan"))
    optimizer.step()
    assert torch.equal(parameter, before)
