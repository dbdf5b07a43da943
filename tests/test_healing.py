"""A run that heals itself: what is found is proved, and what helped is trained beside it."""

import pytest

import deepglass as dg
from deepglass.doctor.finding import Finding, Remedy
from deepglass.healing import heal
from deepglass.run import Run


@pytest.fixture
def slow(tmp_path):
    return dg.train("mlp", "iris", epochs=15, learning_rate=1e-5, threads=1, out=tmp_path / "slow", progress=False)


def found(*changes):
    remedies = tuple(Remedy(change, "longer steps") for change in changes)
    return [Finding("rate_too_low", "alarm", "what", "why", remedies=remedies)]


def test_what_helped_is_trained_with_the_same_seed_and_both_runs_are_kept(slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", found({"recipe.learning_rate": 0.01}))
    healing = heal(slow, progress=False)
    assert healing.healed.path == slow.path.with_name("slow-healed")
    assert healing.healed.spec == slow.spec.with_({"recipe.learning_rate": 0.01})
    assert healing.healed.best_epoch.validation["accuracy"] > slow.best_epoch.validation["accuracy"] + 0.3
    assert Run(slow.path).status == "done"
    assert "Found: rate_too_low.\nHelped: recipe.learning_rate 1e-05 -> 0.01" in repr(healing)
    assert healing.to_dict()["proof"]["verdict"] == "helped"
    assert heal(slow, progress=False).healed.path.name == "slow-healed-2"


def test_a_remedy_that_did_nothing_leaves_the_run_alone_and_is_told_so(slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", found({"recipe.epsilon": 1e-9}))
    healing = heal(slow, progress=False)
    assert healing.healed is None
    assert "It did nothing" in repr(healing)
    assert repr(healing).endswith(f"The run stays as it was: {slow.path}")


def test_a_healthy_run_trains_nothing(slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", [])
    healing = heal(slow, progress=False)
    assert repr(healing) == f"Nothing is wrong with {slow.path}, as far as can be told."
    assert not (slow.path / "proofs").exists()


def test_what_no_setting_mends_is_told(slow, monkeypatch):
    leak = Finding("leakage_target", "alarm", "what", "why", remedies=(Remedy({}, "Leave the column out.", by="data"),))
    monkeypatch.setattr(Run, "findings", [leak])
    assert "Found: leakage_target. No setting mends it" in repr(heal(slow, progress=False))
