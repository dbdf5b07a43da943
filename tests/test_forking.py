"""What a user gets from `dg.fork`."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import RunError, SettingError, ShapeError
from deepglass.runs import kept_epochs, load_checkpoint, read_state
from deepglass.runs.files import sha256
from deepglass.training.optimizers import OPTIMIZERS

QUIET = {"progress": False}
IRIS = dg.load("iris", augment={"noise": 0.05})
pytestmark = pytest.mark.usefixtures("in_tmp")


def trained(out="first", **settings):
    network = {"name": "mlp", "hidden": [6], "dropout": 0.3}
    options = {"epochs": 6, "keep_every": 2, "batch_size": 16, "threads": 1, **QUIET, **settings}
    return dg.train(network, IRIS, out=out, **options)


def bits(run):
    """All of a run's last state, but its times."""
    state = load_checkpoint(run.path)
    tensors = {name: tensor.numpy().tobytes() for name, tensor in state.tensors.items()}
    return tensors, {**state.values, "seconds": 0}


@pytest.mark.parametrize("epoch", [2, 4])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"schedule": "cosine", "optimizer": "momentum", "learning_rate": 0.05, "average": 0.9},
        {"schedule": "plateau", "schedule_epochs": 1, "learning_rate": 0.3},
    ],
)
def test_a_fork_without_changes_ends_with_the_same_bits(epoch, settings):
    first = trained(**settings)
    fork = dg.fork("first", epoch, out="fork", **QUIET)
    assert bits(fork) == bits(first)
    assert [e.train for e in fork.history] == [e.train for e in first.history]
    assert [e.number for e in fork.history] == [1, 2, 3, 4, 5, 6]
    assert fork.facts["parent"] == {"run": "first", "epoch": epoch, "changes": {}, "notes": []}


def test_a_fork_goes_on_with_changes_and_the_run_that_it_came_from_stays_as_it_was():
    first = trained()
    before = {path: sha256(path) for path in Path("first").rglob("*") if path.is_file() and path.name != "lock"}
    weights = first.network.state_dict()["hidden1.weight"].clone()
    fork = dg.fork(first, 4, learning_rate=0.02, epochs=8, changes={"data.augment.noise": 0.2}, out="fork", **QUIET)
    assert len(fork.history) == 8 and fork.history[4].learning_rate == 0.02
    assert [e.to_dict() for e in fork.history[:4]] == [e.to_dict() for e in first.history[:4]]
    assert fork.facts["parent"]["changes"] == {
        "data.augment.noise": [0.05, 0.2],
        "recipe.epochs": [6, 8],
        "recipe.learning_rate": [0.001, 0.02],
    }
    assert torch.equal(first.network.state_dict()["hidden1.weight"], weights)
    assert {path: sha256(path) for path in before} == before
    assert dg.Run("fork").evaluate()["examples"] == 30
    again = dg.fork(fork, epochs=9, seed=3, out="again", **QUIET)  # a fork of a fork
    assert again.facts["parent"]["epoch"] == 8 and again.spec.recipe.seed == 3


def test_adams_state_goes_with_adam_and_a_new_optimizer_starts_afresh_with_a_word(capsys):
    trained()
    state = read_state(kept_epochs(Path("first"))[2])
    same = dg.fork("first", 2, learning_rate=0.01, out="same", epochs=3, **QUIET)
    kept = load_checkpoint(same.path).tensors["optimizer.network.output.bias.step"]
    assert kept == state.tensors["optimizer.network.output.bias.step"] + 6  # 96 examples, 16 a step
    other = dg.fork("first", 2, changes={"recipe.optimizer": "sgd"}, out="other", progress="plain")
    assert "The optimizer was adam and is sgd: its state starts afresh." in capsys.readouterr().err
    assert other.spec.recipe.learning_rate == OPTIMIZERS["sgd"].learning_rate != 0.001
    assert not any(n.startswith("optimizer.network.output.bias.exp") for n in load_checkpoint(other.path).tensors)


def test_an_epoch_that_was_not_kept_names_those_that_are():
    trained(patience=20)
    with pytest.raises(
        RunError, match=r"Epoch 3 of first was not kept. Kept: .*2, .*4, .*6.*--keep-every N.*first/spec.yaml"
    ):
        dg.fork("first@3", **QUIET)
    with pytest.raises(RunError, match="Epoch soon of first was not kept"):
        dg.fork("first@soon", **QUIET)
    with pytest.raises(SettingError, match=r"After epoch 6 of first nothing is left to train: recipe\.epochs is 6"):
        dg.fork("first", **QUIET)


def test_the_best_epoch_can_be_gone_on_from_by_its_weights_alone(monkeypatch):
    monkeypatch.setattr("deepglass.training.keep.SAVING_SHARE", 1e-9)  # one checkpoint, at the end
    first = trained(epochs=12, learning_rate=0.5, seed=2, keep_every=None, patience=12)
    best = first.facts["best_epoch"]
    assert 1 < best < 12 and list(kept_epochs(first.path)) == [12]
    fork = dg.fork("first@best", out="fork", **QUIET)
    assert fork.facts["parent"]["epoch"] == best
    assert "the weights alone are kept: the optimizer starts afresh" in fork.facts["parent"]["notes"][0]
    assert len(fork.history) >= best + 1
    assert [e.validation for e in fork.history[:best]] == [e.validation for e in first.history[:best]]
    values = load_checkpoint(fork.path).values
    assert values["step"] == 6 * len(fork.history)


def test_after_a_change_the_patience_starts_anew_and_a_new_metric_seeks_its_own_best_epoch():
    first = trained(epochs=30, learning_rate=0.3, patience=2, keep_every=1)
    assert first.status == "stopped early"
    last = len(first.history)
    with pytest.raises(SettingError, match="had stopped early"):
        dg.fork("first", **QUIET)
    fork = dg.fork("first", learning_rate=1e-5, epochs=last + 2, out="fork", **QUIET)
    assert len(fork.history) == last + 2
    other = dg.fork("first", monitor="accuracy", epochs=last + 1, out="other", **QUIET)
    assert other.facts["best_epoch"] == last + 1  # the first that was watched
    assert "the best epoch is sought from here on" in other.facts["parent"]["notes"][0]


def test_another_batch_size_keeps_the_place_in_the_schedule():
    trained(schedule="cosine")
    fork = dg.fork("first", 2, batch_size=32, out="fork", **QUIET)
    whole = trained("whole", schedule="cosine", batch_size=32)
    assert load_checkpoint(fork.path).step == 18  # 6 epochs of 3 steps
    assert fork.history[-1].learning_rate == pytest.approx(whole.history[-1].learning_rate)


def test_dropout_can_change_and_shapes_cannot():
    trained()
    fork = dg.fork("first", 4, changes={"network.dropout": 0.0}, out="fork", **QUIET)
    assert fork.spec.network["dropout"] == 0
    with pytest.raises(ShapeError, match=r"other tensors than epoch 4 of the run: hidden1\.bias, hidden1\.weight"):
        dg.fork("first", 4, changes={"network.hidden": [9]}, **QUIET)
    with pytest.raises(SettingError, match=r"data\.scaling cannot change in a fork.*--weights"):
        dg.fork("first", 4, changes={"data.scaling": "none"}, **QUIET)
    with pytest.raises(SettingError, match="Did you mean 'epochs'"):
        dg.fork("first", 4, epoch_s=3, **QUIET)


def test_objects_of_ones_own_are_passed_again():
    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.1)

    network = nn.Sequential(nn.Linear(4, 3))
    x, y = np.random.default_rng(0).normal(size=(60, 4)), np.tile([0, 1, 2], 20)
    run = dg.train(network, (x, y), optimizer=sgd, epochs=2, keep_every=1, threads=1, out="own", **QUIET)
    trained_weights = network[0].weight.clone()
    with pytest.raises(RunError, match=r"optimizer of yours\. Pass it again"):
        dg.fork(run, 1, **QUIET)
    fork = dg.fork(run, 1, optimizer=sgd, out="fork", **QUIET)
    assert bits(fork) == bits(run) and fork.network is not network
    assert torch.equal(network[0].weight, trained_weights)
    with pytest.raises(RunError, match="network="):
        dg.fork("own@1", optimizer=sgd, **QUIET)
    later = dg.fork("own@1", network=nn.Sequential(nn.Linear(4, 3)), optimizer=sgd, out="later", **QUIET)
    assert bits(later) == bits(run)


def test_looks_at_the_test_split_before_the_fork_are_counted_in_it():
    run = trained()
    run.evaluate()
    fork = dg.fork(run, 4, out="fork", **QUIET)
    assert fork.evaluate().looks == 2


def test_a_fork_that_is_killed_at_once_goes_on_from_where_it_was_forked(monkeypatch):
    run = trained()
    import deepglass.forking as forking

    with monkeypatch.context() as patch:
        patch.setattr(forking, "carry", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            dg.fork(run, 4, out="fork", **QUIET)
    assert load_checkpoint(Path("fork")).values["epoch"] == 4


def test_a_run_that_was_stopped_within_its_first_epoch_says_that_nothing_is_kept():
    run = trained(max_time=1e-9, keep_every=None)
    assert run.status == "time ended"
    with pytest.raises(RunError, match=r"first keeps no whole epoch to go on from\. Go on with it \(--resume\)"):
        dg.fork(run, **QUIET)
    with pytest.raises(SettingError, match="keep_every=0 is no number of epochs"):
        trained("other", keep_every=0)


def test_what_a_resumed_run_keeps_from_now_on_can_be_said():
    trained(epochs=2, keep_every=None, patience=20)
    more = dg.resume("first", epochs=8, keep_every=4, **QUIET)
    assert {4, 8} <= set(kept_epochs(more.path))
    assert bits(dg.fork("first@4", out="fork", **QUIET)) == bits(more)
