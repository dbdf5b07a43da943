"""Every experiment is borne out on its small form, by one command, with a picture."""

import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from deepglass.errors import SettingError
from deepglass.experiments import EXPERIMENTS, Form
from deepglass.experiments.arms import arms, pictures
from deepglass.experiments.experiment import Expectation, Outcome
from deepglass.report.pictures.figure import to_png

NUMBERS = (*range(1, 9), 12, *range(23, 40), *range(41, 46), 47, 49, 50, *range(51, 58), 59, 60, 61)


def test_the_experiments_of_the_course_that_can_be_run_by_now_are_all_there():
    rows = {row for e in EXPERIMENTS.values() for row in e.row.split(", ")}
    assert rows >= {f"EX-{number:02}" for number in NUMBERS}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_its_expectations_hold_on_the_small_form(name):
    experiment = EXPERIMENTS[name]
    outcome = experiment.run(experiment.small)
    wrong = [f"{e.text}: {e.measured}" for e in outcome.expectations if not e.held]
    assert outcome.expectations and not wrong
    assert outcome.rows
    assert all(type(e.held) is bool for e in outcome.expectations)  # what --json prints
    assert to_png(outcome.picture).startswith(b"\x89PNG")


def test_one_command_prints_claim_and_figures_and_draws(tmp_path, monkeypatch, capsys):
    from deepglass.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["deepglass", "experiment", "outliers"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().out
    assert not ended.value.code
    assert "The course: With outliers, take the absolute or Huber's error." in said
    assert "yes  huber keeps it within 0.2" in said
    assert Image.open(tmp_path / "outliers.png").width > 400


def test_a_run_that_misses_an_expectation_says_so_beside_the_verdict(in_tmp, monkeypatch, capsys):
    from deepglass.cli import main

    missed = Outcome([{"a": 1}], Figure(), [Expectation("it is over 2", False, "1"), Expectation("it is 1", True, "1")])
    monkeypatch.setitem(EXPERIMENTS, "outliers", replace(EXPERIMENTS["outliers"], run=lambda form: missed))
    for options, why in (([], "."), (["--epochs", "1"], "; it had other epochs or seeds than the claim is judged by.")):
        monkeypatch.setattr("sys.argv", ["deepglass", "experiment", "outliers", *options])
        with pytest.raises(SystemExit):
            main()
        assert f"This run misses 1 of 2 expectations{why}\n" in capsys.readouterr().out


def test_with_json_the_last_line_says_whether_it_held(tmp_path, monkeypatch, capsys):
    from deepglass.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["deepglass", "experiment", "outliers", "--json", "-o", "x.svg"])
    with pytest.raises(SystemExit):
        main()
    facts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert facts["held"] is True
    assert facts["picture"] == "x.svg"
    assert (tmp_path / "x.svg").is_file()


def test_the_same_form_gives_the_same_figures_and_another_seed_others():
    form = Form("digits", 100, 100, 2, (0,))
    once, again, other = (
        arms(f, {"a": {"learning_rate": 0.1}})["a"].last("loss") for f in (form, form, replace(form, seeds=(1,)))
    )
    assert once == again
    assert once != other


def test_seeds_that_are_trained_side_by_side_end_as_each_does_alone():
    form = Form("digits", 200, 100, 3, (0, 1))
    both = arms(form, {"a": {"learning_rate": 0.1}})["a"].last("loss")
    alone = [arms(replace(form, seeds=(s,)), {"a": {"learning_rate": 0.1}})["a"].last("loss")[0] for s in (0, 1)]
    assert both == pytest.approx(alone, rel=1e-3)


def test_a_network_that_diverges_is_no_number_and_leaves_the_other_sides_alone():
    sides = arms(
        Form("digits", 200, 100, 2, (0, 1)),
        {"too fast": {"learning_rate": 1e9}, "fine": {"learning_rate": 0.1}},
        network={"hidden": [16, 16], "activation": "identity"},
    )
    assert not np.isfinite(sides["too fast"].last("loss")).any()
    assert np.isfinite(sides["fine"].last("loss")).all()


def test_wrong_labels_are_given_to_training_examples_alone():
    clean, wrong = pictures(Form("digits", 300, 300)), pictures(Form("digits", 300, 300, wrong=0.2))
    right = pictures(replace(Form("digits", 300, 300), wrong=1e-9))  # the same splits, not one label changed
    field = clean.target.name
    for split, changed in (("train", True), ("validation", False)):
        a, b = (d.examples(split)[field] for d in (right, wrong))
        share = float((a != b).float().mean())
        assert (0.1 < share < 0.2) if changed else share == 0


def test_more_examples_than_there_are_is_an_error_that_says_how_many_there_are():
    with pytest.raises(
        SettingError, match=r"digits has 1,797 examples outside its test split, and 3,000 are asked for"
    ):
        pictures(Form("digits", 2500, 500))
