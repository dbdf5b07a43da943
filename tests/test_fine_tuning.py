"""What a user gets from `fine_tune`."""

import json
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.runs import load_checkpoint

QUICK = {"threads": 1, "progress": False}
pytestmark = pytest.mark.usefixtures("in_tmp")


def digits(*classes):
    return dg.load("digits", classes=[str(c) for c in classes] if classes else None)


@pytest.fixture
def source():
    return dg.train({"name": "mlp", "hidden": [16, 8]}, digits(0, 1, 2, 3), epochs=3, out="source", **QUICK)


def test_a_run_learns_other_classes_with_a_new_head_its_encodings_and_its_body_first_still(source):
    data = digits(8, 9)
    tuned = dg.fine_tune("source", data, epochs=9, learning_rate=0.03, out="tuned", **QUICK)
    assert tuned.spec.network["hidden"] == [16, 8]
    recipe = tuned.spec.recipe
    assert (recipe.unfreeze_after, round(recipe.rate_decay_by_depth, 3)) == (3, 0.385)
    assert tuned.fields["image"].encoding == source.fields["image"].encoding != data.fields["image"].encoding
    assert tuned.fields["digit"].classes == [8, 9]
    assert tuned.network.output.weight.shape == (1, 8)
    assert tuned.history[-1].validation["accuracy"] > 0.8
    notes = tuned.facts["weights"]["notes"]
    assert "4 of 6 tensors taken" in notes[0] and "image: encoded as the trained network knows it." in notes
    start = load_checkpoint(dg.fine_tune("source", data, epochs=0, out="start", **QUICK).path).tensors
    assert torch.equal(start["network.hidden1.weight"], source.network.hidden1.weight)
    one = dg.fine_tune("source", data, epochs=2, unfreeze_after=2, early_stopping=False, out="one", **QUICK)
    assert torch.equal(one.network.hidden2.weight, source.network.hidden2.weight)  # two epochs of the head alone


def test_the_report_shows_which_layers_learn_when(source):
    page = dg.fine_tune(source, digits(8, 9), epochs=3, out="tuned", **QUICK).report().read_text()
    rows = page[page.index("Which layers learn") :]
    rows = rows[: rows.index("</table>")]
    for name, size, first, rate in (
        ("hidden1", "1,040", "2", "0.148"),
        ("hidden2", "136", "2", "0.385"),
        ("output", "9", "1", "1"),
    ):
        assert f'<td class="word">{name}</td><td>{size}</td><td>{size}</td><td>{first}</td><td>{rate}</td>' in rows
    assert "4 of 6 tensors taken" in page


def test_as_many_but_other_classes_get_a_new_head_and_the_same_ones_keep_it(source):
    other = dg.fine_tune(source, digits(4, 5, 6, 7), epochs=0, out="other", **QUICK)
    assert any(
        "output starts afresh, because it is to give other answers" in n for n in other.facts["weights"]["notes"]
    )
    assert not torch.equal(other.network.output.weight, source.network.output.weight)
    again = dg.fine_tune(source, digits(0, 1, 2, 3), epochs=0, out="again", **QUICK)
    assert torch.equal(again.network.output.weight, source.network.output.weight)


def test_ones_own_settings_win(source):
    recipe = dg.fine_tune(
        source, digits(8, 9), epochs=1, unfreeze_every=2, rate_decay_by_depth=1, out="a", **QUICK
    ).spec.recipe
    assert (recipe.unfreeze_every, recipe.unfreeze_after, recipe.rate_decay_by_depth) == (2, None, 1)
    with pytest.raises(SettingError, match="takes its weights from the first argument"):
        dg.fine_tune(source, digits(8, 9), weights="other", **QUICK)
    with pytest.raises(SettingError, match=r"recipe\.epochs='many': input should be a valid integer"):
        dg.fine_tune(source, digits(8, 9), epochs="many", **QUICK)
    with pytest.raises(SettingError, match=r"recipe=\[.*\]: fine_tune takes one recipe"):
        dg.fine_tune(source, digits(8, 9), recipe=[{"epochs": 1}], **QUICK)


def test_seeds_differ_in_the_new_head_alone_at_first(source):
    runs = dg.fine_tune(source, digits(8, 9), epochs=0, seeds=2, out="seeds", **QUICK)
    one, two = (run.network for run in runs)
    assert torch.equal(one.hidden1.weight, two.hidden1.weight) and not torch.equal(one.output.weight, two.output.weight)


def test_a_module_of_ones_own_is_copied_and_gets_a_new_last_layer():
    body = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU())
    network = nn.Sequential(body, nn.Linear(8, 10))
    before = {n: v.clone() for n, v in network.state_dict().items()}
    run = dg.fine_tune(network, digits(1, 2, 3), epochs=1, out="own", **QUICK)
    assert run.network[1].out_features == 3 and torch.equal(run.network[0][1].weight, before["0.1.weight"])
    assert all(torch.equal(v, before[n]) for n, v in network.state_dict().items())
    with pytest.raises(SettingError, match="trained a network of your own, Sequential, which a folder cannot hold"):
        dg.fine_tune("own", digits(1, 2), epochs=1, **QUICK)


def published(folder):
    """A file as torchvision's, of a network small enough for a test: resnet20 has the names of the larger ones."""
    network = dg.build("resnet20", inputs=(3, 16, 16), outputs=1000, seed=3)
    save_file({n: v.contiguous() for n, v in network.state_dict().items()}, folder)


def test_a_published_file_says_its_network_and_brings_the_scaling_of_imagenet():
    published("resnet20-0123abcd.safetensors")
    published("weights.safetensors")
    random = np.random.default_rng(0)
    data = dg.load((random.integers(0, 256, (40, 3, 16, 16)).astype(np.uint8), np.arange(40) % 2))
    run = dg.fine_tune("resnet20-0123abcd.safetensors", data, epochs=0, out="run", **QUICK)
    assert run.spec.network["name"] == "resnet20" and run.spec.data.scaling == "imagenet"
    assert "x: scaled as networks trained on ImageNet expect." in run.facts["weights"]["notes"]
    with pytest.raises(SettingError, match=r"does not say of which network it is. Name it: network='resnet18'"):
        dg.fine_tune("weights.safetensors", data, **QUICK)
    again = dg.fine_tune("weights.safetensors", data, network="resnet20", epochs=0, out="named", **QUICK)
    assert torch.equal(again.network.conv1.weight, run.network.conv1.weight)


def test_the_command_line_has_it_in_one_option_and_its_spec_repeats_it(source, monkeypatch, capsys):
    from deepglass.cli import main

    options = [
        "--fine-tune",
        "source",
        "--epochs",
        "2",
        "--set",
        "data.classes=['8', '9']",
        "--set",
        "recipe.threads=1",
    ]
    monkeypatch.setattr(sys, "argv", ["deepglass", "train", "digits", *options, "--out", "tuned", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    assert json.loads(said.out.splitlines()[-1])["run"] == "tuned"
    assert "4 of 6 tensors taken" in said.err
    assert dg.Run("tuned").spec.recipe.unfreeze_after == 1
    monkeypatch.setattr(sys, "argv", ["deepglass", "train", "tuned/spec.yaml", "--out", "again"])
    with pytest.raises(SystemExit) as ended:
        main()
    tuned, again = dg.Run("tuned"), dg.Run("again")
    assert [e.train for e in again.history] == [e.train for e in tuned.history]
    assert again.fields["image"].encoding == source.fields["image"].encoding
    (source.path / "run.json").unlink()
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert (
        "tuned cannot be trained again as it was: it started from weights. source/run.json is"
        in capsys.readouterr().err
    )
    monkeypatch.setattr(sys, "argv", ["deepglass", "train", "digits", "--fine-tune", "source", "--weights", "source"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2 and "--weights does not go with --fine-tune" in capsys.readouterr().err


def test_the_doctor_takes_layers_that_wait_for_their_turn_for_no_fault(source):
    run = dg.fine_tune(source, digits(8, 9), epochs=4, out="waiting", **QUICK)
    assert "frozen" not in {finding.symptom for finding in run.findings}
