"""What a user gets from `deepglass runs`, and from the options of `train` and `show` that work with other runs."""

import shutil
from pathlib import Path

import pytest

import deepglass as dg

QUICK = ("--epochs", "2", "--set", "recipe.threads=1")
SHORT = {"epochs": 4, "threads": 1, "progress": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Runs that tests work on copies of, because training and reports take longer than all that is tested here."""
    place = tmp_path_factory.mktemp("runs")
    dg.train("mlp", "iris", out=place / "a", keep_every=2, **SHORT)
    dg.train("mlp", "iris", out=place / "b", learning_rate=0.05, **SHORT)
    return place


@pytest.fixture(autouse=True)
def no_reports(monkeypatch):
    """Reports have tests of their own, and the models in them take seconds."""
    monkeypatch.setattr(dg.Run, "report", lambda run, path=None: run.path / "report.html")
    monkeypatch.setattr(dg.Run, "verdict", lambda run: [])


@pytest.fixture
def two(deepglass, trained):
    shutil.copytree(trained, "runs")
    return deepglass


def test_the_list_says_state_data_network_epochs_metric_and_size(two):
    said = two("runs").out
    for word in ("done", "iris", "mlp", "4/4", "accuracy", "kB"):
        assert word in said
    rows = two("runs", "--sort", "-date", "--filter", "status=done", "--json").json["runs"]
    assert {row["name"] for row in rows} == {"iris-mlp"} and len(rows) == 2
    assert rows[0]["bytes"] > 1000 and rows[0]["epochs_asked"] == 4 and rows[0]["monitor"] == "loss"
    assert "that fit status=failed" in two("runs", "--filter", "status=failed").out


def test_a_damaged_run_stands_in_the_list_beside_the_others(two):
    Path("runs/a/run.json").write_text("{")
    answer = two("runs")
    assert answer.code == 0 and "damaged" in answer.out and "done" in answer.out and "run.json is damaged" in answer.out


def test_two_runs_stand_side_by_side_with_what_can_be_said_of_them(two):
    answer = two("runs", "--compare", "a", "b", "-o", "both.png")
    assert "recipe.learning_rate" in answer.out and "0.001" in answer.out and "0.05" in answer.out
    assert "95 % interval" in answer.out and "validation examples" in answer.out
    assert Path("both.png").read_bytes().startswith(b"\x89PNG")
    found = two("runs", "--compare", "a", "a", "b", "--metric", "loss", "--json").json
    assert "A and B do not differ" in found["comparisons"][0]["sentence"]
    assert any(word in found["comparisons"][1]["sentence"] for word in ("A minus C", "C is better", "A is better"))
    assert [row["side"] for row in found["runs"]] == ["A", "B", "C"]
    assert found["comparisons"][0]["metric"] == "loss" and found["comparisons"][1]["of"] == ["A", "C"]


def test_folders_of_seeds_are_compared_in_pairs(deepglass):
    for name, rate in (("small", 0.001), ("large", 0.05)):
        dg.train("mlp", "iris", seeds=2, learning_rate=rate, out=name, **SHORT)
    answer = deepglass("runs", "--compare", "small", "large")
    assert "over 2 seeds" in answer.out and "A seed-0" in answer.out and "B seed-1" in answer.out


def test_runs_of_other_data_are_shown_and_not_judged(two):
    dg.train("mlp", "wine", out="runs/c", **SHORT)
    answer = two("runs", "--compare", "a", "c")
    assert answer.code == 0 and "A and B cannot be judged" in answer.out and "different data" in answer.out


def test_runs_are_deleted_when_yes_is_said_and_nothing_else_is(two):
    Path("mine").mkdir()
    Path("mine/spec.yaml").write_text("mine")
    asked = two("runs", "--delete", "a")
    assert asked.code == 2 and "This deletes 1 run for good" in asked.err and Path("runs/a").exists()
    refused = two("runs", "--delete", "a", "mine", "--yes")
    assert refused.code == 2 and "no run of Deepglass" in refused.err and Path("runs/a").exists()
    assert two("runs", "--delete", "a", "--yes", "--json").json == {"deleted": [str(Path("runs/a"))]}
    assert not Path("runs/a").exists() and Path("runs/b/run.json").exists() and Path("mine/spec.yaml").exists()


def test_a_person_who_answers_no_keeps_the_run(two, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, err: text != "Delete 1 run for good?")
    assert "Nothing was deleted" in two("runs", "--delete", "a").out and Path("runs/a").exists()
    monkeypatch.setattr("typer.confirm", lambda text, err: True)
    assert "deleted: " in two("runs", "--delete", "a").out and not Path("runs/a").exists()


def test_a_fork_and_its_parent_are_shown(two):
    forked = two("train", "--fork", "a@2", "--learning-rate", "0.02", "--out", "runs/c", "--json")
    assert forked.code == 0 and forked.json["epochs"] == 4
    shown = two("show", "c").out
    assert "fork of runs/a after epoch 2: recipe.learning_rate: 0.001 -> 0.02" in shown
    assert "recipe.epochs: 4 (usually 20)" in shown and "mlp on iris" in shown
    machine = two("show", "c", "--json").json
    assert machine["parent"]["epoch"] == 2 and machine["settings_changed"]["recipe.epochs"] == [20, 4]
    assert machine["kept_epochs"]["4"] == "whole"
    kept = list(
        machine["kept_epochs"]
    )  # where it began or the one before last, as saving is quick or slow, and the last
    assert len(kept) == 2 and f"epochs that --fork can go on from: {', '.join(kept)}" in shown


def test_weights_of_a_run_are_taken_by_its_name(two):
    answer = two("train", "iris", *QUICK, "--weights", "a", "--out", "runs/c")
    assert answer.code == 0 and "6 of 6 tensors taken" in answer.err
    assert "started from the weights of" in two("show", "c").out


def test_a_quick_check_says_that_everything_works(deepglass):
    answer = deepglass("train", "iris", "--quick", "--set", "recipe.threads=1")
    assert answer.code == 0 and answer.out.startswith("Everything works") and not Path("runs").exists()
    asked = deepglass("train", "iris", "--quick", "--set", "recipe.threads=1", "--json").json
    assert asked["works"] is True and asked["epoch_seconds"] > 0 and asked["steps"] == 3


def test_time_that_ended_says_how_to_go_on(deepglass):
    words = ("train", "iris", "--set", "recipe.threads=1", "--out", "runs/a")
    answer = deepglass(*words, "--max-time", "0.000001")
    assert answer.code == 0 and "time ended" in answer.out
    assert "--resume --out" in answer.err and "--max-time TIME" in answer.err
    assert "time ended" in deepglass("runs").out
    more = deepglass("train", "--resume", "--out", "runs/a", "--max-time", "1h", "--json")
    assert more.json["status"] in ("done", "stopped early")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("runs", "elsewhere"), "There is no folder elsewhere"),
        (("runs", "--sort", "dat"), "Did you mean 'date'"),
        (("runs", "--filter", "staus=done"), "Did you mean 'stat"),
        (("runs", "a", "b"), "--compare"),
        (("runs", "runs/a"), "is itself a run: deepglass show"),
        (("show", "runs"), "is no run but a folder of runs: runs/a, runs/b"),
        (("runs", "--compare", "a"), "2 to 26 runs"),
        (("runs", "--compare", "a", "zz"), "no run 'zz'"),
        (("runs", "--compare", "a", "b", "--delete"), "do not go together"),
        (("runs", "--compare", "a", "b", "-o", "both.gif"), "format of pictures"),
        (("runs", "-o", "both.png"), "--compare A B"),
        (("runs", "--metric", "accuracy"), "--metric is what --compare judges by"),
        (("runs", "--yes"), "--yes goes with --delete"),
        (
            ("byhand", "a", "-o", "elsewhere/table.csv"),
            "There is no folder elsewhere to write table.csv into. Make it first.",
        ),
        (
            ("predict", "a", "new.csv", "-o", "elsewhere/a.csv"),
            "There is no folder elsewhere to write a.csv into. Make it first.",
        ),
        (("predict", "a", "new.csv", "-o", "a.xlsx"), "predictions are written as .csv"),
        (("experiment", "dropout", "-o", "elsewhere/x.png"), "There is no folder elsewhere to write x.png into"),
        (("runs", "--delete"), "Name the runs"),
        (("runs", "--delete", "zz", "--yes"), "no run 'zz'"),
        (("train", "--fork", "zz@3"), "no run 'zz'"),
        (("train", "--fork", "a@7"), "was not kept. Kept:"),
        (("train", "iris", "--fork", "a"), "SOURCE does not go with --fork"),
        (("train", "--fork", "a", "--epochs", "4", "--set", "data.scaling=none"), "data.scaling cannot change"),
        (("train", "iris", "--weights", "zz"), "no run 'zz'"),
        (("train", "iris", "--weights", "zz.safetensors"), "no weights 'zz.safetensors'"),
        (("train", "iris", "--network", "linear", "--weights", "a"), "--network mlp"),
        (("train", "iris", "--max-time", "soon"), "90s, 10m or 1h30m"),
        (("train", "iris", "--quick", "--seeds", "3"), "--seeds does not go with --quick"),
    ],
)
def test_bad_input_is_a_line_or_two_and_code_2(two, words, says):
    answer = two(*words)
    assert answer.code == 2 and says in answer.err and "Traceback" not in answer.err, answer
    assert sorted(path.name for path in Path("runs").iterdir()) == ["a", "b"]  # nothing is left behind
