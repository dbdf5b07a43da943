"""Siblings: trainings that are prepared together are those that would have been prepared one by one."""

import copy

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.networks import made_from
from deepglass.tasks import Classification
from deepglass.training.siblings import has_twins, siblings, twin


@pytest.fixture(scope="module")
def iris():
    return dg.load("iris")


def make_for(data, **options):
    return lambda seed: dg.build("mlp", data, seed=seed, **{"hidden": [6], **options})


def recipes(**settings):
    """Recipes that differ in each setting that is a tuple."""
    count = max(len(v) for v in settings.values() if isinstance(v, tuple))
    return [
        dg.Recipe(
            **{"epochs": 2, "threads": 1, **{k: v[i] if isinstance(v, tuple) else v for k, v in settings.items()}}
        )
        for i in range(count)
    ]


def weights(training):
    return {name: value.clone() for name, value in training.network.state_dict().items()}


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": (0.1, 0.01, 0.001), "weight_decay": (0.0, 0.1, 0.01)},
        {"seed": (0, 1, 1)},
        {"optimizer": ("sgd", "adam", "sgd"), "batch_size": (16, 32, 16)},
        {"clip_norm": (0.1, None), "schedule": "cosine", "average": 0.9},
    ],
    ids=str,
)
def test_each_ends_as_one_that_was_prepared_alone(iris, settings):
    make, wanted = make_for(iris, dropout=0.2), recipes(**settings)
    for together, recipe in zip(siblings(make, iris, wanted), wanted, strict=True):
        alone = dg.Training(make(recipe.seed), iris, recipe)
        assert together.recipe == alone.recipe
        assert [e.validation for e in together] == [e.validation for e in alone]
        assert all(torch.equal(a, b) for a, b in zip(weights(together).values(), weights(alone).values(), strict=True))


def test_they_share_nothing_that_training_changes(iris):
    first, second, third = siblings(make_for(iris), iris, recipes(learning_rate=(0.01, 0.02, 0.03)))
    before = weights(second), weights(third)
    list(first)
    assert not second.history and not second.best and not second.step_number
    assert not any(state for state in second.players[0].optimizer.state.values())
    for training, start in zip((second, third), before):
        assert all(torch.equal(a, b) for a, b in zip(weights(training).values(), start.values()))
    mutable = (
        "network",
        "recipe",
        "task",
        "players",
        "frozen",
        "stopping",
        "pace",
        "history",
        "best",
        "kept",
        "running",
    )
    assert not [name for name in mutable if getattr(second, name) is getattr(third, name)]


def test_what_is_frozen_in_each_learns_again_when_it_has_ended(iris):
    made = siblings(make_for(iris), iris, recipes(learning_rate=(0.01, 0.02), freeze=["hidden1"], epochs=1))
    for training in made:
        assert [p.requires_grad for p in training.network.parameters()] == [False, False, True, True]
        list(training)
        assert all(p.requires_grad for p in training.network.parameters())


def test_a_task_of_your_own_is_prepared_for_each(iris):
    class Counting(Classification):
        prepared = 0

        def prepare(self, data, network):
            super().prepare(data, network)
            type(self).prepared += 1

    siblings(make_for(iris), iris, recipes(seed=(0, 1, 2)), task=Counting())
    assert Counting.prepared == 3


def test_no_recipe_makes_no_training(iris):
    assert siblings(make_for(iris), iris, []) == []


def test_a_twin_is_what_a_deep_copy_is(iris):
    network = dg.build(["Flatten", {"Linear": 8}, "BatchNorm1d", "ReLU", {"Linear": "outputs"}], iris)
    network(torch.randn(5, 4))  # which moves the running statistics
    made, copied = twin(network), copy.deepcopy(network)
    assert has_twins(network) and str(made) == str(copied) and made_from(made) == made_from(network)
    assert [type(m) for m in made.modules()] == [type(m) for m in copied.modules()]
    theirs, own = copied.state_dict(), made.state_dict()
    assert own.keys() == theirs.keys() and all(torch.equal(own[n], theirs[n]) for n in own)
    assert not {id(t) for t in own.values()} & {id(t) for t in network.state_dict().values()}
    nn.init.zeros_(made[1].weight)
    made[1].register_forward_hook(lambda *_: None)
    made.eval()
    assert network[1].weight.any() and not network[1]._forward_hooks and network.training
    assert torch.equal(network(torch.ones(3, 4)), copied(torch.ones(3, 4)))


def shared():
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.ReLU(), layer)


def tied():
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    network[1].weight = network[0].weight
    return network


def watched():
    network = nn.Sequential(nn.Linear(4, 4))
    network[0].register_forward_hook(lambda *_: None)
    return network


class Listing(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.layers = [self.first]


@pytest.mark.parametrize(
    "make", [shared, tied, watched, Listing, lambda: nn.LSTM(4, 4)], ids=["shared", "tied", "watched", "list", "lstm"]
)
def test_what_keeps_more_than_layers_of_its_own_is_built_again_instead(make):
    assert not has_twins(make())
