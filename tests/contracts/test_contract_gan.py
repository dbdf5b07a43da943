import torch
from killed import assert_survives_a_kill
from torch import nn
from torch.nn.functional import softplus

import deepglass as dg


class Gan(dg.Task):
    """Two players with opposite losses. Source: Goodfellow et al., arXiv:1406.2661, section 3."""

    monitor = None  # neither loss says which epoch is the best

    def players(self, network):
        return {"discriminator": network.discriminator, "generator": network.generator}

    def losses(self, network, batch, player, noise):
        made = network.generator(noise.normal("latent", 4))
        if player == "generator":
            return {"loss": softplus(-network.discriminator(made)).mean()}
        real, fake = network.discriminator(batch["x"]), network.discriminator(made.detach())
        return {"loss": softplus(-real).mean() + softplus(fake).mean(), "real": real.sigmoid().mean()}


def make():
    torch.manual_seed(0)
    network = nn.Module()
    network.generator = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    network.discriminator = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Dropout(0.2), nn.Linear(8, 1))
    players = {"generator": {"learning_rate": 0.01}, "discriminator": {"optimizer": "momentum", "momentum": 0.5}}
    data = dg.load(torch.randn(100, 2), test=0)
    return dg.Training(network, data, dg.Recipe(batch_size=10, players=players, threads=1), task=Gan())


def test_two_players_survive_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_without_a_monitor_all_epochs_run_and_the_last_weights_stay():
    training = make()
    for _epoch in training:
        last = {name: value.clone() for name, value in training.network.state_dict().items()}
    assert len(training.history) == training.recipe.epochs
    assert all(torch.equal(last[name], value) for name, value in training.network.state_dict().items())
    assert {"discriminator_real", "generator_loss", "loss"} <= set(training.history[0].validation)
