import math

import torch
from killed import assert_survives_a_kill
from torch import nn

import deepglass as dg


class Denoising(dg.Task):
    """Predict the noise that was mixed in. Source: Ho et al., arXiv:2006.11239, equation 14, with a cosine schedule."""

    def losses(self, network, batch, player, noise):
        x = batch["x"]
        time, added = noise.uniform("time", 1), noise.normal("added", *x.shape[1:])
        kept = torch.cos(time * math.pi / 2)  # of the signal; the share of noise is the sine
        mixed = kept * x + (1 - kept**2).sqrt() * added
        return {"loss": (network(torch.cat([mixed, time], dim=1)) - added).square().mean()}


def make():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 16), nn.SiLU(), nn.Linear(16, 2))
    data = dg.load({"x": dg.load("moons", test=0).examples("train")["x"]}, target=[], test=0)
    return dg.Training(network, data, dg.Recipe(batch_size=128, threads=1), task=Denoising())


def test_time_steps_and_noise_survive_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_the_noise_of_an_example_does_not_depend_on_its_batch():
    training, seen = make(), {}
    for batch in (training.data.read(torch.tensor([3, 1, 2])), training.data.read(torch.tensor([1]))):
        noise = dg.randomness.Noise(0, 1, batch.ids, "player network")
        seen[len(batch)] = dict(zip(batch.ids.tolist(), noise.normal("added", 2)))
    assert torch.equal(seen[3][1], seen[1][1])
