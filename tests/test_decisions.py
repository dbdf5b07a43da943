"""Temperature and thresholds of a run: chosen on the validation split, kept, and used when asked."""

import shutil

import numpy as np
import pytest
import sklearn.metrics as sk
import torch

import deepglass as dg
from deepglass.errors import RunError, SettingError

QUICK = {"threads": 1, "progress": False, "early_stopping": False}
pytestmark = pytest.mark.usefixtures("in_tmp")


def spam(examples=400, seed=0):
    """A rare class among noise, so that neither 0.5 nor the probabilities are right by themselves."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(examples, 20))
    there = x[:, 0] + random.normal(size=examples) > 1.4
    return x, np.where(there, "spam", "ham")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that was trained for too long, in a folder that tests copy."""
    place = tmp_path_factory.mktemp("trained") / "run"
    dg.train("mlp", spam(), epochs=30, out=place, **QUICK)
    return place


@pytest.fixture
def run(trained, in_tmp):
    shutil.copytree(trained, in_tmp / "mine")
    return dg.Run("mine")


def test_a_calibrated_run_is_nearer_to_what_is_right_and_says_the_same_classes(run):
    new, _ = spam(50, seed=1)
    before, standing = run.predict(new), run.standing()["scores"]
    found = run.calibrate()
    assert found.temperature > 1.2 and found.error_after < found.error_before
    later = dg.Run("mine")
    after = later.predict(new)
    target = before.columns[0]
    assert after[target].tolist() == before[target].tolist()
    logit = {n: np.log(t["p(spam)"] / (1 - t["p(spam)"])) for n, t in (("before", before), ("after", after))}
    assert logit["after"].to_numpy() == pytest.approx(logit["before"].to_numpy() / found.temperature, abs=1e-3)
    scores = later.standing()["scores"]
    assert scores["calibration_error"] == pytest.approx(found.error_after)
    assert scores["calibration_error_before"] == pytest.approx(found.error_before)
    assert scores["calibration_error_before"] == pytest.approx(standing["calibration_error"])
    assert scores["accuracy"] == standing["accuracy"] and scores["temperature"] == found.temperature
    assert (
        run.calibrate().temperature == found.temperature
    )  # from what the network itself says, not from what came of it
    assert run.folder.looks() == []


def test_a_threshold_is_chosen_on_validation_kept_and_used_when_asked(run):
    chosen = run.choose_threshold("f1")
    said = run.collect(run.data.members("validation"))
    truth = said.target.numpy()
    p = said.prediction["probabilities"][:, 1].numpy()
    assert chosen.classes == ["spam"] and chosen.values[0] != 0.5
    assert chosen.f1[0] == pytest.approx(sk.f1_score(truth, p >= chosen.values[0]))
    assert chosen.f1[0] > sk.f1_score(truth, p >= 0.5)
    assert run.folder.looks() == []
    later = dg.Run("mine")
    assert later.evaluate()["accuracy"] == later.evaluate(threshold=0.5)["accuracy"]
    scores = later.evaluate(threshold="f1")
    assert scores["threshold"] == chosen.values[0]
    test = later.data.splits.test
    said = later.collect(torch.from_numpy(test))
    there = said.prediction["probabilities"][:, 1].numpy() >= chosen.values[0]
    assert scores["accuracy"] == pytest.approx((there == said.target.numpy().astype(bool)).mean())
    assert len(later.folder.looks()) == 3
    assert later.facts["decisions"]["threshold f1"]["values"] == chosen.values


def test_a_lower_threshold_finds_more_and_says_how_sure_the_answer_is(run):
    new, _ = spam(60, seed=2)
    usual, eager = run.predict(new), run.predict(new, threshold=0.05)
    target = usual.columns[0]
    assert (eager[target] == "spam").sum() > (usual[target] == "spam").sum()
    assert (eager[target] == "spam").tolist() == (eager["p(spam)"] >= 0.05).tolist()
    own = np.where(eager[target] == "spam", eager["p(spam)"], eager["p(ham)"])
    assert eager["probability"].to_numpy() == pytest.approx(own)


def test_a_threshold_is_chosen_anew_when_probabilities_or_weights_have_changed(run):
    first = run.choose_threshold().values[0]
    run.calibrate()
    second = run.choose_threshold().values[0]
    assert abs(second - 0.5) < abs(first - 0.5)  # a temperature above 1 draws probabilities together
    dg.resume("mine", epochs=32, progress=False)
    later = dg.Run("mine")
    assert later.task.decision.temperature == 1
    assert later.choose_threshold().values[0] != second


def test_the_table_of_thresholds_is_that_of_the_validation_split(run):
    table = run.thresholds()
    assert list(table) == ["class", "threshold", "precision", "recall", "f1", "false_alarms", "found"]
    said = run.collect(run.data.members("validation"))
    row = table[table["threshold"] == 0.3].iloc[0]
    there = said.prediction["probabilities"][:, 1].numpy() >= 0.3
    assert row["precision"] == pytest.approx(sk.precision_score(said.target, there, zero_division=0))
    assert row["recall"] == pytest.approx(sk.recall_score(said.target, there))


def test_labels_have_a_threshold_each_and_one_temperature():
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 6))
    y = x[:, :3] + random.normal(size=(300, 3)) > [0.0, 1.0, 1.5]
    run = dg.train("mlp", (x, y), epochs=30, out="tags", **QUICK)
    found, chosen = run.calibrate(), run.choose_threshold("f1")
    assert found.examples == 3 * len(run.data.members("validation")) and found.temperature != 1
    assert len(chosen.values) == 3 and len(run.thresholds()) == 3 * 19
    scores = dg.Run("tags").evaluate(threshold="f1")
    assert scores["threshold"] == chosen.values and scores["calibration_error"] is not None
    answers = run.predict(x[:5], threshold="f1")
    label = str(run.data.target.classes[0])
    said = [label in str(row).split(", ") for row in answers[answers.columns[0]]]
    assert said == (answers[f"p({label})"] >= chosen.values[0]).tolist()


def test_what_has_no_probability_or_no_two_classes_is_told_so():
    run = dg.train("mlp", "iris", epochs=1, out="iris", **QUICK)
    with pytest.raises(
        SettingError, match=r"between two classes by a probability; 'species' has 3 classes.*positive=CLASS"
    ):
        run.evaluate(threshold="f1")
    with pytest.raises(SettingError, match="threshold='best' is no rule"):
        run.evaluate(threshold="best")
    with pytest.raises(
        SettingError, match=r"0.3 is a threshold already. Give it to evaluate or predict: threshold=0.3"
    ):
        dg.train("mlp", dg.load("iris", positive="setosa"), epochs=1, out="two", **QUICK).choose_threshold("0.3")
    assert run.folder.looks() == []
    sides = dg.train("perceptron", dg.load("iris", positive="setosa"), epochs=1, out="sides", **QUICK)
    with pytest.raises(SettingError, match="'perceptron' learns which side an example is on"):
        sides.calibrate()
    with pytest.raises(SettingError, match="is learned with perceptron, as sides"):
        sides.predict(np.zeros((1, 4)), threshold=0.3)
    numbers = dg.train("mlp", "diabetes", epochs=1, out="numbers", **QUICK)
    with pytest.raises(SettingError, match="Only classifiers can be calibrated, and this run learned regression"):
        numbers.calibrate()
    with pytest.raises(SettingError, match="Only classifiers can be given a threshold"):
        numbers.evaluate(threshold="f1")


def test_without_a_validation_split_nothing_can_be_chosen():
    run = dg.train("mlp", dg.load(spam(100), validation=0), epochs=1, out="bare", **QUICK)
    for choose in (run.calibrate, run.choose_threshold, run.thresholds):
        with pytest.raises(
            RunError, match=r"bare has no validation split to choose on. Load its data with validation=0.2"
        ):
            choose()
    assert run.evaluate(threshold=0.3)["threshold"] == 0.3
