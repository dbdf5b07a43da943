"""What a user gets from L-BFGS, and when a loss has converged."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import TrainingError

IRIS = dg.load("iris")


def training(network=None, data=IRIS, **recipe):
    network = network if network is not None else dg.build("mlp", data, hidden=[6], seed=1)
    settings = {"threads": 1, "optimizer": "lbfgs", "batch_size": "all", "early_stopping": False, **recipe}
    return dg.Training(network, data, dg.Recipe(**settings))


def line():
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3)) * [1, 5, 0.2]
    return x.astype(np.float32), (x @ [2, -1, 4] + 0.5 + 0.1 * random.normal(size=60)).astype(np.float32)


def test_lbfgs_finds_the_least_squares_solution():
    x, y = line()
    data = dg.load((x, y), test=0, validation=0, scaling="none", target_scaling="none")
    fit = training(nn.Linear(3, 1), data, epochs=25)
    list(fit)
    expected = np.linalg.lstsq(np.c_[x, np.ones(60)], y, rcond=None)[0]
    assert np.r_[fit.network.weight.detach().numpy()[0], fit.network.bias.item()] == pytest.approx(expected, abs=1e-3)


def test_weight_decay_is_a_part_of_what_lbfgs_makes_small():
    x, y = line()
    data = dg.load((x, y), test=0, validation=0, scaling="none", target_scaling="none")
    fit = training(nn.Linear(3, 1), data, epochs=40, weight_decay=0.5)
    list(fit)
    centred, about = x - x.mean(0), y - y.mean()  # ridge: mean squared error + 0.25 |w|^2, the bias left alone
    expected = np.linalg.solve(centred.T @ centred / 60 + 0.25 * np.eye(3), centred.T @ about / 60)
    assert fit.network.weight.detach().numpy()[0] == pytest.approx(expected, abs=2e-3)
    assert fit.history[-1].train["penalty"] == pytest.approx(0.25 * (expected**2).sum(), rel=1e-2)


def test_lbfgs_gets_further_in_as_many_epochs_than_gradient_descent():
    losses = {}
    for name in ("lbfgs", "sgd"):
        losses[name] = list(training(optimizer=name, epochs=15))[-1].train["loss"]
    assert losses["lbfgs"] < losses["sgd"] / 2


def test_a_loss_that_is_not_finite_leaves_weights_and_memory_as_they_were():
    network = dg.build("mlp", IRIS, hidden=[6])
    broken = training(network, epochs=9)
    for _ in range(3):
        list(broken.steps())
        broken.close_epoch()
    saved = broken.state_dict()
    before = saved["tensors"]
    hook = network.output.weight.register_hook(lambda gradient: gradient * math.inf)
    with pytest.raises(TrainingError, match=r"not finite at step 4 .* The update was not made\. Scale the inputs"):
        next(broken.steps())
    after = broken.state_dict()["tensors"]
    assert before.keys() == after.keys()
    assert all(torch.equal(before[n], after[n]) for n in before)
    hook.remove()
    again = training(network, epochs=9)
    again.load_state_dict(saved)
    assert list(again)[-1].train["loss"] < again.history[2].train["loss"]


def test_where_no_point_on_the_line_is_finite_weights_and_memory_stay():
    lost = training(epochs=5)
    for _ in range(3):
        list(lost.steps())
        lost.close_epoch()
    memory = lost.players[0].optimizer.state[next(lost.network.parameters())]
    memory["ro"] = [torch.tensor(math.inf) for _ in memory["ro"]]  # as after a step too short for its curvature
    before = lost.state_dict()["tensors"]
    with pytest.raises(
        TrainingError, match=r"L-BFGS found no finite step from a loss of .*\. The weights are as they were"
    ):
        next(lost.steps())
    after = lost.state_dict()["tensors"]
    assert all(torch.equal(before[n], after[n]) for n in before)


def test_a_training_ends_when_its_loss_has_converged(tmp_path):
    x, y = line()
    data = dg.load((x, y), validation=10)
    run = dg.train(
        nn.Linear(3, 1),
        data,
        epochs=60,
        tolerance=1e-4,
        optimizer="lbfgs",
        batch_size="all",
        threads=1,
        out=tmp_path / "run",
        progress=False,
    )
    assert run.status == "converged" and 2 < len(run.history) < 60
    before, now = (e.train["loss"] for e in run.history[-2:])
    assert abs(now - before) <= 1e-4 * before


def test_a_budget_that_ends_first_is_said(tmp_path):
    run = dg.train("linear", IRIS, epochs=3, tolerance=1e-6, threads=1, out=tmp_path / "run", progress=False)
    assert run.status == "budget ended" and len(run.history) == 3


@pytest.mark.parametrize("optimizer", ["rmsprop", "adadelta", "adagrad", "nesterov", "adamw", "sgd"])
@pytest.mark.parametrize("extra", [{}, {"accumulate": 2, "clip_value": 1.0, "l1": 0.1}])
def test_a_poisoned_step_leaves_weights_and_state_as_they_were(optimizer, extra):
    network = dg.build("mlp", IRIS, hidden=[6])
    broken = training(network, optimizer=optimizer, batch_size=16, average=0.9, **extra)
    steps = broken.steps()
    next(steps)
    before = broken.state_dict()["tensors"]
    network.output.weight.register_hook(lambda gradient: gradient * math.nan)
    with pytest.raises(TrainingError, match=r"gradient of output\.weight is not finite at step 2"):
        next(steps)
    after = broken.state_dict()["tensors"]
    assert all(torch.equal(before[n], after[n]) for n in before)


@pytest.mark.parametrize(
    "recipe",
    [
        {"optimizer": "lbfgs", "batch_size": "all"},
        {"optimizer": "adadelta", "average": 0.9, "accumulate": 2, "schedule": "plateau", "schedule_epochs": 1},
    ],
    ids=["lbfgs", "average on a plateau"],
)
def test_a_run_goes_on_from_its_folder_to_the_last_bit(recipe, tmp_path):
    quiet = {"threads": 1, "progress": False}
    whole = dg.train("mlp", IRIS, epochs=6, out=tmp_path / "whole", **recipe, **quiet)
    dg.train("mlp", IRIS, epochs=3, out=tmp_path / "parts", **recipe, **quiet)
    parts = dg.resume(tmp_path / "parts", epochs=6, progress=False)
    ends = [dg.runs.load_checkpoint(run.path).tensors for run in (whole, parts)]
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])
    assert [e.validation for e in whole.history] == [e.validation for e in parts.history]
