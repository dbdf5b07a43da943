import pytest


@pytest.fixture
def run(deepglass):
    words = ("--set", "network.output_activation=softmax", "--set", "task.loss=cross_entropy", "--out", "r")
    assert deepglass("train", "iris", "--network", "mlp", "--epochs", "3", *words).code == 0
    return "r"


def test_a_diagnosis_names_the_cause_its_numbers_and_what_to_try(deepglass, run):
    said = deepglass("diagnose", run)
    assert said.code == 0
    assert said.out.startswith("1. alarm: activation_twice")
    assert "--set network.output_activation=none" in said.out


def test_machines_get_findings_with_all_that_the_design_promises(deepglass, run):
    findings = deepglass("diagnose", run, "--json").json["findings"]
    assert {"symptom", "severity", "layer", "epoch", "evidence", "remedies"} <= set(findings[0])
    assert findings[0]["symptom"] == "activation_twice"


def test_curves_that_another_program_wrote_are_diagnosed_too(deepglass, tmp_path):
    rows = [f"{e};{2 / e:.3f};{0.6 + 0.1 * e:.3f}".replace(".", ",") for e in range(1, 13)]
    (tmp_path / "ü log.csv").write_text("\n".join(["epoch;loss;val_loss", *rows]), encoding="utf-8")
    assert [f["symptom"] for f in deepglass("diagnose", "ü log.csv", "--json").json["findings"]] == ["overfitting"]
    assert "overfitting" in deepglass("diagnose", "ü log.csv").out
    (tmp_path / "no.csv").write_text("epoch,temperature\n1,20\n2,21\n", encoding="utf-8")
    assert "no.csv has no column of a loss, but temperature." in deepglass("diagnose", "no.csv").err
    for words in (("ü log.csv", "--measure"), ("none.csv",), ("no.csv",)):
        said = deepglass("diagnose", *words)
        assert (said.code, said.err.count("\n")) == (2, 1)


def test_a_run_that_is_not_there_is_told_in_a_line(deepglass):
    said = deepglass("diagnose", "nowhere")
    assert (said.code, said.err.count("\n")) == (2, 1)
