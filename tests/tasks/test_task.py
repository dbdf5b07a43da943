import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import DataError, UnknownName
from deepglass.tasks import TaskSettings, task_for


class Reconstruct(dg.Task):
    """A task of one's own: give back what was put in."""

    def losses(self, network, batch, player, noise):
        x = batch["x"]
        return {"loss": (network(x) - x).square().mean(), "bias": network.bias.abs().mean()}


def test_a_task_of_ones_own_needs_its_losses_alone():
    data, network = dg.load("iris"), nn.Linear(4, 4)
    first, *_, last = list(dg.Training(network, data, dg.Recipe(threads=1, learning_rate=0.01), task=Reconstruct()))
    assert last.validation["loss"] < first.validation["loss"]
    x = data.examples("validation")["x"]
    assert last.validation["loss"] == pytest.approx((network(x) - x).square().mean().item(), rel=1e-5)
    assert last.validation["bias"] == pytest.approx(network.bias.abs().mean().item(), rel=1e-5)
    assert {"loss", "bias"} == last.running.keys()
    prediction = Reconstruct().predict(network, {"x": x})
    assert_close(Reconstruct().decode(prediction)["output"], network(x).detach().numpy())


def test_a_players_losses_carry_its_name_and_can_wait():
    class Two(Reconstruct):
        def players(self, network):
            return {"often": network[0], "seldom": network[1]}

        def plays(self, player, step):
            return player == "often" or step % 2 == 0

        def losses(self, network, batch, player, noise):
            return {"loss": network(batch["x"]).square().mean()}

    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
    training = dg.Training(network, dg.load("iris"), dg.Recipe(threads=1, epochs=1), task=Two())
    seen = []
    for step in training.steps():
        seen.append((set(step.losses), network[1].weight.detach().clone()))
    both = {"often_loss", "seldom_loss"}
    assert [names for names, _ in seen] == [both, {"often_loss"}, both]
    assert torch.equal(seen[0][1], seen[1][1])
    assert not torch.equal(seen[1][1], seen[2][1])
    measured = training.close_epoch().validation
    assert measured["loss"] == pytest.approx(measured["often_loss"] + measured["seldom_loss"])


def test_the_same_task_serves_two_trainings_without_mixing_their_carry():
    class Average(Reconstruct):
        carry_resets = "never"

        def start_carry(self, batch_size, device):
            return {"average": torch.zeros(4)}

        def losses(self, network, batch, player, noise):
            if network.training:
                self.carry["average"] = 0.9 * self.carry["average"] + 0.1 * batch["x"].mean(dim=0)
            return super().losses(network, batch, player, noise)

    task = Average()
    one, other = (dg.Training(nn.Linear(4, 4), dg.load("iris"), dg.Recipe(threads=1), task=task) for _ in range(2))
    list(one.steps())
    one.close_epoch()
    assert one.task.carry["average"].abs().sum() > 0  # kept over the border of the epoch
    assert other.task.carry["average"].abs().sum() == 0
    assert task.carry == {}


def test_the_task_follows_from_the_kind_of_the_target():
    x = np.zeros((20, 2))
    targets = {
        "classification": np.arange(20) % 3,
        "regression": np.arange(20) / 3,
        "labels": np.arange(40).reshape(20, 2) % 2,
    }
    for name, y in targets.items():
        assert task_for(dg.load((x, y))).name == name


def test_without_a_target_or_with_a_wrong_name_it_is_said_what_is_needed():
    with pytest.raises(DataError, match=r"arrays has no target: say what is to be learned with task="):
        task_for(dg.load(np.zeros((20, 2))))
    with pytest.raises(UnknownName, match=r"There is no task 'regresion'\. Did you mean 'regression'\?"):
        task_for(dg.load("iris"), TaskSettings(name="regresion"))
