import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError, UnknownName


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
