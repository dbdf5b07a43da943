import numpy as np
import torch
from killed import assert_survives_a_kill, train_until
from torch import nn

import deepglass as dg
from deepglass.data import Source
from deepglass.data.source import numbers

STEPS, UNITS = 10, 8  # of the series an example; of the hidden state


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.output = nn.GRU(1, UNITS, batch_first=True), nn.Linear(UNITS, 1)

    def forward(self, x, hidden):
        states, hidden = self.gru(x[..., None], hidden)
        return self.output(states)[..., 0], hidden


class Truncated(dg.Task):
    """Backpropagation through STEPS steps; the hidden state goes on. Source: Williams and Peng, 1990."""

    order = "lanes"

    def start_carry(self, batch_size, device):
        return {"hidden": torch.zeros(1, batch_size, UNITS, device=device)}

    def losses(self, network, batch, player, noise):
        x = batch["x"]
        output, self.carry["hidden"] = network(x[:, :-1], self.carry["hidden"])
        return {"loss": (output - x[:, 1:]).square().mean()}


def make():
    torch.manual_seed(0)
    series = np.sin(np.arange(100 * STEPS) / 7).reshape(100, STEPS)
    splits = {"train": np.arange(80), "validation": np.arange(80, 100), "test": np.arange(0)}
    source = Source("waves", {"x": numbers(series)}, ("x",), (), splits=splits)
    return dg.Training(Recurrent(), dg.load(source), dg.Recipe(batch_size=10, threads=1), task=Truncated())


def test_a_carried_hidden_state_survives_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_each_lane_goes_on_where_it_was_and_starts_anew_with_the_epoch():
    training = make()
    ids = torch.stack([batch.ids for batch in training._batches()])
    assert torch.equal(ids[1:], ids[:-1] + 1)
    train_until(training, 8)
    assert training.task.carry["hidden"].abs().sum() > 0
    assert not training.task.carry["hidden"].requires_grad
    training.close_epoch()
    assert training.task.carry["hidden"].abs().sum() == 0


def test_validation_carries_a_state_of_its_own():
    training = make()
    train_until(training, 3)
    before = training.task.carry["hidden"].clone()
    once, twice = training.measure("validation"), training.measure("validation")
    assert once == twice
    assert torch.equal(training.task.carry["hidden"], before)


def test_fewer_validation_examples_than_lanes_are_measured_in_fewer_lanes():
    training = make()
    training.batch_size = 40
    assert training.measure("validation")["loss"] > 0
