"""What a user learns of each group of examples."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.cli import main
from deepglass.errors import SettingError
from deepglass.subgroups import check_by, groups_of, in_lines, scores_by_group
from deepglass.tasks import task_for


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A label that x tells for women, and that chance tells for men."""
    random = np.random.default_rng(0)
    x, sex = random.normal(size=600), np.where(np.arange(600) % 3 == 0, "man", "woman")
    told = np.where(sex == "woman", x > 0, random.random(600) < 0.5)
    table = pd.DataFrame({"x": x, "sex": sex, "hired": np.where(told, "yes", "no")})
    out = tmp_path_factory.mktemp("groups") / "hired"
    return dg.train(
        "linear",
        dg.load(table, target="hired", test=0.5),
        epochs=20,
        learning_rate=0.05,
        threads=1,
        progress=False,
        out=out,
    )


def test_each_group_is_measured_for_itself(run):
    looks = len(run.folder.looks())
    found = run.evaluate(by="sex")
    assert len(run.folder.looks()) == looks + 1
    women, men = found.test["by"]["sex"]
    assert (women["group"], men["group"]) == ("woman", "man") and women["examples"] > men["examples"]
    assert women["accuracy"] > 0.9 and men["accuracy"] < 0.7
    both = (women["accuracy"] * women["examples"] + men["accuracy"] * men["examples"]) / found["examples"]
    assert both == pytest.approx(found["accuracy"])
    truth = run.data.read(run.data.open_test(lambda examples: None))["hired"].float().mean()
    shares = sum(row["true"] * row["examples"] for row in (women, men)) / found["examples"]
    assert women["class"] == "yes" and shares == pytest.approx(float(truth))
    assert "man and woman differ by" in repr(found) and "their intervals do not meet" in repr(found)


def test_a_number_parts_the_examples_in_quarters(run):
    ids = run.data.members("train")
    names, counts = np.unique(groups_of(run.data, "x", ids), return_counts=True)
    assert len(names) == 4 and counts.max() - counts.min() <= 2


def test_a_column_that_is_not_there_costs_no_look(run):
    looks = len(run.folder.looks())
    with pytest.raises(
        SettingError, match=r"no column 'sax' to part the examples by\. Did you mean 'sex'\? Known: .*x"
    ):
        run.evaluate(by="sax")
    assert len(run.folder.looks()) == looks


def test_a_task_without_accuracy_or_error_says_so():
    data = dg.load("next_symbol", options={"examples": 40})
    task = task_for(data)
    with pytest.raises(SettingError, match="Groups are compared by accuracy or mean error"):
        check_by(task, data, "symbol")


def test_of_numbers_the_error_is_compared():
    data = dg.load("diabetes")
    run = dg.train("linear", data, epochs=1, threads=1, progress=False)
    ids = data.members("validation")
    rows = scores_by_group(run.task, run.collect(ids), groups_of(data, "sex", ids))
    assert len(rows) == 2 and sum(row["examples"] for row in rows) == len(ids) and all("mae" in row for row in rows)
    assert "mae" in in_lines("sex", rows)[1]


def test_pictures_have_no_columns():
    with pytest.raises(SettingError, match="no column 'age'"):
        groups_of(dg.load("digits"), "age", torch.arange(3))


def test_the_command_prints_the_groups(run, monkeypatch, capsys):
    monkeypatch.setattr(dg.Run, "report", lambda run: None)  # which takes seconds, and is tested elsewhere
    monkeypatch.setattr(sys, "argv", ["deepglass", "evaluate", str(run.path), "--by", "sex", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["group"] for row in found["test"]["by"]["sex"]] == ["woman", "man"]


def test_groups_are_compared_where_intervals_part_most_and_one_example_is_no_group():
    def row(group, examples, accuracy, low, high):
        return {"group": group, "examples": examples, "accuracy": accuracy, "interval": [low, high]}

    women, men, few = row("women", 200, 0.7, 0.65, 0.75), row("men", 300, 0.9, 0.87, 0.93), row("few", 6, 0.5, 0.1, 0.9)
    assert "women and men differ by 0.2000: their intervals do not meet" in in_lines("sex", [men, women, few])[-1]
    single = row("missing", 1, 1.0, 0.2, 1.0)
    near = row("women", 40, 0.85, 0.7, 0.93)
    assert "women and men differ by 0.0500: within" in in_lines("sex", [men, near, single])[-1]
