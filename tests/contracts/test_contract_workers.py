import random

import numpy as np
import torch
from killed import assert_survives_a_kill, digest, train_until
from torch import nn

import deepglass as dg


class Noisy(torch.utils.data.Dataset):
    """A dataset of the user's that draws from every global generator there is."""

    def __len__(self):
        return 60

    def __getitem__(self, index):
        drawn = torch.tensor([torch.rand(()).item(), np.random.rand(), random.random()])  # noqa: NPY002
        return torch.full((3,), index / 60) + drawn, index % 2


def make(workers=2):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))
    return dg.Training(network, dg.load(Noisy(), workers=workers, test=0), dg.Recipe(batch_size=6, threads=1))


def test_a_dataset_with_random_transforms_survives_a_kill_with_any_number_of_workers(tmp_path):
    with_two = assert_survives_a_kill(make, tmp_path)
    without = make(workers=0)
    train_until(without, 11)
    assert digest(without) == with_two


def test_an_example_is_drawn_anew_each_epoch_and_the_callers_generators_are_left_alone():
    reader = make(workers=0).reader
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    first, again, later = (next(reader.read(torch.tensor([7, 8]), 2, epoch=e))["x"] for e in (1, 1, 2))
    alone = next(reader.read(torch.tensor([8]), 1, epoch=1))["x"]
    after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert torch.equal(first, again)
    assert torch.equal(first[1], alone[0])
    assert (first != later).all()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]
