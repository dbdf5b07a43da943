"""What the page says of findings and proofs."""

from dataclasses import replace

import pytest
from test_page import HOSTILE, Page, contents_of

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.proof import Proof, Tried
from deepglass.report import Diagnosis, doctor_says, render
from deepglass.training.spec import parse_changes

RATE = Remedy({"recipe.learning_rate": 0.01}, "Shorter steps.")
FLAT = Finding("saturated_units", "warning", "Units of hidden1 are flat.", "Flat units do not learn.", {"share": 0.9})
HIGH = Finding(
    "rate_too_high",
    "alarm",
    what="The loss rose to 40.",
    why="Steps that are too long miss the valley.",
    evidence={"highest_loss": 40.0, "threshold": 3.0},
    layer="hidden1",
    epoch=2,
    remedies=(RATE, Remedy({}, "Mend the loop.", by="code")),
    folded=(FLAT,),
    refuted_by="The loss jumps at a tenth of the rate as well.",
)
HELPED = Tried(
    RATE.change,
    {"recipe.learning_rate": 1.0},
    RATE.why,
    "rate_too_high",
    "helped",
    "accuracy",
    1,
    0.5,
    (0.4, 0.6),
    0.01,
    (1, 2, 3, 4, 5),
    (0.3, 0.3, 0.3, 0.3, 0.3),
    (0.8, 0.9, 0.7, 0.8, 0.8),
    examples=100,
)


@pytest.fixture(scope="module")
def iris():
    """Without curves and answers, which take long to draw."""
    return replace(contents_of("iris"), history=[], answers=None, surface=None, examples={}, scores={})


def page_of(iris, findings=(), proofs=()):
    plain = [finding.to_dict() for finding in findings]
    looked = {"data": ["inputs_unscaled"], "optimization": ["rate_too_high", "momentum_too_high"]}
    return Page(render(replace(iris, diagnosis=Diagnosis(plain, proofs, looked, ["mode_gap"]))))


def test_a_finding_is_told_with_its_place_numbers_remedies_and_what_follows_from_it(iris):
    text = page_of(iris, [HIGH]).text
    assert "One likely cause, which explains 1 more that is seen; 3 kinds of fault were looked for." in text
    assert "alarm rate too high in hidden1, at epoch 2" in text
    assert "The loss rose to 40. Steps that are too long miss the valley." in text
    assert "highest loss 40 , threshold 3" in text
    assert "It is wrong if the loss jumps at a tenth of the rate as well." in text
    assert "+ recipe.learning_rate: 0.01" in text
    assert "deepglass prove 'runs/first try' --set recipe.learning_rate=0.01" in text
    assert "Mend the loop. (by hand, in the code)" in text
    assert "It explains 1 more that is seen warning saturated units Units of hidden1 are flat." in text


def test_a_healthy_run_is_told_so_with_what_was_looked_for(iris):
    text = page_of(iris).text
    assert "Nothing wrong was found; 3 kinds of fault were looked for." in text
    assert "the steps rate too high, momentum too high" in text
    assert "not measured in this run mode gap" in text
    assert "What the doctor says" not in Page(render(iris)).text  # nobody asked


def test_a_remark_is_no_fault(iris):
    text = page_of(iris, [replace(HIGH, severity="remark", folded=())]).text
    assert "Nothing wrong was found" in text
    assert "Worth knowing: 1 remark" in text


def test_a_proof_is_shown_with_its_pairs_and_told_at_its_remedy(iris):
    page = page_of(iris, [HIGH], [Proof("runs/x", (HELPED,))])
    said = "Helped: recipe.learning_rate 1 -> 0.01 raises accuracy by 0.50"
    assert page.text.count(said) == 2
    assert "Tried: Helped" in page.text
    assert "deepglass prove" not in page.text
    labels = [a.get("aria-label") for t, a in page.tags if t == "svg"]
    assert "trainings with and without the remedy, and their difference" in labels


def test_names_in_findings_are_written_not_run(iris):
    page = page_of(iris, [replace(HIGH, layer=HOSTILE, what=HOSTILE, symptom=HOSTILE)])
    assert page.text.count(HOSTILE) >= 3


@pytest.mark.parametrize("value", [None, True, 0.001, 1e-5, 64, [64, 32], "none", {}, {"8": 2.0}, "C:\\x y"])
def test_a_change_is_written_as_the_command_reads_it(value):
    import shlex

    words = shlex.split(doctor_says.sets({"network.hidden": value}))
    assert words[0] == "--set"
    assert parse_changes(words[1:]) == {"network.hidden": value}


def test_a_change_of_a_whole_section_is_proved_by_its_finding():
    finding = Finding("underfitting", "alarm", "w", "y").to_dict()
    assert doctor_says.command("runs/x", finding, {"network": {"name": "mlp"}}) == "deepglass prove runs/x underfitting"


def test_a_list_of_layers_is_a_short_word_in_a_sentence():
    layers = [{"Conv2d": [32, 3]}, "ReLU"] * 10
    assert len(Tried({"network.layers": layers}, {"network.layers": layers[1:]}).named) < 160
