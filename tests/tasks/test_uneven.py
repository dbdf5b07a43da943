"""Uneven: what cannot read shorter examples says so before the first step, and what to do."""

import pytest
from torch import nn

import deepglass as dg
from deepglass.errors import ShapeError


def test_a_dense_network_asks_for_one_length():
    with pytest.raises(ShapeError, match=r"data\.padding=longest"):
        dg.Training(dg.build("mlp", dg.load("strokes")), dg.load("strokes"))


def test_padded_to_one_length_it_trains():
    data = dg.load("strokes", padding="longest")
    training = dg.Training(dg.build("mlp", data), data, dg.Recipe(epochs=1))
    assert next(training.steps()).loss > 0


def test_tokens_are_not_taken_for_quantities():
    with pytest.raises(ShapeError, match="is a text of tokens"):
        dg.build("mlp", dg.load("motif"))


def test_a_network_that_writes_nothing_cannot_translate():
    data = dg.load("reversal")
    with pytest.raises(ShapeError, match="seq2seq"):
        dg.Training(dg.build("lstm", data), data)


def test_modes_are_left_as_they_were():
    data = dg.load("strokes")
    network = dg.build("lstm", data, dropout=0.5).eval()
    dg.tasks.task_for(data).prepare(data, network)
    assert not any(module.training for module in network.modules() if isinstance(module, nn.Dropout))
