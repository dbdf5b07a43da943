"""What a user gets from `cross_validate`."""

import json
import statistics
import sys

import numpy as np
import pytest
from scipy import stats

import deepglass as dg
from deepglass.cli import main
from deepglass.errors import DataError, SettingError

QUICK = {"threads": 1, "progress": False, "epochs": 2}
pytestmark = pytest.mark.usefixtures("in_tmp")


def of_speakers():
    """Points of three speakers, of whom the third says it the other way round."""
    random = np.random.default_rng(0)
    x, speaker = random.normal(size=(205, 2)), np.repeat([0, 1, 2], [80, 100, 25])
    y = (x[:, 0] > 0) ^ (speaker == 2)
    return dg.load({"x": x, "speaker": speaker, "y": y.astype(int)}, target="y", group="speaker", test=0)


def test_every_example_is_left_out_once_and_the_interval_is_students():
    found = dg.cross_validate("mlp", "iris", folds=3, out="cv", **QUICK)
    data = dg.load("iris")
    held = [set(run.data.members("validation").tolist()) for run in found.runs]
    everything = {*data.members("train").tolist(), *data.members("validation").tolist()}
    assert set.union(*held) == everything and sum(map(len, held)) == len(everything)
    values = [run.history[-1].validation["accuracy"] for run in found.runs]
    assert found.scores()["accuracy"] == values
    low, high = stats.t.interval(0.95, 2, statistics.fmean(values), stats.sem(values))
    about = found.intervals()["accuracy"]
    assert about["mean"] == pytest.approx(statistics.fmean(values))
    assert about["interval"] == pytest.approx([max(0, low), min(1, high)])
    assert f"left-out accuracy: mean {about['mean']:.4f}" in repr(found) and "3 folds" in repr(found)


def test_each_group_is_left_out_whole_and_one_that_differs_is_seen():
    found = dg.cross_validate("mlp", of_speakers(), folds="groups", learning_rate=0.02, **{**QUICK, "epochs": 20})
    assert sorted(found.left_out) == [25, 80, 100]
    scores = dict(zip(found.left_out, found.scores()["accuracy"]))
    assert scores[25] < 0.3 < 0.7 < min(scores[80], scores[100])
    assert "over 3 groups" in repr(found)


def test_the_left_out_examples_choose_no_epoch_unless_that_is_asked_for_and_said():
    assert not any(run.spec.recipe.early_stopping for run in dg.cross_validate("mlp", "iris", folds=2, **QUICK).runs)
    found = dg.cross_validate("mlp", "iris", folds=2, early_stopping=True, **QUICK)
    assert found.scores()["loss"] == [run.best_epoch.validation["loss"] for run in found.runs]
    assert "a little too kind" in repr(found)


@pytest.mark.parametrize(
    ("folds", "kind", "words"),
    [
        ("groups", SettingError, "the examples have none. Say what groups them"),
        ("speakers", SettingError, "neither a number nor 'groups'"),
        (1, DataError, "1 folds of"),
    ],
)
def test_folds_that_cannot_be_are_refused_in_words(folds, kind, words):
    with pytest.raises(kind, match=words):
        dg.cross_validate("mlp", "iris", folds=folds, **QUICK)


def test_the_command_line_has_it_in_one_option(monkeypatch, capsys):
    command = "deepglass train iris --network mlp --epochs 1 --folds 2 --set recipe.threads=1 --json"
    monkeypatch.setattr(sys, "argv", command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert len(said["folds"]) == 2 and said["scores"]["accuracy"]["folds"] == 2
    monkeypatch.setattr(sys, "argv", ["deepglass", "train", "iris", "--folds", "2", "--seeds", "3"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2 and "--seeds does not go with --folds" in capsys.readouterr().err
