"""Weights of classes, sampling, thresholds and calibration, as they are typed."""

import numpy as np
import pandas
import pytest

QUICK = ("--epochs", "2", "--set", "recipe.threads=1", "--set", "recipe.early_stopping=false")


@pytest.fixture
def mails(tmp_path):
    """A table with a rare class."""
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 4))
    spam = np.where(x[:, 0] + random.normal(size=200) > 1.2, "spam", "ham")
    pandas.DataFrame(x, columns=list("abcd")).assign(kind=spam).to_csv(tmp_path / "mails.csv", index=False)


@pytest.mark.usefixtures("mails")
def test_weights_smoothing_and_sampling_are_settings_like_any(deepglass):
    words = (
        "--set",
        "task.label_smoothing=0.1",
        "--set",
        "task.class_weight=balanced",
        "--set",
        "recipe.sampling=balanced",
    )
    done = deepglass("train", "mails.csv", "--target", "kind", "--out", "run", *QUICK, *words)
    assert done.code == 0, done.err
    again = deepglass("train", "run/spec.yaml", "--out", "again")
    assert again.code == 0, again.err


@pytest.mark.usefixtures("mails")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("task.class_weight={spma: 5}",),
            "task.class_weight names 'spma', which is no class of 'kind'. Did you mean 'spam'?",
        ),
        (("task.class_weight=balanc",), "task.class_weight='balanc': give 'balanced', or a weight for some classes"),
        (("task.label_smoothing=1.5",), "task.label_smoothing=1.5: input should be less than 1"),
        (
            ("recipe.sampling=equal",),
            "recipe.sampling='equal': input should be 'shuffled', 'balanced' or 'with_replacement'",
        ),
        (("recipe.sampling=balanced", "recipe.shuffle=false"), "and recipe.shuffle=false asks for a fixed order"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_step(deepglass, words, message):
    sets = [part for word in words for part in ("--set", word)]
    done = deepglass("train", "mails.csv", "--target", "kind", "--out", "run", *QUICK, *sets)
    assert done.code == 2
    assert message in " ".join(done.err.split())


@pytest.mark.usefixtures("mails")
def test_a_run_is_calibrated_and_judged_at_a_threshold(deepglass):
    assert deepglass("train", "mails.csv", "--target", "kind", "--out", "run", *QUICK, "--epochs", "20").code == 0
    done = deepglass("evaluate", "run", "--calibrate", "--threshold", "cost=5", "--json")
    assert done.code == 0, done.err
    assert "temperature" in done.err and "the validation examples that it was fitted on" not in done.out
    assert "threshold by cost=5, on 32 validation examples\n  spam: from " in done.err
    assert 0 < done.json["test"]["threshold"] < 0.5  # a miss is dear, so much is taken for spam
    assert done.json["test"]["calibration_error_before"] != done.json["test"]["calibration_error"]
    usual = deepglass("predict", "run", "mails.csv", "--json").json["predictions"]
    eager = deepglass("predict", "run", "mails.csv", "--threshold", "0.02", "--json").json["predictions"]
    found = [sum(row["kind"] == "spam" for row in rows) for rows in (usual, eager)]
    assert found[1] > found[0]
    wrong = deepglass("evaluate", "run", "--threshold", "f2")
    assert wrong.code == 2 and "threshold='f2' is no rule. Use f1, youden, cost=NUMBER" in wrong.err
