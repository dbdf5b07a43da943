"""Replicas: trainings that are taken in one step end as they would alone."""

import copy

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError, TrainingError
from deepglass.training.replicas import Replicas
from deepglass.training.stackable import unfit

COUNT = 3


@pytest.fixture(scope="module")
def digits():
    return dg.load("digits", test=0, validation=300, classes=[0, 1, 2, 3])


@pytest.fixture(scope="module")
def iris():
    return dg.load("iris")


def made(data, network=None, count=COUNT, **settings):
    """Trainings that differ in their seeds, and in each setting that is a tuple."""

    def recipe(place):
        own = {k: v[place] if isinstance(v, tuple) else v for k, v in settings.items()}
        return dg.Recipe(**{"seed": place, "epochs": 3, "early_stopping": False, "threads": 1, **own})

    network = network or {"name": "mlp", "hidden": [8]}
    return [dg.Training(dg.build(network, data, seed=recipe(i).seed), data, recipe(i)) for i in range(count)]


def finished(trainings):
    for training in trainings:
        list(training)
    return trainings


def assert_alike(alone, stacked, tolerance=1e-5):
    for one, other in zip(alone, stacked, strict=True):
        for (name, a), b in zip(one.network.state_dict().items(), other.network.state_dict().values()):
            torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance, msg=lambda m, n=name: f"{n}: {m}")
        assert len(one.history) == len(other.history)
        for a, b in zip(one.history, other.history):
            assert a.train == pytest.approx(b.train, rel=1e-3, abs=1e-4)
            assert a.validation == pytest.approx(b.validation, rel=1e-3, abs=1e-4)
            assert a.learning_rate == b.learning_rate


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": "sgd", "learning_rate": (0.01, 0.1, 0.3)},
        {"optimizer": "momentum", "momentum": (0.5, 0.9, 0.99)},
        {"optimizer": "nesterov", "learning_rate": 0.05, "weight_decay": (0.0, 0.01, 0.1)},
        {"optimizer": "adagrad"},
        {"optimizer": "rmsprop", "rho": (0.8, 0.9, 0.99)},
        {"optimizer": "adadelta"},
        {"optimizer": "adamw", "weight_decay": (0.0, 0.1, 1.0), "schedule": "cosine"},
        {"learning_rate": (0.001, 0.01, 0.02), "warmup_steps": 4},
        {"optimizer": "sgd", "clip_norm": (0.05, 0.5, None), "l1": (0.0, 1e-3, 1e-2)},
        {"seed": (7, 7, 7), "learning_rate": (0.001, 0.003, 0.01)},
        {"batch_size": "all", "optimizer": "sgd"},
        {"rates": {"hidden1": 0.1}, "shuffle": False},
    ],
    ids=str,
)
def test_each_ends_as_it_would_alone(iris, settings):
    alone, stacked = finished(made(iris, **settings)), made(iris, **settings)
    for records in Replicas(stacked):
        assert len(records) == COUNT
    assert_alike(alone, stacked)
    assert [t.step_number for t in stacked] == [t.step_number for t in alone]


@pytest.mark.parametrize(
    "network",
    [
        [{"Conv2d": [4, 3]}, "ReLU", {"MaxPool2d": 2}, "Flatten", {"Linear": "outputs"}],
        ["Flatten", {"Linear": 8}, "BatchNorm1d", "ReLU", {"Linear": "outputs"}],
    ],
    ids=["convolution", "batch norm"],
)
def test_convolutions_and_the_statistics_of_batch_norm_are_stacked_too(digits, network):
    settings = {"batch_size": 64, "epochs": 2, "optimizer": "sgd", "learning_rate": 0.05}  # Adam enlarges rounding
    alone, stacked = finished(made(digits, network, **settings)), made(digits, network, **settings)
    list(Replicas(stacked))
    assert_alike(alone, stacked, tolerance=1e-4)


def test_augmented_pictures_are_those_that_each_seed_would_see_alone(digits):
    data = digits.with_(augment={"shift": 1})
    network = ["Flatten", {"Linear": "outputs"}]
    alone, stacked = finished(made(data, network, batch_size=64)), made(data, network, batch_size=64)
    list(Replicas(stacked))
    assert_alike(alone, stacked)


def test_regression_with_weights_of_examples():
    x = torch.linspace(-1, 1, 60).reshape(-1, 1)
    data = dg.load((x.numpy(), (x[:, 0] ** 2).numpy()), weights=torch.arange(60).numpy() / 30, test=0)
    alone, stacked = finished(made(data)), made(data)
    list(Replicas(stacked))
    assert_alike(alone, stacked)


def test_with_dropout_the_replicas_differ_and_learn_alike(digits):
    network = {"name": "mlp", "hidden": [32], "dropout": 0.5}
    settings = {"seed": (0, 0, 0), "epochs": 8}
    alone, stacked = finished(made(digits, network, **settings)), made(digits, network, **settings)
    list(Replicas(stacked))
    first, second = (next(iter(t.network.parameters())) for t in stacked[:2])
    assert not torch.equal(first, second)  # one mask each
    for training in stacked:
        assert training.history[-1].validation["accuracy"] > alone[0].history[-1].validation["accuracy"] - 0.05


def test_one_that_stops_early_leaves_the_stack_with_its_best_weights_and_the_others_go_on(iris):
    settings = {"early_stopping": True, "patience": (1, 30, 30), "learning_rate": (0.3, 0.003, 0.01), "epochs": 12}
    alone, stacked = finished(made(iris, **settings)), made(iris, **settings)
    took_part = [len(records) for records in Replicas(stacked)]
    assert len(stacked[0].history) < 12
    assert took_part[0] == 3 and took_part[-1] == 2
    assert_alike(alone, stacked, tolerance=1e-4)


def test_one_whose_loss_explodes_fails_alone(iris):
    settings = {"optimizer": "sgd", "learning_rate": (0.1, 1e30, 0.01)}
    stacked = made(iris, **settings)
    replicas = Replicas(stacked)
    list(replicas)
    assert list(replicas.failures) == [1]
    assert isinstance(replicas.failures[1], TrainingError)
    assert "The gradient of replica 1 is not finite at step" in str(replicas.failures[1])
    assert all(p.isfinite().all() for p in stacked[1].network.parameters())
    alone = finished([t for i, t in enumerate(made(iris, **settings)) if i != 1])
    assert_alike(alone, [stacked[0], stacked[2]])


def test_the_state_of_one_goes_on_alone(iris):
    stacked = made(iris, epochs=6)
    rounds = iter(Replicas(stacked))
    for _ in range(3):
        next(rounds)
    (lone,) = made(iris, epochs=6, count=1)
    state = copy.deepcopy(stacked[0].state_dict())
    lone.load_state_dict(state)
    list(rounds)
    list(lone)
    assert_alike([lone], stacked[:1])


def test_lone_trainings_that_have_begun_can_be_stacked(iris):
    alone, stacked = finished(made(iris, epochs=4)), made(iris, epochs=4)
    for training in stacked:
        next(iter(training))
    list(Replicas(stacked))
    assert_alike(alone, stacked)


class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, features):
        return self.layer(features)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"epochs": (2, 3, 2)}, "recipe.epochs differs"),
        ({"optimizer": ("sgd", "adam", "sgd")}, "recipe.optimizer differs"),
        ({"average": 0.9}, "recipe.average is set"),
        ({"accumulate": 2}, "recipe.accumulate is set"),
        ({"optimizer": "lbfgs", "batch_size": "all"}, "lbfgs has no update for replicas"),
        ({"schedule": "plateau"}, "a plateau, lanes and mixup go with one network at a time"),
    ],
    ids=str,
)
def test_what_cannot_be_stacked_is_said(iris, settings, reason):
    with pytest.raises(SettingError, match=f"These trainings cannot be stacked: {reason}"):
        Replicas(made(iris, **settings))


def test_networks_and_data_have_to_agree(iris, digits):
    one = made(iris, count=1)
    other = made(iris, {"name": "mlp", "hidden": [9]}, count=1)
    assert unfit(one + other) == "their networks differ"
    assert unfit(one + made(digits, count=1)) == "they are on different data"
    network = dg.build("mlp", iris)
    twice = [dg.Training(network, iris) for _ in range(2)]
    assert unfit(twice) == "they share a network"
    assert unfit([]) == "there are none"
    assert unfit([dg.Training(Mine(), iris) for _ in range(2)]) == ""
