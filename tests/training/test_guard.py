"""What a user is told when a gradient is not finite, or a picture cannot be read any more."""

import math
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, TrainingError


@pytest.fixture
def photos(tmp_path):
    """A folder of two classes of eight pictures each, of 4 x 4 pixels."""
    random = np.random.default_rng(0)
    for name, light in (("cat", 0), ("dog", 120)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(8):
            pixels = (random.integers(0, 100, (4, 4, 3)) + light).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{i}.png")
    return tmp_path / "photos"


def broken_training(data):
    network = dg.build("mlp", data, hidden=[4])
    network.output.weight.register_hook(lambda gradient: gradient * math.inf)
    return dg.Training(network, data, dg.Recipe(epochs=1, threads=1, batch_size=8))


@pytest.mark.parametrize("streaming", [False, True])
def test_a_loss_that_is_not_finite_names_the_files_of_the_first_samples(photos, streaming):
    data = dg.load(photos, streaming=streaming)
    with pytest.raises(TrainingError, match=r"not finite at step 1 .*, \.\.\.\)\. The update was not made") as caught:
        list(broken_training(data))
    named = re.findall(r"(\d+) \(((?:cat|dog)/\d\.png)\)", str(caught.value))
    assert len(named) == 5
    assert all(data.source.names[int(index)] == file for index, file in named)


def test_examples_that_are_no_files_are_named_by_their_index():
    with pytest.raises(TrainingError, match=r"samples \d+, \d+, \d+, \d+, \d+, \.\.\.\)"):
        list(broken_training(dg.load("iris")))


def test_only_the_samples_that_hold_what_is_not_finite_are_named():
    class Broken(torch.utils.data.Dataset):
        def __len__(self):
            return 20

        def __getitem__(self, index):
            return torch.full((2,), math.nan if index == 3 else 1.0), float(index)

    data = dg.load(Broken(), validation=0, test=0)
    with pytest.raises(TrainingError, match=r"samples 3\)\. The update was not made\. The field 'x' holds"):
        list(dg.Training(nn.Linear(2, 1), data, dg.Recipe(epochs=1, threads=1, batch_size="all")))


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_picture_that_became_unreadable_after_loading_is_named_in_training_and_evaluation(photos, tmp_path, split):
    data = dg.load(photos, streaming=True)
    run = dg.train("linear", data, epochs=1, threads=1, progress=False, out=tmp_path / "run")
    index = int(getattr(data.splits, split)[0])
    (photos / data.source.names[index]).write_bytes(b"no picture")
    file = data.source.names[index].replace("/", ".")
    with pytest.raises(DataError, match=rf"{file} .*It is sample {index}\."):
        if split == "test":
            run.evaluate()
        else:
            dg.train("linear", data, epochs=1, threads=1, progress=False, out=tmp_path / "again")
