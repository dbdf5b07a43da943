"""What a user gets from a run in Python."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, RunError, SettingError
from deepglass.runs import RunFolder, load_checkpoint

QUICK = {"threads": 1, "progress": False}
pytestmark = pytest.mark.usefixtures("in_tmp")


def test_a_later_process_evaluates_and_predicts_alike():
    run = dg.train("mlp", "iris", epochs=3, out="mine", **QUICK)
    new = np.array([[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]])
    here = run.predict(new)
    code = (
        "import deepglass as dg, numpy as np\n"
        "run = dg.Run('mine')\n"
        "run.predict(np.array([[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]])).to_csv('there.csv', index=False)\n"
        "print(run.evaluate()['accuracy'])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert pandas.read_csv("there.csv")["species"].tolist() == here["species"].tolist()
    assert float(said) == run.evaluate()["accuracy"]
    assert len(run.folder.looks()) == 2


def test_a_network_of_ones_own_is_trained_in_place_and_needed_again_later():
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    before = network[0].weight.detach().clone()
    run = dg.train(network, "iris", epochs=2, out="mine", **QUICK)
    assert run.network is network and not torch.equal(before, network[0].weight)
    assert run.evaluate()["examples"] == 30
    with pytest.raises(RunError, match="network="):
        dg.Run("mine").predict(np.zeros((1, 4)))
    again = dg.Run("mine", network=nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)))
    assert torch.equal(again.network[0].weight, network[0].weight)


def test_arrays_are_kept_in_the_run_so_that_it_opens_without_them():
    x, y = np.random.default_rng(0).normal(size=(60, 3)), np.tile(["no", "yes"], 30)
    dg.train("mlp", (x, y), epochs=1, out="mine", **QUICK)
    assert dg.Run("mine").evaluate()["examples"] == 12


def test_a_frame_with_categories_is_predicted_from_a_frame_in_any_column_order():
    frame = pandas.DataFrame(
        {"size": np.arange(60.0), "colour": ["red", "blue", "green"] * 20, "price": np.arange(60) * 2.0}
    )
    run = dg.train("mlp", dg.load(frame, target="price"), epochs=2, out="mine", **QUICK)
    answer = dg.Run("mine").predict(frame[["colour", "size"]])
    assert list(answer.columns) == ["price"] and len(answer) == 60
    assert np.allclose(answer["price"], run.predict(frame)["price"])
    with pytest.raises(DataError, match="colour"):
        run.predict(frame[["size"]])


def test_a_loss_and_a_metric_of_ones_own_are_functions():
    def my_loss(output, target):
        return nn.functional.cross_entropy(output, target)

    def share_of_setosa(predicted, target):
        return float((np.asarray(predicted) == 0).mean())

    run = dg.train("mlp", "iris", epochs=1, loss=my_loss, metrics={"setosa": share_of_setosa}, out="mine", **QUICK)
    assert 0 <= run.history[0].validation["setosa"] <= 1


def test_an_optimizer_of_ones_own_is_a_function_of_the_parameters():
    run = dg.train("mlp", "iris", epochs=1, optimizer=lambda p: torch.optim.RMSprop(p, lr=0.01), out="mine", **QUICK)
    assert run.status == "done"


def test_a_task_of_ones_own_is_a_few_lines():
    class Reconstruct(dg.Task):
        name = "reconstruct"

        def losses(self, network, batch, player, noise):
            x = batch["image"]
            return {"loss": (network(x) - x).square().mean()}

    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Linear(8, 64), nn.Unflatten(1, (1, 8, 8)))
    run = dg.train(network, "digits", task=Reconstruct(), epochs=3, out="mine", **QUICK)
    assert run.history[-1].validation["loss"] < run.history[0].validation["loss"]
    assert run.evaluate()["loss"] < 2 and Path(run.report()).is_file()


def test_seeds_give_runs_with_an_interval_and_a_comparison():
    runs = dg.train("mlp", "iris", epochs=1, seeds=3, out="three", **QUICK)
    assert len(runs) == 3 and "over 3 seeds" in repr(runs)
    table = runs.compare()
    assert table["recipe.seed"].tolist() == [0, 1, 2] and table["loss"].nunique() == 3


def test_a_report_stands_alone_and_shows_the_test_split_only_after_a_look():
    run = dg.train("lenet5", "digits", epochs=1, out="mine", **QUICK)
    page = run.report().read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "<script src" not in page
    assert "288 validation examples" in page and "359 test examples" not in page


def test_a_run_folder_can_be_moved():
    dg.train("mlp", "iris", epochs=1, out="mine", **QUICK)
    Path("mine").rename("elsewhere")
    assert dg.Run("elsewhere").evaluate()["examples"] == 30
    assert str(Path.cwd()) not in "".join(p.read_text() for p in Path("elsewhere").glob("*.json"))


def test_training_code_cannot_get_at_the_test_split():
    with pytest.raises(DataError, match="behind glass"):
        dg.load("iris").examples("test")


def test_strict_refuses_an_alarm_before_anything_is_written():
    network = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    with pytest.raises(SettingError, match="strict"):
        dg.train(network, "iris", strict=True, **QUICK)
    assert not Path("runs").exists()


LONG = ("train", "digits", "--network", "mlp", "--set", "network.dropout=0.3", "--set", "data.augment.shift=1")
SLOW = ("--batch-size", "2", "--epochs", "4", "--set", "recipe.threads=1", "--set", "recipe.early_stopping=false")


def started(out: str) -> subprocess.Popen[str]:
    """Start a training in another process, and wait until it is under way."""
    words = [sys.executable, "-m", "deepglass", *LONG, *SLOW, "--out", out]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (Path(out) / "history.jsonl").exists():
        time.sleep(0.02)
    return process


def bits(out: str) -> str:
    checkpoint = load_checkpoint(RunFolder(out).path)
    digest = hashlib.sha256()
    for name, tensor in sorted(checkpoint.tensors.items()):
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest() + checkpoint.values["history"]


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGKILL", -9)])
def test_a_training_stopped_by_a_signal_goes_on_and_ends_with_the_same_bits(name, code):
    process = started("stopped")
    os.kill(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    if name != "SIGKILL":
        assert "--resume" in out and dg.Run("stopped").status == "paused"
    else:
        assert dg.Run("stopped").status == "interrupted"
    dg.resume("stopped", progress=False)
    network, data = {"name": "mlp", "dropout": 0.3}, dg.load("digits", augment={"shift": 1})
    dg.train(network, data, batch_size=2, epochs=4, early_stopping=False, out="straight", **QUICK)
    assert bits("stopped") == bits("straight")
    assert [e.number for e in dg.Run("stopped").history] == [1, 2, 3, 4]
