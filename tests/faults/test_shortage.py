"""What a user is told when memory or file handles run out, and what a run is worth after that."""

import sys

import numpy as np
import pytest
import saving
import torch
from operations import in_child
from PIL import Image
from torch import nn

import deepglass as dg
import soak
from deepglass.errors import TrainingError
from deepglass.runs import RunFolder
from deepglass.training.replicas import Replicas
from deepglass.training.shortage import or_say

TOO_MUCH = 1 << 50  # bytes, a pebibyte
RECIPE = {"epochs": 2, "batch_size": 24, "learning_rate": 0.01, "threads": 1, "early_stopping": False}


class GreedyGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return torch.empty(TOO_MUCH, dtype=torch.uint8)


class Greedy(nn.Module):
    """A network that asks for far too much memory, once it is told where."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 6), nn.Linear(6, 3)
        self.place, self.calls = None, 0

    def forward(self, x):
        h = self.hidden(x).tanh()
        self.calls += self.training
        if (self.place == "forward" and self.calls == 3) or (
            self.place == "validation" and not self.training and len(x) > 1
        ):
            torch.empty(TOO_MUCH, dtype=torch.uint8)
        if self.place == "backward" and self.calls == 3:
            h = GreedyGradient.apply(h)
        return self.out(h)


def greedy(place=None):
    torch.manual_seed(0)
    network = Greedy()
    network.place = place
    return network


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (
            "forward",
            r"Memory ran out at step 3 \(recipe\.batch_size=24; 51 parameters; 1125\d*\.\d GB more were asked for",
        ),
        (
            "backward",
            r"Memory ran out at step 3 \(recipe\.batch_size=24; .* recipe\.batch_size=12 with recipe\.accumulate=2",
        ),
        (
            "validation",
            r"while epoch 1 was measured \(up to 1,024 examples at a time; 51 parameters; .* smaller network",
        ),
    ],
)
def test_where_memory_runs_out_batch_model_and_size_are_named_and_the_run_goes_on(place, words, tmp_path):
    dg.train(greedy(), "iris", out=tmp_path / "straight", progress=False, **RECIPE)
    with pytest.raises(TrainingError, match=words) as caught:
        dg.train(greedy(place), "iris", out=tmp_path / "run", progress=False, **RECIPE)
    assert "were in use at most" in str(caught.value)
    assert "go on with the run" in str(caught.value)
    run = RunFolder(tmp_path / "run")
    assert (run.status, run.facts["reason"]) == ("failed", str(caught.value))
    dg.resume(run.path, network=greedy(), progress=False)
    assert soak.differing(soak.bits(run.path), soak.bits(tmp_path / "straight")) == ""
    assert "reason" not in run.facts


@pytest.mark.parametrize("place", ["forward", "backward"])
def test_a_step_without_memory_leaves_weights_and_optimizer_as_they_were_and_can_be_taken_again(place):
    straight = dg.Training(greedy(), dg.load("iris"), dg.Recipe(**RECIPE))
    list(straight)
    training = dg.Training(greedy(place), dg.load("iris"), dg.Recipe(**RECIPE))
    steps = training.steps()
    next(steps), next(steps)
    before = training.state_dict()
    with pytest.raises(RuntimeError, match="allocate"):
        next(steps)
    after = training.state_dict()
    assert {**before["values"], "seconds": 0} == {**after["values"], "seconds": 0}
    assert all(torch.equal(value, after["tensors"][name]) for name, value in before["tensors"].items())
    training.network.place = None
    list(training)
    ended = training.state_dict()["tensors"]
    assert all(torch.equal(value, ended[name]) for name, value in straight.state_dict()["tensors"].items())


def test_a_run_goes_on_with_half_the_batch_as_advised_and_the_run_says_so(tmp_path):
    with pytest.raises(TrainingError, match=r"recipe\.batch_size=12 with recipe\.accumulate=2"):
        dg.train(greedy("backward"), "iris", out=tmp_path / "run", progress=False, **RECIPE)
    run = dg.resume(tmp_path / "run", network=greedy(), progress=False, batch_size=12, accumulate=2)
    assert (run.status, run.facts["steps"]) == ("done", 8)  # 96 examples, 24 a step, 2 epochs
    assert (run.spec.recipe.batch_size, run.spec.recipe.accumulate) == (12, 2)
    changed = {"recipe.accumulate": [1, 2], "recipe.batch_size": [24, 12]}
    assert [(again["at_step"], again["changed"]) for again in run.facts["resumed"]] == [(0, changed)]
    again = dg.resume(tmp_path / "run", network=greedy(), progress=False, epochs=3).facts["resumed"]
    assert (again[1]["at_step"], again[1]["changed"]) == (8, {"recipe.epochs": [2, 3]})


def test_a_stack_without_memory_is_told_to_train_one_after_the_other(tmp_path, monkeypatch):
    def ask(self, batch):
        torch.empty(TOO_MUCH, dtype=torch.uint8)

    monkeypatch.setattr(Replicas, "_step", ask)
    with pytest.raises(TrainingError, match=r"in each of 2 networks; .* one after the other \(stacked=False\)"):
        dg.train("mlp", "iris", seeds=2, stacked=True, epochs=1, out=tmp_path / "runs", progress=False)
    for seed in (0, 1):
        run = RunFolder(tmp_path / "runs" / f"seed-{seed}")
        assert run.status == "failed"
        assert "Memory ran out at step 1" in run.facts["reason"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), r"Memory ran out at step 1 \(recipe\.batch_size=24; 51 parameters; \d"),
        (np._core._exceptions._ArrayMemoryError((1 << 30,), np.dtype("f8")), r"8\.6 GB more were asked for"),
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has"),
            r"2\.1 GB more were asked",
        ),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB). Tried to allocate 256 bytes"), r"1 MB more"),
        (OSError(12, "Cannot allocate memory"), r"Memory ran out"),
        (OSError(24, "Too many open files"), r"Too many files are open at step 1: this process may hold \d+ at a time"),
        (
            RuntimeError("unable to allocate shared memory(shm) for file </torch_1>"),
            r"ran out of shared memory \(/dev/shm\)",
        ),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error."), r"ran out of shared memory"),
        (
            RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. "),
            r"A process that reads the data ended",
        ),
    ],
)
def test_every_way_in_which_a_system_refuses_has_its_words(error, words):
    def refuse():
        raise error

    training = dg.Training(greedy(), dg.load("iris"), dg.Recipe(**RECIPE))
    with pytest.raises(TrainingError, match=words):
        or_say(refuse, training)


def test_a_bug_in_the_users_own_code_passes_as_it_is():
    training = dg.Training(greedy(), dg.load("iris"), dg.Recipe(**RECIPE))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        or_say(lambda: training.network(torch.ones(2, 7)), training)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit of the address space")
def test_a_real_limit_of_memory_ends_with_a_word(tmp_path):
    code, said = in_child(saving.start_with_little_memory, tmp_path / "run")
    assert code == 0
    assert "Memory ran out at step 1 (recipe.batch_size=4000; " in said, said
    assert RunFolder(tmp_path / "run").status == "failed"


@pytest.fixture
def photos(tmp_path):
    """Two classes of 60 pictures."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(60):
            Image.fromarray(random.integers(0, 255, (4, 4, 3)).astype(np.uint8)).save(
                tmp_path / "photos" / name / f"{i}.png"
            )
    return tmp_path / "photos"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are not those of Windows")
def test_64_file_handles_are_enough_for_a_streamed_folder_or_the_limit_is_named(photos, tmp_path):
    assert in_child(saving.start_with_few_handles, photos, tmp_path / "few", 2) == (0, "")
    assert RunFolder(tmp_path / "few").status == "done"
    code, said = in_child(saving.start_with_few_handles, photos, tmp_path / "many", 40)
    assert code == 0
    assert "Too many files are open at step 1: this process may hold 64 at a time. Raise the limit (ulimit -n" in said
    assert RunFolder(tmp_path / "many").status == "failed"
