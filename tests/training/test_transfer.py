"""What a user gets from `weights=`."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, ShapeError
from deepglass.runs import load_checkpoint
from deepglass.training.given_weights import read_weights
from deepglass.training.transfer import take_weights

QUICK = {"threads": 1, "progress": False}
pytestmark = pytest.mark.usefixtures("in_tmp")
IRIS = dg.load("iris")


def mlp(data=IRIS, seed=1, **options):
    return dg.build("mlp", data, seed=seed, hidden=[4], **options)


def take(network, weights, data=IRIS, section=None):
    return take_weights(network, read_weights(weights), data, section or {"name": "mlp", "hidden": [4]})


def test_weights_of_a_run_are_where_the_new_one_starts():
    first = dg.train(mlp(), IRIS, epochs=2, out="first", **QUICK)
    second = dg.train(mlp(seed=5), IRIS, epochs=0, weights=first, out="second", **QUICK)
    for one, other in zip(first.network.parameters(), second.network.parameters()):
        assert torch.equal(one, other)
    said = ["Weights of first: 4 of 4 tensors taken."]
    assert second.facts["weights"] == {"from": "first", "notes": said}
    assert load_checkpoint(second.path).step == 0  # so that a run that is killed at once can be resumed all the same


def test_a_file_of_another_program_is_taken_and_its_checksum_written_down():
    save_file(mlp(seed=7).state_dict(), "other.safetensors")
    network = mlp(seed=1)
    assert take(network, "other.safetensors") == ["Weights of other.safetensors: 4 of 4 tensors taken."]
    assert torch.equal(network.state_dict()["hidden1.weight"], mlp(seed=7).state_dict()["hidden1.weight"])
    assert len(read_weights("other.safetensors").facts()["sha256"]) == 64


def test_other_classes_leave_the_last_layer_fresh_and_it_is_said():
    theirs = mlp().state_dict()
    two = dg.load("iris", positive="setosa")
    network = mlp(two, seed=9)
    head = network.output.weight.clone()
    said = take(network, theirs, two)
    assert "2 of 4 tensors taken" in said[0]
    assert "output.weight, output.bias start afresh" in said[0]
    assert "3 outputs there and 1 here" in said[0]
    assert torch.equal(network.output.weight, head) and torch.equal(network.hidden1.weight, theirs["hidden1.weight"])


def test_a_last_layer_of_as_many_but_other_classes_is_said():
    dg.train("mlp", "iris", epochs=1, out="iris", **QUICK)
    other = dg.load((torch.randn(30, 4).numpy(), ["a", "b", "c"] * 10))
    said = take(dg.build("mlp", other), "iris", other)
    assert any("trained for other classes: setosa, versicolor, virginica" in s for s in said)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: {n: v for n, v in t.items() if n != "hidden1.bias"}, "hidden1.bias is missing there"),
        (
            lambda t: {"other.weight": t["hidden1.weight"]},
            r"There: other.weight. Here: hidden1.weight, hidden1.bias, output",
        ),
        (lambda t: {**t, "hidden1.weight": torch.zeros(5, 4)}, "hidden1.weight is 5x4 there and 4x4 here"),
        (
            lambda t: {**t, "output.bias": torch.full((3,), float("nan"))},
            "output.bias holds values that are not finite",
        ),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_taken(change, says):
    network = mlp()
    before = {n: v.clone() for n, v in network.state_dict().items()}
    with pytest.raises(ShapeError, match=says):
        take(network, change(mlp(seed=2).state_dict()))
    assert all(torch.equal(v, before[n]) for n, v in network.state_dict().items())


def test_a_layer_behind_the_first_that_does_not_fit_starts_afresh_and_is_named():
    data = dg.load("digits", test=0)
    theirs = dg.build("mlp", data, hidden=[6, 5], seed=2)
    network = dg.build("mlp", data, hidden=[6, 4], seed=1)
    fresh = network.hidden2.weight.clone()
    said = take(network, {**theirs.state_dict(), "extra": torch.zeros(1)}, data)
    assert "2 of 6 tensors taken" in said[0]
    assert "hidden2.weight is 5x6 there and 4x6 here; hidden2.bias is 5 there and 4 here; output.weight is" in said[0]
    assert said[0].endswith("Not used: extra.")
    assert torch.equal(network.hidden1.weight, theirs.hidden1.weight) and torch.equal(network.hidden2.weight, fresh)


def test_batch_norms_whose_file_does_not_count_batches_are_taken_all_the_same():
    def normed():
        return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))

    theirs = {n: v for n, v in normed().state_dict().items() if "num_batches" not in n} | {
        "1.running_mean": torch.ones(5)
    }
    network = normed()
    assert "9 of 9 tensors taken" in take(network, theirs)[0]
    assert torch.equal(network[1].running_mean, torch.ones(5))


def test_the_settings_that_make_the_same_network_are_said():
    dg.train("mlp", "iris", epochs=1, out="iris", **QUICK)  # hidden=[64, 64]
    with pytest.raises(ShapeError, match=r"--set 'network.hidden=\[64, 64\]'"):
        dg.train({"name": "mlp", "hidden": [4]}, "iris", weights="iris", **QUICK)
    with pytest.raises(ShapeError, match="They are of the network mlp: use --network mlp"):
        dg.train("linear", "iris", weights="iris", **QUICK)
    with pytest.raises(ShapeError, match="the data has other inputs or outputs"):
        dg.train("mlp", "digits", weights="iris", **QUICK)


def test_only_tensors_of_the_file_are_said_to_be_there():
    network = dg.build("resnet20", inputs=(3, 8, 8), outputs=3)
    data = dg.load((torch.zeros(12, 3, 8, 8), torch.arange(12) % 3), kinds={"y": "category"})
    for tensors, there in (({}, "nothing"), ({"other": torch.zeros(3)}, "other")):
        save_file(tensors, "w.safetensors")
        with pytest.raises(ShapeError, match=rf"There: {there}\. Here: "):
            take_weights(network, read_weights("w.safetensors"), data, {"name": "resnet20"})


def test_weights_of_pictures_for_signals_are_not_told_to_load_colours():
    network = dg.build("resnet20", inputs=(3, 8, 8), outputs=4)
    save_file({n: v.contiguous() for n, v in network.state_dict().items()}, "w.safetensors")
    signals = dg.load("chirps", options={"signals": 20})
    with pytest.raises(ShapeError, match=r"They are for images of 3 channels, and the data are none\.$"):
        take(dg.build("resnet20", signals), "w.safetensors", signals, {"name": "resnet20"})


def test_what_holds_no_weights_is_refused(tmp_path):
    with pytest.raises(DataError, match="There are no weights 'nowhere'"):
        read_weights("nowhere")
    with pytest.raises(DataError, match=r"weights=5 are none. Give a Run or its folder"):
        read_weights(5)
    with pytest.raises(DataError, match=r"weights\['output.bias'\] is a list. Give tensors by name"):
        read_weights({"output.bias": [0.0]})
    torch.save(nn.Linear(1, 1).state_dict(), "w.pt")
    with pytest.raises(DataError, match=r"w.pt holds no weights. Give the folder of a run, or a .safetensors"):
        read_weights("w.pt")
    with pytest.raises(
        DataError, match=r"may hold code, and is not read: write its tensors with safetensors.torch.save_file"
    ):
        read_weights("w.pt")
    (tmp_path / "w.safetensors").write_bytes(b"no")
    with pytest.raises(DataError, match=r"w\.safetensors is damaged: .*\. Get the file anew\.$"):
        read_weights("w.safetensors")
    Path("w.pt").rename("w.safetensors")
    with pytest.raises(
        DataError, match=r"w\.safetensors holds what torch.save writes, under another name\. It may hold code"
    ):
        read_weights("w.safetensors")
