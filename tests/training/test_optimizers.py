import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.training.optimizers import LBFGS, OPTIMIZERS, Updates, make_optimizer, parameter_groups
from deepglass.training.recipe import Recipe

UPDATES = [name for name, entry in OPTIMIZERS.items() if entry.update is not None]
SHAPES = [(), (5,), (3, 4), (2, 3, 3, 2)]
OTHER = {
    "momentum": 0.8,
    "rho": 0.7,
    "beta1": 0.8,
    "beta2": 0.95,
    "epsilon": 1e-3,
}  # values that nobody takes by default
EACH = {"momentum": [0.0, 0.5, 0.9], "rho": [0.5, 0.9, 0.99], "beta1": [0.5, 0.9, 0.99], "beta2": [0.9, 0.99, 0.999]}
EXACT = {"atol": 1e-12, "rtol": 1e-9}


def settings_of(entry, **changes):
    return {
        "learning_rate": entry.learning_rate / 10,
        **entry.takes,
        **{k: v for k, v in changes.items() if k in entry.takes},
    }


def steps(optimizer, parameters, count=20):
    """Descend into a valley that moves from step to step."""
    for step in range(count):
        optimizer.zero_grad()
        sum(((p - math.sin(step)) ** 2).sum() for p in parameters).backward()
        optimizer.step()
    return [p.detach() for p in parameters]


def start(shapes=SHAPES):
    random = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(shape, generator=random, dtype=torch.float64)) for shape in shapes]


def pure(entry, parameters, weight_decay=0.0, **changes):
    return Updates(
        [{"params": parameters, "weight_decay": weight_decay, **settings_of(entry), **changes}], entry.update
    )


@pytest.mark.parametrize("changes", [{}, OTHER], ids=["defaults", "others"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", UPDATES)
def test_a_pure_update_takes_the_steps_of_torch(name, weight_decay, changes):
    entry, own, theirs = OPTIMIZERS[name], start(), start()
    settings = settings_of(entry, **changes)
    options = entry.in_torchs_words({**settings, "weight_decay": weight_decay})
    reference = steps(entry.torch_class(theirs, foreach=False, **options), theirs)
    assert_close(steps(pure(entry, own, weight_decay, **settings), own), reference, **EXACT)


@pytest.mark.parametrize("name", UPDATES)
def test_what_a_lone_network_runs_takes_the_same_steps(name):
    entry, own, lone = OPTIMIZERS[name], start(), start()
    group = {"params": lone, "weight_decay": 0.1}
    optimizer = make_optimizer(entry, [group], settings_of(entry))
    assert type(optimizer) is entry.torch_class
    assert bool(optimizer.defaults.get("fused")) == (name not in ("rmsprop", "adadelta"))  # torch 2.13 has no more
    assert_close(steps(pure(entry, own, 0.1), own), steps(optimizer, lone), atol=1e-9, rtol=1e-7)


@pytest.mark.parametrize("name", UPDATES)
def test_where_torch_has_no_fused_kernel_for_a_device_the_pure_update_heeds_the_guard(name):
    elsewhere = [{"params": [nn.Parameter(torch.ones(2, device="meta"))], "weight_decay": 0.0}]
    entry = OPTIMIZERS[name]
    assert isinstance(make_optimizer(entry, elsewhere, settings_of(entry)), Updates)


@pytest.mark.parametrize("name", UPDATES)
def test_hyperparameters_for_each_replica_give_the_steps_of_lone_networks(name):
    entry, together = OPTIMIZERS[name], start([(3, 4, 2), (3,)])
    each = {k: v for k, v in EACH.items() if k in entry.takes}
    each |= {"learning_rate": [entry.learning_rate / d for d in (10, 30, 100)]}
    settings = {**settings_of(entry), **{k: torch.tensor(v, dtype=torch.float64) for k, v in each.items()}}
    group = {"params": together, "weight_decay": torch.tensor([0.0, 0.1, 0.2], dtype=torch.float64)}
    optimizer = make_optimizer(entry, [group], settings)
    assert isinstance(optimizer, Updates)
    stacked = steps(optimizer, together)
    for i, decay in enumerate([0.0, 0.1, 0.2]):
        alone = [nn.Parameter(p.detach()[i].clone()) for p in start([(3, 4, 2), (3,)])]
        lone = pure(entry, alone, decay, **{k: v[i] for k, v in each.items()})
        assert_close([p[i] for p in stacked], steps(lone, alone), **EXACT)


def test_a_replica_in_single_precision_is_as_exact_as_a_lone_network():
    entry = OPTIMIZERS["adam"]
    together, alone = nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.ones(3))
    both = {k: torch.tensor([v, v], dtype=torch.float64) for k, v in settings_of(entry).items()}
    stacked = steps(make_optimizer(entry, [{"params": [together], "weight_decay": 0.0}], both), [together])[0]
    assert_close(stacked[1], steps(pure(entry, [alone]), [alone])[0], atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("done", [0, 3], ids=["at the first step", "later"])
def test_no_update_is_made_while_the_flag_of_the_guard_is_up(name, done):
    entry, parameters = OPTIMIZERS[name], start([(3,)])
    lone = make_optimizer(entry, [{"params": parameters, "weight_decay": 0.1}], settings_of(entry))
    for optimizer in [
        pure(entry, parameters),
        *([lone] if entry.fused else []),
    ]:  # before others the guard itself looks
        steps(optimizer, parameters, done)
        weights = parameters[0].detach().clone()
        state = {k: v.clone() for k, v in optimizer.state[parameters[0]].items()}
        optimizer.found_inf = torch.ones(())
        parameters[0].grad = torch.full((3,), float("nan"), dtype=torch.float64)
        optimizer.step()
        assert torch.equal(parameters[0], weights)
        after = optimizer.state[parameters[0]]
        assert all(torch.equal(after[k], state[k]) for k in state)
        assert optimizer is lone or not any(after[k].any() for k in after.keys() - state.keys())


def test_biases_and_norms_are_not_decayed():
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.LayerNorm(3), nn.GRU(3, 2))
    decayed, spared = parameter_groups(dict(network.named_parameters()), network, 0.1)
    names = {id(p): n for n, p in network.named_parameters()}
    assert {names[id(p)] for p in decayed["params"]} == {"0.weight", "3.weight_ih_l0", "3.weight_hh_l0"}
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert len(decayed["params"]) + len(spared["params"]) == len(names)


def test_parts_of_a_network_learn_at_rates_of_their_own():
    network = nn.ModuleDict({"conv1": nn.Linear(2, 2), "conv10": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    rates = {"conv1": 0.1, "conv1.bias": 0.5, "head": 2}
    groups = parameter_groups(dict(network.named_parameters()), network, 0.0, rates)
    names = {id(p): n for n, p in network.named_parameters()}
    factors = {names[id(p)]: group["factor"] for group in groups for p in group["params"]}
    assert factors == {
        "conv1.weight": 0.1,
        "conv1.bias": 0.5,
        "conv10.weight": 1,
        "conv10.bias": 1,
        "head.weight": 2,
        "head.bias": 2,
    }
    optimizer = make_optimizer(OPTIMIZERS["sgd"], groups, {"learning_rate": 0.3})
    used = {names[id(p)]: group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert used == pytest.approx({name: 0.3 * factor for name, factor in factors.items()})


def test_the_help_of_the_recipe_names_every_optimizer_and_every_setting_with_its_default():
    described = {name: field.description for name, field in Recipe.model_fields.items()}
    assert all(name in described["optimizer"] for name in OPTIMIZERS)
    for name, entry in OPTIMIZERS.items():
        for setting, value in entry.takes.items():
            assert name in described[setting]
            assert str(value) in described[setting] or f"{value:.0e}".replace("e-0", "e-") in described[setting]


def bowl(parameters):
    """Rosenbrock's valley, whose lowest point is (1, 1)."""
    x = torch.cat([p.flatten() for p in parameters])
    return ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2).sum()


def searches(optimizer, parameters, function, count):
    def evaluate():
        optimizer.zero_grad()
        loss = function(parameters)
        loss.backward()
        return loss.detach()

    for _ in range(count):
        optimizer.search(evaluate(), evaluate)


def two():
    return [nn.Parameter(torch.tensor([v], dtype=torch.float64)) for v in (-1.2, 1.0)]


def test_lbfgs_takes_the_steps_of_torch_and_finds_the_end_of_rosenbrocks_valley():
    own, theirs = two(), two()
    searches(LBFGS(own), own, bowl, 20)
    reference = torch.optim.LBFGS(
        theirs, lr=1, max_iter=20, max_eval=10**6, history_size=10, line_search_fn="strong_wolfe"
    )

    def closure():
        reference.zero_grad()
        loss = bowl(theirs)
        loss.backward()
        return loss

    reference.step(closure)
    assert_close([p.detach() for p in own], [p.detach() for p in theirs], atol=1e-7, rtol=1e-7)
    searches(LBFGS(own), own, bowl, 40)
    assert_close(torch.cat(own).detach(), torch.ones(2, dtype=torch.float64), atol=1e-6, rtol=1e-6)


def test_lbfgs_goes_on_from_its_saved_memory_to_the_last_bit():
    whole, first, second = two(), two(), two()
    searches(LBFGS(whole), whole, bowl, 25)
    for cut in (0, 1, 2, 14):
        first, second = two(), two()
        begun, resumed = LBFGS(first), LBFGS(second)
        searches(begun, first, bowl, cut)
        with torch.no_grad():
            for a, b in zip(second, first):
                a.copy_(b)
        resumed.load_tensors(begun.tensors())
        searches(resumed, second, bowl, 25 - cut)
        assert all(torch.equal(a, b) for a, b in zip(second, whole))


def test_lbfgs_steps_back_from_where_the_loss_is_no_number():
    parameters = [nn.Parameter(torch.tensor([3.0]))]
    searches(LBFGS(parameters, lr=100.0), parameters, lambda p: (p[0] - p[0].log()).sum(), 30)  # nan below 0
    assert parameters[0].item() == pytest.approx(1.0, abs=1e-3)
