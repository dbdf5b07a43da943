"""Several seeds in one step: the same runs as one after the other, up to rounding."""

import json
import signal

import pytest

import deepglass as dg
from deepglass.carrying import begin, carry_all, shown_by
from deepglass.errors import SettingError, TrainingError
from deepglass.job import plan
from deepglass.probes.stored import read_evidence
from deepglass.runs import RunFolder
from deepglass.training import keep_all
from deepglass.training.execution import Precision
from deepglass.training.replicas import Replicas


def train(tmp_path, name, stacked=None, **settings):
    options = {"epochs": 4, "network": "mlp", "progress": False, **settings}
    return dg.train(data="iris", seeds=3, out=tmp_path / name, stacked=stacked, **options)


def test_small_networks_are_stacked_by_rule_and_every_run_is_whole(tmp_path):
    runs = train(tmp_path, "by-rule")
    alone = train(tmp_path, "alone", stacked=False)
    assert [run.facts.get("stacked") for run in runs] == [3, 3, 3]
    assert [run.facts.get("stacked") for run in alone] == [None] * 3
    for one, other in zip(runs, alone, strict=True):
        assert one.status == other.status == "done"
        assert one.best_epoch.validation == pytest.approx(other.best_epoch.validation, rel=1e-4)
        assert one.spec == other.spec
        again = dg.Run(one.path)  # from the folder alone
        assert again.evaluate()["accuracy"] == pytest.approx(other.evaluate()["accuracy"])


def test_convolutions_and_own_networks_are_not_stacked_unless_asked_and_then_refused_with_the_reason(tmp_path):
    assert (
        dg.train("lenet5", "digits", seeds=2, epochs=1, out=tmp_path / "c", progress=False)[0].facts.get("stacked")
        is None
    )
    with pytest.raises(SettingError, match=r"recipe.average is set"):
        train(tmp_path, "x", stacked=True, average=0.9)
    with pytest.raises(SettingError, match="A network or optimizer of your own"):
        train(tmp_path, "y", stacked=True, network=dg.build("mlp", dg.load("iris")))


def test_a_signal_pauses_all_after_the_epoch_and_each_goes_on_alone(tmp_path, monkeypatch):
    whole = train(tmp_path, "whole", epochs=12)

    class Shown:
        def step(self, step):
            if step.number == 5:
                signal.raise_signal(signal.SIGTERM)

        def epoch(self, epoch, best):
            pass

    original = keep_all.keep_all
    monkeypatch.setattr(
        "deepglass.carrying.keep_all", lambda replicas, folders, watcher: original(replicas, folders, Shown())
    )
    runs = train(tmp_path, "stopped", epochs=12)
    assert [run.status for run in runs] == ["paused"] * 3
    assert [len(run.history) for run in runs] == [2] * 3
    assert runs[0].facts["stopped_by"] == "SIGTERM"
    monkeypatch.undo()
    for run, expected in zip(runs, whole, strict=True):
        resumed = dg.resume(run.path, progress=False)
        assert resumed.status == "done"
        assert resumed.best_epoch.validation == pytest.approx(expected.best_epoch.validation, rel=1e-4)
        assert "in one step with 2 others" in str(resumed.facts["resumed"])
        looks = [[probe["step"] for probe in read_evidence(one.path).probes] for one in (resumed, expected)]
        assert looks == [[0, 4, 36]] * 2 and resumed.facts["probes"]["looks"] == 3
    assert ">Inside<" in whole[2].report().read_text(encoding="utf-8")


def test_the_record_says_in_which_precision_a_stack_was_trained(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.training.replicas.precision_for", lambda *_: Precision(low=True))
    runs = train(tmp_path, "low", epochs=1)
    assert [run.facts["environment"]["precision"] for run in runs] == ["bfloat16"] * 3
    assert [run.facts["environment"]["threads"] for run in runs] == [1] * 3  # and what else it said is still there


def test_one_that_explodes_fails_and_the_others_are_kept(tmp_path, monkeypatch):
    from deepglass.training import replicas

    def poisoned(self, losses):
        sound = losses.detach().isfinite()
        if self.active[0].step_number >= 4 and len(self.active) == 3:
            sound[1] = False
            return sound
        return None

    monkeypatch.setattr(replicas.Replicas, "_look", poisoned)
    with pytest.raises(TrainingError, match="replica 1 is not finite"):
        train(tmp_path, "poisoned")
    facts = [json.loads((tmp_path / "poisoned" / f"seed-{i}" / "run.json").read_text()) for i in range(3)]
    assert [f["status"] for f in facts] == ["done", "failed", "done"]
    assert "replica 1 is not finite" in facts[1]["reason"]
    assert len(RunFolder(tmp_path / "poisoned" / "seed-0").history()) == 4


def test_the_doctor_finds_the_fault_of_one_of_a_stack_and_nothing_in_its_neighbours(tmp_path):
    data = dg.load("digits", test=0, validation=300)
    plans = [plan("mlp", data, optimizer="sgd", epochs=12, learning_rate=rate)[0] for rate in (0.1, 30.0, 0.2)]
    trainings = [dg.Training(dg.build(p.network, data), data, p.recipe) for p in plans]
    quiet = shown_by(False)
    folders = [
        begin(t, p, out=tmp_path / str(i), strict=False, shown=quiet) for i, (t, p) in enumerate(zip(trainings, plans))
    ]
    carry_all(Replicas(trainings), folders, quiet, "three rates")
    serious = [[f for f in dg.Run(folder.path).findings if f.is_serious] for folder in folders]
    assert serious[0] == serious[2] == []
    assert "recipe.learning_rate" in str(serious[1][0].remedies), serious[1]
