import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.tasks import Classification, Labels

IRIS, TWO = dg.load("iris"), dg.load("iris", positive="setosa")
LABELS = dg.load((np.random.default_rng(0).normal(size=(40, 4)), np.arange(120).reshape(40, 3) % 2))


def prepared(data, *, task=None, **options):
    network = dg.build("mlp", data, hidden=[8], **options)
    task = task or Classification()
    task.prepare(data, network)
    return task, network


@pytest.mark.parametrize(
    ("data", "options", "loss"),
    [
        (IRIS, {}, "cross_entropy"),
        (IRIS, {"output_activation": "softmax"}, "categorical_cross_entropy"),
        (IRIS, {"output_activation": nn.LogSoftmax(dim=1)}, "negative_log_likelihood"),
        (TWO, {}, "binary_cross_entropy"),
        (TWO, {"output_activation": "sigmoid"}, "binary_cross_entropy_of_probabilities"),
        (TWO, {"outputs": 2}, "cross_entropy"),
    ],
)
def test_the_loss_follows_from_the_last_layer_and_starts_near_an_even_guess(data, options, loss):
    task, network = prepared(data, **options)
    assert task.facts()["loss"] == loss
    measured = dg.Training(network, data, dg.Recipe(threads=1)).measure("validation")
    assert 0.3 < measured["loss"] < 2.5
    prediction = task.predict(network, data.examples("validation").pick(task.inputs))
    assert_close(prediction["probabilities"].sum(dim=1), torch.ones(24))
    assert torch.equal(prediction["probabilities"].argmax(dim=1), prediction["class"])


def test_the_same_function_with_or_without_its_last_activation_has_the_same_loss():
    plain, network = prepared(IRIS)
    ended, _ = prepared(IRIS, output_activation="softmax")
    batch = IRIS.examples("train")
    logits = network(batch["x"])
    assert_close(plain.each_loss(logits, batch), ended.each_loss(logits.softmax(dim=1), batch))
    assert_close(plain.interpret(logits), ended.interpret(logits.softmax(dim=1)))


def test_predictions_come_back_as_names_and_probabilities():
    task, network = prepared(IRIS)
    decoded = task.decode(task.predict(network, IRIS.examples("validation").pick(["x"])))
    assert list(decoded) == ["species", "probability", "p(setosa)", "p(versicolor)", "p(virginica)"]
    assert set(decoded["species"]) <= {"setosa", "versicolor", "virginica"}
    columns = np.stack([decoded[f"p({c})"] for c in IRIS.target.classes], axis=1)
    assert_close(decoded["probability"], columns.max(axis=1))
    assert [IRIS.target.classes[i] for i in columns.argmax(axis=1)] == decoded["species"].tolist()


def test_a_rule_that_learns_sides_claims_no_probability():
    task, network = prepared(TWO, task=Classification(loss="perceptron"))
    decoded = task.decode(task.predict(network, TWO.examples("validation").pick(["x"])))
    assert list(decoded) == ["species"]


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_a_loss_function_of_ones_own_is_minimized(reduction):
    def own(output, target):
        return nn.functional.multi_margin_loss(output, target, reduction=reduction)

    training = dg.Training(dg.build("mlp", IRIS), IRIS, dg.Recipe(threads=1, epochs=5), task=Classification(loss=own))
    epochs = list(training)
    assert training.task.facts()["loss"] == "own"
    assert epochs[-1].validation["loss"] < epochs[0].validation["loss"]


def test_metrics_of_ones_own_stand_beside_the_usual_ones():
    def errors(predicted, target):
        return float((predicted != target).sum())

    task = Classification(metrics={"errors": errors})
    epoch = next(iter(dg.Training(dg.build("mlp", IRIS), IRIS, dg.Recipe(threads=1), task=task)))
    assert epoch.validation["errors"] == pytest.approx(24 * (1 - epoch.validation["accuracy"]))


def test_known_metrics_are_asked_for_by_name_and_wrong_ones_refused():
    task, _ = prepared(IRIS, task=Classification(metrics=["f1", "roc_auc"]))
    assert list(task.metrics()) == ["accuracy", "f1", "roc_auc"]
    with pytest.raises(UnknownName, match="There is no metric 'f2'"):
        Classification(metrics=["f2"]).metrics()
    with pytest.raises(SettingError, match="'rmse' judges a target of kind number; classification learns category"):
        Classification(metrics=["rmse"]).metrics()


def test_what_cannot_be_learned_is_told_before_the_first_step():
    with pytest.raises(ShapeError, match="classification learns a target of kind category; 'y' is a labels"):
        prepared(LABELS)
    with pytest.raises(ShapeError, match=r"The network has 2 outputs for 3 classes"):
        prepared(IRIS, outputs=2)
    with pytest.raises(UnknownName, match=r"There is no loss 'crossentropy'\. Did you mean 'cross_entropy'\?"):
        prepared(IRIS, task=Classification(loss="crossentropy"))


def test_any_number_of_labels_is_learned_at_once():
    task, network = prepared(LABELS, task=Labels())
    assert task.facts()["loss"] == "labels_cross_entropy"
    decoded = task.decode(task.predict(network, LABELS.examples("validation").pick(["x"])))
    assert list(decoded) == ["y", "p(0)", "p(1)", "p(2)"]
    for row, names in enumerate(decoded["y"]):
        assert names == ", ".join(str(c) for c in range(3) if decoded[f"p({c})"][row] >= 0.5)
    epoch = next(iter(dg.Training(network, LABELS, dg.Recipe(threads=1))))
    assert {"loss", "subset_accuracy", "labels_f1_micro"} == epoch.validation.keys()


@pytest.mark.parametrize("loss", ["cross_entropy", "auto", lambda output, target: output.mean()])
def test_layers_for_rows_that_are_given_pictures_are_told_to_put_flatten_first(loss):
    network = dg.build([{"Linear": 32}, "ReLU", {"Linear": "outputs"}], dg.load("digits"))
    with pytest.raises(ShapeError, match=r"gives 1 x 8 x 10 numbers .* in 3 axes, .* is one class\. Put Flatten first"):
        Classification(loss=loss).prepare(dg.load("digits"), network)


def test_labels_are_told_to_put_flatten_first_and_one_number_in_three_axes_is_enough_for_two_classes():
    pictures = np.random.default_rng(0).random((40, 1, 8, 8))
    labels = dg.load((pictures, np.arange(120).reshape(40, 3) % 2))
    with pytest.raises(ShapeError, match=r"gives 3 x 1 x 1 numbers .* Put Flatten first"):
        Labels().prepare(labels, dg.build([{"Conv2d": [3, 8]}], labels))
    two = dg.load((pictures, np.arange(40) % 2))
    list(dg.Training([{"Conv2d": [1, 8]}], two, dg.Recipe(epochs=1, threads=1)))


@pytest.mark.parametrize(("several", "words"), [(tuple, "2 tensors in a tuple"), (dict, "2 tensors in a dict")])
def test_a_network_of_several_outputs_is_told_that_one_target_needs_one(several, words):
    class Several(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x):
            return several([("a", self.layer(x)), ("b", x)]) if several is dict else (self.layer(x), x)

    with pytest.raises(ShapeError, match=f"gives {words}, and one target is learned from one output"):
        Classification().prepare(IRIS, Several())
