"""What a user gets from `dg.quick_check`."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
import torch._dynamo  # which makes a folder of its own among the temporary ones when it is first imported
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, SettingError, TrainingError, UnknownName

pytestmark = pytest.mark.usefixtures("in_tmp")


def test_all_is_tried_out_and_nothing_is_left(tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    found = dg.quick_check("mlp", "digits", batch_size=16, epochs=7, threads=1)
    assert found.steps == 3 and found.examples == 48 and found.validation_examples == 64
    assert found.epoch_examples == 1150 and found.epochs == 7 and found.epoch_seconds > 0
    said = repr(found)
    assert said.startswith("Everything works: 3 steps with 48 examples, 64 validation examples measured and predicted")
    assert "An epoch of 1,150 examples will take about" in said and "7 epochs at most" in said
    assert list(place.iterdir()) == [] and not Path("runs").exists()


def test_what_the_training_is_made_of_stands_on_a_card_before_it_starts():
    found = dg.quick_check(
        {"name": "mlp", "hidden": [8]}, "iris", batch_size=20, weight_decay=0.01, freeze=["hidden1"], threads=1
    )
    data, network, parameters, objective, prediction = found.card
    assert (
        data
        == "data: iris, 96 examples to train on, 24 to validate, 30 to test, behind glass; x (number, 4) -> species (category)"
    )
    assert network == "network: mlp, feed-forward, 3 modules"
    assert parameters == "parameters: 67, of which 27 learn"  # (4 + 1) * 8 + (8 + 1) * 3
    assert objective.startswith("objective: cross_entropy + 0.01/2 x squared weights, by adam at ")
    assert objective.endswith("batches of 20, 20 epochs at most")
    assert prediction.startswith("prediction: for a new example species, probability, p(setosa)")
    assert data in repr(found) and found.to_dict()["card"][0] == data


def test_a_network_of_ones_own_is_not_changed():
    network = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3))
    before = {n: v.clone() for n, v in network.state_dict().items()}
    dg.quick_check(network, "iris", optimizer=lambda p: torch.optim.SGD(p, lr=0.1), freeze=["0"], threads=1)
    assert all(torch.equal(v, before[n]) for n, v in network.state_dict().items())
    assert all(p.requires_grad for p in network.parameters())


def test_few_examples_of_a_rare_class_are_no_obstacle():
    x = np.random.default_rng(0).normal(size=(600, 2)).astype(np.float32)
    y = np.where(np.arange(600) % 150 == 7, "yes", "no")
    assert dg.quick_check("mlp", (x, y), threads=1).steps == 3


def test_a_task_without_a_target_is_checked_as_well():
    class Reconstruct(dg.Task):
        name = "reconstruct"

        def losses(self, network, batch, player, noise):
            x = batch["image"]
            return {"loss": (network(x) - x).square().mean()}

    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Linear(8, 64), nn.Unflatten(1, (1, 8, 8)))
    assert dg.quick_check(network, "digits", task=Reconstruct(), threads=1).steps == 3


def test_what_would_stop_the_training_stops_the_check():
    with pytest.raises(DataError, match=r"dg.quick_check\('mlp', 'digits'\)"):
        dg.quick_check("mlp")
    with pytest.raises(UnknownName, match="Did you mean 'mlp'"):
        dg.quick_check("mpl", "iris")
    with pytest.raises(TrainingError, match="not finite"):
        dg.quick_check("mlp", "diabetes", optimizer="sgd", learning_rate=1e30, threads=1)
    softmax = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    assert dg.quick_check(softmax, "iris", threads=1).alarms
    with pytest.raises(SettingError, match="strict"):
        dg.quick_check(softmax, "iris", strict=True, threads=1)
