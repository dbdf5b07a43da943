"""Numbers that are not finite: each is noticed before the step that it would spoil, and what is on the disk stays finite."""

import math

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import TrainingError
from deepglass.runs import RunFolder, checkpoint_folders, load_checkpoint
from deepglass.training import keep
from deepglass.training.replicas import Replicas

RECIPE = {"epochs": 3, "batch_size": 8, "threads": 1, "progress": False}


class Cells(torch.utils.data.Dataset):
    """Twenty-four examples of two numbers and a target; one cell of example 13 is what is given."""

    def __init__(self, cell=1.0):
        self.cell = cell

    def __len__(self):
        return 24

    def __getitem__(self, index):
        x = torch.tensor([index / 24, self.cell if index == 13 else 1.0])
        return x, torch.tensor([index / 12])


class Spoiled(torch.autograd.Function):
    """The same number, and a gradient that is none."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * math.nan


class Between(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(2, 3), nn.Linear(3, 3), nn.Linear(3, 1)
        self.calls = 0

    def forward(self, x):
        self.calls += self.training
        h = self.middle(self.first(x).tanh()).tanh()
        return self.last(Spoiled.apply(h) if self.calls == 5 else h)


def log_of_zero(output, target):
    return (output - target).square().mean() + torch.log(torch.zeros((), requires_grad=True) * output.sum())


def linear():
    torch.manual_seed(0)
    return nn.Linear(2, 1)


CASES = {
    "a cell that is nan": (linear, math.nan, {}, r"samples 13\)\. The update was not made\. The field 'x' holds"),
    "a cell that is infinite": (linear, -math.inf, {}, r"samples 13\)\. The update was not made\. The field 'x' holds"),
    "a logarithm of zero": (linear, 1.0, {"loss": log_of_zero}, r"gradient of weight is not finite at step 1 "),
    "a huge rate": (
        linear,
        1.0,
        {"optimizer": "sgd", "learning_rate": 1e25},
        r"The loss is inf at step 2 \(learning_rate=1e\+25, samples \d+, .*Lower learning_rate",
    ),
    "a step beyond all numbers": (
        linear,
        1.0,
        {"optimizer": "sgd", "learning_rate": 3e38, "batch_size": "all"},
        r"The weights of weight are not finite after step 1 \(learning_rate=3e\+38\)\. .*Lower learning_rate",
    ),
    "a gradient alone": (
        Between,
        1.0,
        {},
        r"The loss is \d\S* and the gradient of middle\.bias is not finite at step 5 ",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_number_that_is_not_finite_stops_before_the_step_and_all_that_is_saved_is_finite(case, tmp_path, monkeypatch):
    monkeypatch.setattr(keep, "SAVING_SHARE", 1e9)
    monkeypatch.setattr(keep, "LONGEST_UNSAVED", 0.0)  # after every step
    make, cell, settings, words = CASES[case]
    network, data = make(), dg.load(Cells(cell), validation=0, test=0)
    with pytest.raises(TrainingError, match=words) as caught:
        dg.train(network, data, out=tmp_path / "run", **{**RECIPE, **settings})
    run = RunFolder(tmp_path / "run")
    assert (run.status, run.facts["reason"]) == ("failed", str(caught.value))
    if "The update was not made" in str(caught.value):
        assert all(p.isfinite().all() for p in network.parameters())
    if checkpoint_folders(run.path):
        state = load_checkpoint(run.path)
        assert state.step <= run.facts["steps"]
        assert all(t.isfinite().all() for t in state.tensors.values())


def test_in_a_stack_the_one_whose_rate_is_huge_stops_and_the_other_goes_on():
    iris = dg.load("iris")
    rates = [0.1, 1e30]
    stack = [
        dg.Training(dg.build("mlp", iris, hidden=[4]), iris, dg.Recipe(epochs=2, optimizer="sgd", learning_rate=rate))
        for rate in rates
    ]
    replicas = Replicas(stack)
    list(replicas)
    assert list(replicas.failures) == [1]
    assert "The gradient of replica 1 is not finite at step" in str(replicas.failures[1])
    assert "(learning_rate=1e+30). It went no further" in str(replicas.failures[1])
    assert len(stack[0].history) == 2
    assert all(p.isfinite().all() for t in stack for p in t.network.parameters())


@pytest.mark.parametrize("at", [1, 3, 5], ids=["first", "in the middle", "at the end"])
def test_a_monitored_metric_that_is_nan_is_never_the_best_and_costs_patience(at, tmp_path):
    seen = []

    def rising(predicted, target):
        seen.append(0)
        return math.nan if len(seen) == 2 * at else len(seen)  # measured on both splits, validation last

    data = dg.load(Cells(), validation=0.25, test=0)
    metrics = {"rising": rising}
    how = {**RECIPE, "epochs": 5, "patience": 2, "learning_rate": 0.01, "monitor": "rising"}
    run = dg.train(linear(), data, out=tmp_path / "run", metrics=metrics, **how)
    values = [epoch.validation["rising"] for epoch in run.history]
    assert [math.isnan(value) for value in values] == [number == at for number in range(1, 6)]
    assert run.best_epoch.number == (4 if at == 5 else 5)
    best = load_checkpoint(run.path)
    assert best.values["stopping"]["waited"] == (1 if at == 5 else 0)
    assert torch.equal(run.network.weight, best.tensors["best.weight"])
    assert RunFolder(run.path).history()[at - 1]["validation"]["rising"] is None  # JSON knows no nan; the chart a gap
