"""deepglass prove and deepglass train --heal, as a person types them."""

import os
import shlex
import signal
from pathlib import Path

import pytest

from deepglass.doctor.finding import Finding, Remedy
from deepglass.proving.shown import Shown
from deepglass.run import Run

SLOW = ("train", "iris", "--network", "mlp", "--epochs", "15", "--learning-rate", "1e-5", "--set", "recipe.threads=1")
RATE = Finding("rate_too_low", "alarm", "w", "y", remedies=(Remedy({"recipe.learning_rate": 0.01}, "longer steps"),))
HAND = Finding("leakage_target", "alarm", "w", "y", remedies=(Remedy({}, "Leave the column out.", by="data"),))


@pytest.fixture
def slow(deepglass):
    deepglass(*SLOW, "--out", "slow")
    return "slow"


def test_a_remedy_named_by_hand_is_proved_with_a_picture_and_a_spec_to_train(deepglass, slow, tmp_path):
    answer = deepglass("prove", slow, "--set", "recipe.learning_rate=0.01", "--seeds", "5", "-o", "pairs.png")
    assert answer.code == 0
    assert answer.out.startswith("Helped: recipe.learning_rate 1e-05 -> 0.01 raises accuracy by")
    assert "training 10/10" in answer.err
    assert (tmp_path / "pairs.png").stat().st_size > 5000
    spec = answer.out.split("deepglass train ")[1].strip()
    assert deepglass("train", spec, "--out", "again").code == 0
    assert Run("again").spec.recipe.learning_rate == 0.01


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_pauses_it_and_is_told_by_the_exit_code(deepglass, slow, monkeypatch, name, code):
    steps = []

    def stop(self, step, plain=Shown.step):
        steps.append(step)
        if len(steps) == 3:
            os.kill(os.getpid(), getattr(signal, name))
        plain(self, step)

    monkeypatch.setattr(Shown, "step", stop)
    answer = deepglass(
        "prove", slow, "--set", "recipe.learning_rate=0.01", "--set", "recipe.average=0.5", "--seeds", "5"
    )
    assert (answer.code, "Paused. What was trained is kept" in answer.out) == (code, True)


def test_show_tells_findings_and_proofs_in_short(deepglass, slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", [RATE])
    deepglass("prove", slow, "rate_too_low", "--seeds", "5")
    said = deepglass("show", slow)
    assert "  alarm: rate too low: w\n" in said.out
    assert "  proof: Helped: recipe.learning_rate 1e-05 -> 0.01 raises accuracy" in said.out
    machine = deepglass("show", slow, "--json").json
    assert [f["symptom"] for f in machine["findings"]] == ["rate_too_low"]
    assert [p["verdict"] for p in machine["proofs"]] == ["helped"]


def test_machines_read_finding_verdict_effect_and_interval(deepglass, slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", [RATE])
    answer = deepglass("prove", slow, "rate_too_low", "--seeds", "5", "--json")
    assert (answer.json["finding"], answer.json["verdict"]) == ("rate_too_low", "helped")
    low, high = answer.json["interval"]
    assert low < answer.json["effect"] < high


def test_without_a_remedy_among_the_settings_it_says_what_to_do(deepglass, slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", [HAND])
    answer = deepglass("prove", slow)
    assert answer.code == 0
    assert "leakage_target: no setting mends it. Leave the column out." in answer.out
    monkeypatch.setattr(Run, "findings", [])
    assert "Nothing is wrong with slow" in deepglass("prove", slow).out
    assert deepglass("prove", slow, "--json").json["verdict"] is None


def test_a_command_that_is_suggested_can_be_copied_whatever_the_folder_is_called(deepglass, slow, monkeypatch):
    Path(slow).rename("it's slow")
    monkeypatch.setattr(Run, "findings", [])
    said = deepglass("prove", "it's slow").out.strip()
    words = shlex.split(said.split("own: deepglass ")[1])
    assert words == ["prove", "it's slow", "--set", "recipe.learning_rate=0.001"]


def test_a_mistake_is_a_line(deepglass, slow):
    answer = deepglass("prove", slow, "x", "--set", "recipe.epochs=3")
    assert (answer.code, answer.err) == (
        2,
        "error: FINDING does not go with --set, which names a remedy of its own. Leave one of them out.\n",
    )
    assert deepglass("prove", slow, "--set", "recipe.epochs=15").code == 2
    late = deepglass("prove", slow, "--set", "recipe.learning_rate=0.01", "-o", "pairs.bmp")
    assert (
        late.code == 2 and "pairs.bmp does not end in a format of pictures" in late.err and "training" not in late.err
    )


def test_train_heal_keeps_both_runs(deepglass, monkeypatch):
    monkeypatch.setattr(Run, "findings", [RATE])
    answer = deepglass(*SLOW, "--out", "sick", "--heal", "--heal-time", "1m", "--json")
    assert answer.code == 0
    assert (answer.json["run"], answer.json["healing"]["run"]) == ("sick-healed", "sick")
    assert answer.json["healing"]["rounds"][0]["proofs"][0]["verdict"] == "helped"
    assert Run("sick").spec.recipe.learning_rate == 1e-5


def test_train_heal_mends_a_training_that_failed(deepglass, monkeypatch):
    monkeypatch.setattr(Run, "findings", [RATE])
    words = [
        "train",
        "diabetes",
        "--network",
        "mlp",
        "--epochs",
        "15",
        "--set",
        "recipe.threads=1",
        "--optimizer",
        "sgd",
    ]
    answer = deepglass(*words, "--learning-rate", "1e9", "--out", "sick", "--heal")
    assert answer.code == 0
    assert "error: The loss is" in answer.err
    assert "came to nothing (their loss was no finite number) and count as a constant answer" in answer.out
    assert "with all that helped: sick-healed" in answer.out


def test_heal_does_not_go_with_seeds(deepglass):
    answer = deepglass("train", "iris", "--heal", "--seeds", "2")
    assert (answer.code, "--seeds does not go with --heal" in answer.err) == (2, True)


def test_what_is_asked_of_a_proof_is_checked_where_nothing_is_wrong_too(deepglass, slow, monkeypatch):
    monkeypatch.setattr(Run, "findings", [])
    for option, value, said in (
        ("--max-time", "banana", "max_time='banana'"),
        ("--metric", "acuracy", "Did you mean 'accuracy'?"),
        ("--seeds", "2", "fewer than 5 pairs"),
    ):
        answer = deepglass("prove", slow, option, value)
        assert (answer.code, said in answer.err) == (2, True), option
    assert "Nothing is wrong with slow" in deepglass("prove", slow, "--max-time", "1m", "--metric", "accuracy").out
