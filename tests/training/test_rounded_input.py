"""Rows are kept in bfloat16 where the first layer would round them at each step, and nothing that is learned changes by that."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.data import rounding

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.standard_normal((256, 300)).astype(np.float32)
CLASSES = ROWS[:, :3].argmax(1)


def data(**settings):
    return dg.load((ROWS, CLASSES), scaling="none", validation=0.2, test=0, **settings)


def training(rows, **recipe):
    network = dg.build("mlp", rows, hidden=[32], seed=0)
    return dg.Training(network, rows, dg.Recipe(epochs=2, batch_size=32, precision="bfloat16", **recipe))


def type_of_first_batch(one):
    return next(one._batches())[one.task.inputs[0]].dtype


def test_a_training_learns_the_same_to_the_bit_from_rounded_rows(monkeypatch):
    quick = training(data())
    assert type_of_first_batch(quick) == torch.bfloat16
    list(quick)
    monkeypatch.setattr(rounding, "LONG_ROW", 301)
    plain = training(data())
    assert type_of_first_batch(plain) == torch.float32
    list(plain)
    assert all(torch.equal(a, b) for a, b in zip(quick.network.parameters(), plain.network.parameters()))
    assert [e.validation for e in quick.history] == [e.validation for e in plain.history]


def test_what_is_measured_is_not_rounded():
    one = training(data())
    list(one)
    assert {b[one.task.inputs[0]].dtype for kept in one.kept.values() if kept for b in kept} == {torch.float32}


@pytest.mark.parametrize("recipe", [{"accumulate": 2}, {"rewrites": False}], ids=str)
def test_rows_stay_as_they_are_where_others_take_them_too(recipe):
    assert type_of_first_batch(training(data(), **recipe)) == torch.float32


def test_augmented_rows_stay_as_they_are():
    assert type_of_first_batch(training(data(augment={"noise": 0.1}))) == torch.float32


def test_a_copy_that_would_be_a_burden_is_not_made(monkeypatch):
    monkeypatch.setattr(rounding, "ROUNDED_BYTES", 1000)
    assert type_of_first_batch(training(data())) == torch.float32


def test_a_hook_that_comes_in_the_middle_of_an_epoch_finds_numbers_of_the_networks_own_type():
    one = training(data())
    steps, seen = one.steps(), []
    next(steps)
    handle = one.network.hidden1.register_forward_hook(lambda module, given, result: seen.append(given[0].dtype))
    next(steps)
    handle.remove()
    assert next(steps).loss == pytest.approx(1.1, abs=0.5) and seen == [torch.float32]
