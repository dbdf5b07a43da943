"""What a user of scikit-learn gets from `Classifier`."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.utils.class_weight import compute_sample_weight
from torch import nn

import deepglass as dg
from deepglass import Classifier
from deepglass.errors import DeepglassWarning
from deepglass.estimators.given import weights_of_classes

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
FULL_BATCH = {"batch_size": "all", "optimizer": "sgd", "learning_rate": 0.3, "settings": {"data.scaling": "none"}}


def people(count: int = 60) -> pd.DataFrame:
    """A table with a column of every kind, some values missing, and a label that follows from two of them."""
    random = np.random.default_rng(0)
    city = random.choice(["Lyon", "Nice", "Paris"], count).astype(object)
    age = random.uniform(18, 80, count)
    frame = pd.DataFrame(
        {
            "age": age,
            "city": city,
            "member": random.random(count) < 0.5,
            "plan": pd.Categorical(random.choice(["free", "paid"], count)),
            "since": pd.date_range("2020-01-01", periods=count, freq="5D"),
        }
    )
    frame["bought"] = np.where((city == "Paris") | (age > 60), "yes", "no")
    frame.loc[[3, 9], "age"] = np.nan
    frame.loc[5, "city"] = None
    return frame


def test_a_network_learns_labels_of_text():
    network = Classifier(hidden=[16], epochs=20, learning_rate=0.02, random_state=0).fit(X, NAMES)
    assert network.score(X, NAMES) > 0.93
    assert network.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert network.predict(X[:2]).tolist() == ["setosa", "setosa"]
    assert network.n_features_in_ == 4
    assert network.n_iter_ == len(network.loss_curve_) == len(network.history_) == 20
    assert network.loss_curve_[-1] < network.loss_curve_[0]


def test_it_predicts_what_load_and_train_predict(in_tmp: Path):
    frame = people()
    fitted = Classifier(hidden=[8], epochs=4, random_state=3).fit(frame.drop(columns="bought"), frame["bought"])
    data = dg.load(frame, target="bought", test=0, validation=0, on_missing="fill")
    run = dg.train(
        dg.build("mlp", data, hidden=[8], seed=3), data, epochs=4, seed=3, early_stopping=False, progress=False
    )
    predicted = run.predict(frame.drop(columns="bought"))
    assert predicted["bought"].tolist() == fitted.predict(frame.drop(columns="bought")).tolist()
    assert_allclose(predicted[["p(no)", "p(yes)"]], fitted.predict_proba(frame.drop(columns="bought")), rtol=1e-6)
    for name, weights in run.network.state_dict().items():
        assert torch.equal(weights, fitted.network_.state_dict()[name])


def test_a_table_of_every_kind_of_column_is_learned():
    frame = people()
    inputs = frame.drop(columns="bought")
    fitted = Classifier(hidden=[16], epochs=40, learning_rate=0.02, random_state=0).fit(inputs, frame["bought"])
    assert fitted.score(inputs, frame["bought"]) > 0.9
    assert fitted.feature_names_in_.tolist() == ["age", "city", "member", "plan", "since"]
    unknown = inputs.iloc[[0]].assign(city="Brest", age=np.nan)  # a city never seen, and no age
    assert fitted.predict(unknown).shape == (1,)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        assert_array_equal(fitted.predict(inputs.to_numpy()), fitted.predict(inputs))


def test_columns_of_free_text_are_named_when_they_are_left_out():
    frame = pd.DataFrame({"x": np.arange(12.0), "note": [f"the note of row {i}" for i in range(12)]})
    with pytest.warns(DeepglassWarning, match=r"note: left out, free text .* say settings=\{\"data.kinds\": \{'note'"):
        fitted = Classifier(epochs=1).fit(frame, [0, 1] * 6)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        assert fitted.predict(frame.to_numpy()).tolist() == fitted.predict(frame).tolist()


@pytest.mark.parametrize("labels", [[False, True], [-1, 1], [0.0, 1.0], ["b", "a"], [7, 3, 5]])
def test_predictions_are_labels_of_the_kind_that_was_given(labels: list[object]):
    y = np.array((labels * 10)[:10])
    fitted = Classifier(hidden=[4], epochs=1).fit(np.arange(10.0)[:, None], y)
    assert_array_equal(fitted.classes_, np.unique(y))
    assert fitted.predict([[1.0]]).dtype == y.dtype
    assert fitted.predict_proba([[1.0]]).shape == (1, len(labels))


def test_the_decision_function_is_what_the_probabilities_are_made_from():
    two = Classifier(hidden=[4], epochs=2, random_state=0).fit(X[:100], Y[:100])
    assert_allclose(1 / (1 + np.exp(-two.decision_function(X[:100]))), two.predict_proba(X[:100])[:, 1], rtol=1e-5)
    three = Classifier(hidden=[4], epochs=2, random_state=0).fit(X, Y)
    scores = np.exp(three.decision_function(X))
    assert_allclose(scores / scores.sum(axis=1, keepdims=True), three.predict_proba(X), rtol=1e-5)
    softmax = Classifier(epochs=1, random_state=0, settings={"network.output_activation": "softmax"}).fit(X, Y)
    assert_allclose(softmax.decision_function(X), softmax.predict_log_proba(X))


def test_an_example_alone_gets_the_scores_it_gets_among_others():
    fitted = Classifier(epochs=10, learning_rate=0.02, random_state=0).fit(X, Y)
    alone = np.concatenate([fitted.decision_function(x[None]) for x in X])
    assert_allclose(alone, fitted.decision_function(X), rtol=1e-7, atol=1e-7)


def test_a_perceptron_gives_labels_and_no_probabilities():
    fitted = Classifier("perceptron", epochs=3, random_state=0).fit(X[:100], NAMES[:100])
    assert fitted.spec_.recipe.batch_size == 1  # what suits it
    assert fitted.score(X[:100], NAMES[:100]) == 1
    assert not hasattr(fitted, "predict_proba") and hasattr(fitted, "decision_function")


def test_pictures_get_a_network_for_pictures():
    digits = load_digits()
    pictures = (digits.images[:200, None] / 16).astype(np.float32)
    fitted = Classifier(epochs=4, random_state=0).fit(pictures, digits.target[:200])
    assert fitted.spec_.network["name"] == "lenet5"
    assert fitted.score(pictures, digits.target[:200]) > 0.3


def test_an_own_module_is_copied_and_trained():
    own = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    before = copy.deepcopy(own.state_dict())
    fitted = Classifier(own, epochs=2).fit(X, Y)
    assert all(torch.equal(before[n], v) for n, v in own.state_dict().items())
    assert not torch.equal(fitted.network_[0].weight, own[0].weight)


def test_layers_and_functions_make_networks_too():
    layers = [{"Linear": 5}, "ReLU", {"Linear": "outputs"}]
    assert len(Classifier(layers, epochs=1).fit(X, Y).network_) == 3
    assert isinstance(Classifier(lambda outputs: nn.Linear(4, outputs), epochs=1).fit(X, Y).network_, nn.Linear)


def test_a_weight_of_three_counts_as_three_repeats():
    counts, scaled = np.arange(len(Y)) % 4, (X - X.mean(axis=0)) / X.std(axis=0)
    weighted, repeated = (Classifier(hidden=[8], epochs=60, random_state=0, **FULL_BATCH) for _ in range(2))
    weighted.fit(scaled, Y, sample_weight=counts)
    repeated.fit(scaled.repeat(counts, axis=0), Y.repeat(counts))
    assert repeated.score(scaled, Y) > 0.8
    assert_allclose(weighted.predict_proba(scaled), repeated.predict_proba(scaled), atol=1e-5)


def test_examples_of_weight_zero_are_as_if_they_were_not_there():
    weights = np.r_[np.ones(100), np.zeros(50)]
    weighted = Classifier(epochs=2, random_state=0).fit(X, Y, sample_weight=weights)
    assert weighted.classes_.tolist() == [0, 1]
    assert_array_equal(
        weighted.predict_proba(X), Classifier(epochs=2, random_state=0).fit(X[:100], Y[:100]).predict_proba(X)
    )


def test_weights_of_classes_are_weights_of_their_examples():
    some, labels = X[:110], Y[:110]  # 50, 50 and 10
    by_hand = Classifier(epochs=2, random_state=0).fit(some, labels, sample_weight=np.array([1.0, 2.0, 3.0])[labels])
    by_class = Classifier(epochs=2, random_state=0, class_weight={1: 2, 2: 3}).fit(some, labels)
    assert_array_equal(by_class.predict_proba(X), by_hand.predict_proba(X))


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=40).filter(lambda y: len(set(y)) > 1))
def test_balanced_weights_are_those_of_scikit_learn(labels: list[str]):
    classes, codes = np.unique(labels, return_inverse=True)
    assert_allclose(weights_of_classes("balanced", classes, codes, None), compute_sample_weight("balanced", labels))


def test_the_same_seed_gives_the_same_network():
    first, second = (Classifier(epochs=1, random_state=np.random.RandomState(5)).fit(X, Y) for _ in range(2))
    assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    drawn = [Classifier(epochs=1).fit(X, Y).spec_.recipe.seed for _ in range(2)]
    assert drawn[0] != drawn[1]


FALLING = {
    "recipe.schedule": "plateau",
    "recipe.schedule_epochs": 1,
    "recipe.schedule_factor": 0.5,
    "recipe.min_change": 1,
}


@pytest.mark.parametrize("schedule", [{}, FALLING])
def test_a_warm_start_goes_on_as_if_it_had_never_stopped(schedule: dict[str, object]):
    parts = Classifier(epochs=3, dropout=0.2, warm_start=True, random_state=0, settings=schedule).fit(X, Y).fit(X, Y)
    whole = Classifier(epochs=6, dropout=0.2, random_state=0, settings=schedule).fit(X, Y)
    assert parts.n_iter_ == 6
    assert_array_equal(parts.predict_proba(X), whole.predict_proba(X))
    assert parts.loss_curve_ == whole.loss_curve_


def test_passes_one_by_one_are_as_many_epochs():
    passes = Classifier(random_state=0)
    for _ in range(3):
        passes.partial_fit(X, NAMES, classes=np.unique(NAMES))
    assert passes.n_iter_ == 3
    assert_array_equal(passes.predict_proba(X), Classifier(epochs=3, random_state=0).fit(X, NAMES).predict_proba(X))


def test_chunks_that_lack_a_class_are_learned():
    order = np.random.default_rng(0).permutation(150)
    fitted = Classifier(hidden=[16], learning_rate=0.02, random_state=0)
    chunks = [order[Y[order] != 2][:20], *np.array_split(order, 5)]  # the first has no example of class 2
    for chunk in chunks * 12:
        fitted.partial_fit(X[chunk], Y[chunk], classes=[0, 1, 2])
    assert fitted.score(X, Y) > 0.9


def test_chunks_of_a_table_keep_its_encoding():
    frame = people()
    inputs, labels = frame.drop(columns="bought"), frame["bought"]
    fitted = Classifier(random_state=0).partial_fit(inputs[:30], labels[:30], classes=["no", "yes"])
    fitted.partial_fit(inputs[30:].assign(city="Nice"), labels[30:])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        fitted.partial_fit(inputs.to_numpy(), labels.tolist())  # neither the columns nor the target have names now
    assert fitted.predict(inputs).shape == (60,)


def test_early_stopping_keeps_examples_apart_and_goes_back_to_the_best():
    fitted = Classifier(epochs=200, early_stopping=True, patience=2, learning_rate=0.1, random_state=0).fit(X, NAMES)
    assert fitted.n_iter_ < 200
    losses = [epoch.validation["loss"] for epoch in fitted.history_]
    assert np.argmin(losses) == len(losses) - 3
    assert fitted.spec_.data.validation == 0.1


def test_any_setting_of_a_spec_can_be_said():
    fitted = Classifier(
        epochs=5, settings={"recipe.epochs": 2, "recipe.clip_norm": np.float32(1), "task.metrics": ["f1"]}
    )
    fitted.fit(X, NAMES)
    assert fitted.n_iter_ == 2 and fitted.spec_.recipe.clip_norm == 1 and "f1" in fitted.history_[0].train


def test_nothing_is_written_unless_a_folder_is_named(in_tmp: Path):
    plain = Classifier(epochs=2, random_state=0).fit(X, NAMES)
    assert plain.run_ is None and not list(in_tmp.iterdir())
    kept = Classifier(epochs=2, random_state=0, out=in_tmp / "kept", settings={"data.test": 0.0}).fit(X, NAMES)
    assert_array_equal(kept.predict_proba(X), plain.predict_proba(X))
    assert kept.run_.status == "done" and kept.run_.predict(X)["y"].tolist() == kept.predict(X).tolist()
    assert kept.loss_curve_ == plain.loss_curve_


def test_progress_goes_to_standard_error_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]):
    Classifier(epochs=2).fit(X, Y)
    assert capsys.readouterr() == ("", "")
    Classifier(epochs=2, verbose=True).fit(X, Y)
    said = capsys.readouterr()
    assert "epoch 2/2" in said.err and not said.out


def test_what_does_not_fit_together_is_a_warning():
    with pytest.warns(DeepglassWarning, match="Softmax on one output is always 1"):
        Classifier(epochs=1, settings={"network.output_activation": "softmax"}).fit(X[:100], Y[:100])


def test_a_clone_has_the_parameters_and_nothing_that_was_learned():
    fitted = Classifier(hidden=[3], epochs=1, settings={"recipe.clip_norm": 1}).fit(X, Y)
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params() and not hasattr(copied, "network_")
