"""Batch norm takes its statistics from the examples of a batch, so a batch has to hold some."""

import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError


def test_one_example_a_batch_is_refused_with_the_reason():
    data = dg.load("iris")
    with pytest.raises(SettingError, match="one example is always its own mean"):
        dg.Training(dg.build("mlp", data, norm="batch"), data, dg.Recipe(batch_size=1))


@pytest.mark.parametrize(("norm", "sizes"), [("batch", [5] * 18 + [6]), ("layer", [5] * 19 + [1])])
def test_a_last_batch_of_one_joins_the_one_before_it_where_batch_norm_is(norm, sizes):
    data = dg.load({"x": torch.randn(96, 4).numpy(), "y": [0, 1] * 48}, validation=0, test=0)
    training = dg.Training(dg.build("mlp", data, norm=norm), data, dg.Recipe(batch_size=5, epochs=1, threads=1))
    steps = [step.examples for step in training.steps()]
    assert steps == sizes and sum(steps) == 96
