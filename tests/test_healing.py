"""A run that heals itself: what is found is proved, and what helped is trained beside it."""

import pytest

import deepglass as dg
from deepglass.doctor.finding import Finding, Remedy
from deepglass.healing import heal
from deepglass.run import Run


@pytest.fixture
def slow(tmp_path):
    return dg.train("mlp", "iris", epochs=15, learning_rate=1e-5, threads=1, out=tmp_path / "slow", progress=False)


def found(*changes, symptom="rate_too_low"):
    remedies = tuple(Remedy(change, "longer steps") for change in changes)
    return [Finding(symptom, "alarm", "what", "why", remedies=remedies)]


def finds(monkeypatch, by_rate):
    """Let the doctor find what is listed for a rate, and nothing for others."""
    monkeypatch.setattr(Run, "findings", property(lambda run: by_rate.get(run.spec.recipe.learning_rate, [])))


def test_what_helped_is_trained_with_the_same_seed_and_both_runs_are_kept(slow, monkeypatch):
    finds(monkeypatch, {1e-5: found({"recipe.learning_rate": 0.01})})
    healing = heal(slow, progress=False)
    assert healing.healed.path == slow.path.with_name("slow-healed")
    assert healing.healed.spec == slow.spec.with_({"recipe.learning_rate": 0.01})
    assert healing.healed.best_epoch.validation["accuracy"] > slow.best_epoch.validation["accuracy"] + 0.3
    assert Run(slow.path).status == "done"
    said = repr(healing)
    assert f"Found in {slow.path}: rate_too_low.\nHelped: recipe.learning_rate 1e-05 -> 0.01" in said
    assert said.endswith("Nothing is wrong any more, as far as can be told.")
    assert heal(slow, progress=False).healed.path.name == "slow-healed-2"


def test_what_is_still_wrong_is_healed_in_further_rounds_and_the_first_run_says_what_was_done(slow, monkeypatch):
    by_rate = {1e-5: found({"recipe.learning_rate": 0.0005})}
    by_rate[0.0005] = found({"recipe.learning_rate": 0.005}, symptom="overfitting")  # which is judged by the loss
    finds(monkeypatch, by_rate | {0.005: found({"recipe.epsilon": 1e-9})})
    healing = heal(slow, pairs=6, progress=False)
    assert [one.run.path.name for one in healing.rounds] == ["slow", "slow-healed", "slow-healed-2"]
    assert healing.healed.spec.recipe.learning_rate == 0.005
    assert healing.ended == "None of the remedies helped."
    assert "It did nothing: with recipe.epsilon" in repr(healing)
    kept = Run(slow.path).facts["healing"]
    assert [one["tried"] for one in kept["rounds"]] == [
        ["recipe.learning_rate 1e-05 -> 0.0005: helped"],
        ["recipe.learning_rate 0.0005 -> 0.005: helped"],
        ["recipe.epsilon none -> 1e-09: no_difference"],
    ]
    assert Run(healing.healed.path).facts["healed_from"]["run"].endswith("slow-healed")


def test_it_ends_when_the_time_is_over(slow, monkeypatch):
    finds(monkeypatch, {1e-5: found({"recipe.learning_rate": 0.01, "recipe.epochs": 100000})})
    healing = heal(slow, max_time="0.5s", progress=False)
    assert healing.healed is None
    assert healing.ended == "The time is over; more of it (--heal-time) would go further."


def test_a_remedy_that_cannot_be_tried_is_told(slow, monkeypatch):
    finds(monkeypatch, {1e-5: found({"recipe.learning_rate": 1e-5})})
    assert "changes nothing: the run was trained like that" in repr(heal(slow, progress=False))


def test_a_remedy_that_did_nothing_leaves_the_run_alone_and_is_told_so(slow, monkeypatch):
    finds(monkeypatch, {1e-5: found({"recipe.epsilon": 1e-9})})
    healing = heal(slow, progress=False)
    assert healing.healed is None
    assert "It did nothing" in repr(healing)
    assert f"The run stays as it was: {slow.path}.\nNone of the remedies helped." in repr(healing)


def test_a_healthy_run_trains_nothing(slow, monkeypatch):
    finds(monkeypatch, {})
    healing = heal(slow, progress=False)
    assert repr(healing) == f"Nothing is wrong with {slow.path}, as far as can be told."
    assert not (slow.path / "proofs").exists()


def test_what_no_setting_mends_is_told(slow, monkeypatch):
    leak = Finding("leakage_target", "alarm", "what", "why", remedies=(Remedy({}, "Leave the column out.", by="data"),))
    finds(monkeypatch, {1e-5: [leak]})
    assert f"Found in {slow.path}: leakage_target.\nNo setting mends it" in repr(heal(slow, progress=False))
