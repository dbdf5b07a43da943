"""What a user gets from `deepglass byhand`."""

import json
import shutil
from pathlib import Path

import pytest
import torch

import deepglass as dg

SHORT = {"epochs": 2, "threads": 1, "progress": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    small = {"name": "mlp", "hidden": [3], "norm": "batch", "dropout": 0.5}
    dg.train(small, "iris", out=place / "a", optimizer="momentum", learning_rate=0.02, **SHORT)
    dg.train("mlp", "diabetes", out=place / "b", **SHORT)
    return place


@pytest.fixture
def two(deepglass, trained):
    shutil.copytree(trained, "runs")
    return deepglass


def test_an_example_is_shown_with_formulas_and_the_step_of_its_run(two):
    said = two("byhand", "a", "--example", "3")
    assert said.code == 0 and "Example 3 of train is" in said.out and "species = " in said.out
    for word in (
        "hidden1 (Linear): forward",
        "w1[0,0]·x[0] + w1[0,1]·x[1]",
        "-ln(p[",
        "new w2[2,2]",
        "norm1 (BatchNorm1d)",
    ):
        assert word in said.out
    assert "learning rate 0.02, momentum 0.9" in said.err and "was trained with" not in said.err


def test_the_numbers_are_those_of_the_kept_network(two):
    said = two("byhand", "a", "--example", "3", "--split", "validation", "--json").json
    run = dg.Run("runs/a")
    batch = run.data.read(run.data.members("validation")[3:4])
    with torch.no_grad():
        assert said["output"] == pytest.approx(run.network(batch["x"])[0].tolist(), abs=1e-5)
    expected = torch.nn.functional.cross_entropy(run.network(batch["x"]), batch["species"]).item()
    assert said["loss"] == pytest.approx(expected, abs=1e-5) and said["examples"] == [3]
    assert run.byhand(3, "validation").loss == pytest.approx(expected, abs=1e-5)


def test_values_of_ones_own_are_checked_and_the_table_is_written(two):
    assert two("byhand", "a", "-o", "t.csv").out.strip().endswith("rows: t.csv")
    assert "values are right" in two("byhand", "a", "--mine", "t.csv").out
    lines = Path("t.csv").read_text(encoding="utf-8").splitlines()
    Path("mine.json").write_text('{"z1[0]": 12345}', encoding="utf-8")
    answer = two("byhand", "a", "--mine", "mine.json")
    assert answer.code == 0 and "z1[0] (hidden1, forward) is the first that is wrong" in answer.out and len(lines) > 100
    assert two("byhand", "a", "--mine", "mine.json", "--json").json["check"]["wrong"]["mine"] == 12345
    two("byhand", "a", "--layers", "output", "-o", "t.html")
    assert "hidden1 (Linear)" not in Path("t.html").read_text(encoding="utf-8")


def test_values_are_checked_beside_a_table_that_is_too_long_to_be_shown(two):
    Path("mine.json").write_text('{"z1[0]": 12345}', encoding="utf-8")
    assert two("byhand", "b", "--layers", "hidden1").code == 2
    answer = two("byhand", "b", "--layers", "hidden1", "--mine", "mine.json")
    assert answer.code == 0 and "z1[0] (hidden1, forward) is the first that is wrong" in answer.out


def test_a_batch_is_calculated_as_in_training_with_given_masks(two):
    Path("masks.json").write_text(json.dumps({"dropout1": [[1, 0, 1], [0, 1, 1]]}), encoding="utf-8")
    batch = ("--example", "0", "--example", "5", "--training", "--masks", "masks.json")
    said = two("byhand", "a", *batch, "--learning-rate", "0.5", "--momentum", "0")
    assert said.code == 0 and "mu1[0]" in said.out and "new running_var1[0]" in said.out and "d1[1;0]" in said.out
    assert "learning rate 0.5." in said.err
    assert "say which" in two("byhand", "a", "--example", "0", "--example", "5", "--training").err
    assert "cannot be read" in two("byhand", "a", "--masks", "none.json").err


def test_what_is_too_long_hidden_or_not_there_is_told(two):
    long = two("byhand", "b")
    assert long.code == 2 and "rows (input 10, hidden1" in long.err and "layers=['output']" in long.err
    assert two("byhand", "b", "--layers", "output").code == 0
    assert "trained with adam" in two("byhand", "b", "--layers", "output").err
    assert "behind glass" in two("byhand", "a", "--split", "test").err
    assert (
        "There is no example 999 in the train split. They are counted from 0 to"
        in two("byhand", "a", "--example", "999").err
    )
    help_text = two("byhand", "--help").out
    assert (
        "deepglass byhand iris-mlp-20260102-1 --example 3 --mine values.csv" in help_text
        and "byhand" in two("--help").out
    )
