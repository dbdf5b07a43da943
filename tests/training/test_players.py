import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, TrainingError, UnknownName
from deepglass.training.recipe import suited


def training(recipe=None, **options):
    network = nn.Sequential()
    network.features, network.head = nn.Linear(4, 5), nn.Linear(5, 3)
    return dg.Training(network, dg.load("iris"), dg.Recipe(threads=1, epochs=2, **(recipe or {})), **options)


def test_a_frozen_part_stays_as_it_is_and_the_rest_learns():
    frozen = training({"freeze": ["features"]})
    before = {n: p.detach().clone() for n, p in frozen.network.named_parameters()}
    list(frozen)
    changed = {n for n, p in frozen.network.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {"head.weight", "head.bias"}
    assert set(frozen.players[0].parameters) == changed


def test_what_was_frozen_may_learn_again_when_the_training_ends():
    def norms():
        network = nn.Sequential()
        network.features = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 5))
        network.head = nn.Linear(5, 3)
        network.features[2].bias.requires_grad_(False)  # this the user froze
        return network

    for broken in (False, True):
        network = norms()
        recipe = dg.Recipe(threads=1, epochs=1, freeze=["features"])
        frozen = dg.Training(network, dg.load("iris"), recipe)
        assert [n for n, p in network.named_parameters() if p.requires_grad] == ["head.weight", "head.bias"]
        assert not network.features[1].training
        if broken:
            network.head.weight.register_hook(lambda gradient: gradient * float("nan"))
            with pytest.raises(TrainingError):
                list(frozen)
        else:
            list(frozen)
        assert [n for n, p in network.named_parameters() if not p.requires_grad] == ["features.2.bias"]
        assert network.features[1].training


def test_parts_learn_at_their_own_rates():
    both = training({"optimizer": "sgd", "learning_rate": 0.5, "batch_size": "all", "rates": {"features": 0.1}})
    plain = training({"optimizer": "sgd", "learning_rate": 0.5, "batch_size": "all"})
    plain.network.load_state_dict(both.network.state_dict())
    start = {n: p.detach().clone() for n, p in both.network.named_parameters()}
    for one in (both, plain):
        next(one.steps())
    for name, p in both.network.named_parameters():
        factor = 0.1 if name.startswith("features") else 1.0
        assert_close(p - start[name], factor * (plain.network.get_parameter(name) - start[name]), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("recipe", "kind", "settings"),
    [
        ({"optimizer": "rmsprop"}, torch.optim.RMSprop, {"alpha": 0.9, "eps": 1e-8, "lr": 1e-3}),
        ({"optimizer": "rmsprop", "rho": 0.5}, torch.optim.RMSprop, {"alpha": 0.5}),
        ({"optimizer": "adadelta"}, torch.optim.Adadelta, {"rho": 0.95, "eps": 1e-6, "lr": 1.0}),
        ({"optimizer": "adagrad"}, torch.optim.Adagrad, {"eps": 1e-10, "lr": 0.01}),
        ({"optimizer": "nesterov", "momentum": 0.7}, torch.optim.SGD, {"nesterov": True, "momentum": 0.7, "lr": 0.05}),
        ({"optimizer": "adam", "beta2": 0.99}, torch.optim.Adam, {"betas": (0.9, 0.99), "weight_decay": 0.0}),
        ({"optimizer": "adamw"}, torch.optim.AdamW, {"weight_decay": 0.01}),
        ({"players": {"network": {"optimizer": "momentum", "momentum": 0.3}}}, torch.optim.SGD, {"momentum": 0.3}),
    ],
)
def test_an_optimizer_has_the_settings_of_its_paper_unless_told_otherwise(recipe, kind, settings):
    optimizer = training(recipe).players[0].optimizer
    assert isinstance(optimizer, kind)
    assert {name: optimizer.param_groups[0][name] for name in settings} == settings


@pytest.mark.parametrize(
    ("recipe", "error", "message"),
    [
        (
            {"freeze": ["feature"]},
            SettingError,
            r"recipe\.freeze='feature' fits no parameter\. Parameters: features\.weight",
        ),
        ({"freeze": ["features", "head"]}, SettingError, "Player 'network' has no parameter to train"),
        ({"players": {"netwrk": {}}}, SettingError, r"names 'netwrk'\. Did you mean 'network'\? Players: network"),
        (
            {"players": {"network": {"rate": 1}}},
            SettingError,
            r"recipe\.players\.network has no 'rate'\. Known: optimizer",
        ),
        (
            {"momentum": 0.5},
            SettingError,
            r"recipe\.momentum=0\.5 is set, and adam does not take it\. Leave it out, or use .*: momentum, nesterov\.",
        ),
        ({"optimizer": "sgd", "beta1": 0.5}, SettingError, r"recipe\.beta1=0\.5 is set, and sgd does not take it"),
        (
            {"players": {"network": {"rho": 0.5}}},
            SettingError,
            r"recipe\.players\.network\.rho=0\.5 is set, and adam does not take it",
        ),
        (
            {"players": {"network": {"learning_rate": "fast"}}},
            SettingError,
            r"recipe\.players\.network\.learning_rate='fast' is no number from 0, nor a list",
        ),
        (
            {"rates": {"tail": 2}},
            SettingError,
            r"recipe\.rates='tail' fits no parameter\. Parameters: features\.weight",
        ),
        (
            {"rates": {"feat": 0.1}},
            SettingError,
            r"Give such a name, whole or up to one of its dots\. Did you mean 'features'\?",
        ),
        (
            {"optimizer": "lbfgs"},
            SettingError,
            r"lbfgs' compares losses .* batch_size=32 is a part of 96\. Use batch_size=all",
        ),
        (
            {"optimizer": "lbfgs", "batch_size": "all", "l1": 0.1},
            SettingError,
            r"lbfgs' needs a smooth loss .*; recipe\.l1 changes them\. Leave it out",
        ),
        (
            {"optimizer": "rosenblatt"},
            SettingError,
            r"batch_size=1; here are batch_size=32, accumulate=1 and loss='cross_entropy'\. Use the network perceptron",
        ),
        ({"optimizer": "adma"}, UnknownName, r"There is no optimizer 'adma'\. Did you mean 'adam'\?"),
    ],
)
def test_what_cannot_be_trained_is_told_before_the_first_step(recipe, error, message):
    with pytest.raises(error, match=message):
        training(recipe)


def test_the_rate_is_the_one_that_suits_the_optimizer_unless_given():
    assert training({"optimizer": "adam"}).players[0].learning_rate == 1e-3
    assert training({"optimizer": "sgd"}).players[0].learning_rate == 0.1
    assert training({"optimizer": "sgd", "learning_rate": 0.3}).players[0].learning_rate == 0.3
    player = {"players": {"network": {"learning_rate": 0.7}}}
    assert training({"learning_rate": 0.3, **player}).players[0].learning_rate == 0.7


def test_an_optimizer_of_ones_own_is_used_and_recorded():
    own = training(optimizer=lambda parameters: torch.optim.RMSprop(parameters, lr=0.02))
    epochs = list(own)
    assert isinstance(own.players[0].optimizer, torch.optim.RMSprop)
    assert epochs[0].learning_rate == 0.02
    assert epochs[1].running["loss"] < epochs[0].running["loss"]
    with pytest.raises(SettingError, match="Use optimizer='lbfgs' with batch_size='all'"):
        training(optimizer=torch.optim.LBFGS)


def test_the_rate_that_suits_a_network_belongs_to_the_optimizer_that_suits_it():
    suits = {"learning_rate": 3e-3, "schedule": "cosine"}
    assert suited(suits, {}) == suits
    assert suited(suits, {"optimizer": "adam"}) == {**suits, "optimizer": "adam"}
    assert suited(suits, {"optimizer": "sgd"}) == {"schedule": "cosine", "optimizer": "sgd"}
    assert suited({"optimizer": "sgd", "learning_rate": 1.0}, {"optimizer": "sgd"})["learning_rate"] == 1.0
    data = dg.load("digits")
    assert dg.Training("lenet5", data, dg.Recipe(optimizer="rmsprop")).players[0].learning_rate == 1e-3
