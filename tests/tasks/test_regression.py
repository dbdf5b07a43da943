import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import ShapeError
from deepglass.tasks import Regression

X = np.arange(30.0)[:, None]
PRICE = dg.load({"x": X, "price": 1000 + 10 * X[:, 0]}, target="price")


def trained(data, network=None, **settings):
    network = network or dg.build("linear", data)
    training = dg.Training(network, data, dg.Recipe(threads=1, epochs=3), task=Regression(**settings))
    return training, list(training)


def test_the_loss_is_in_the_scaled_unit_and_the_metrics_in_the_targets_own():
    training, epochs = trained(PRICE)
    deviation = PRICE.target.encoding["scale"][0]
    last = training.measure("validation")
    assert last["rmse"] == pytest.approx(deviation * last["loss"] ** 0.5, rel=1e-4)
    assert {"loss", "r2", "mae", "rmse"} == epochs[0].validation.keys()


def test_a_perfect_network_is_perfect():
    network = nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(1)  # both are scaled alike, so the line is y = x
        network.bias.zero_()
    task = Regression()
    task.prepare(PRICE, network)
    batch = PRICE.examples("validation")
    decoded = task.decode(task.predict(network, batch.pick(["x"])))
    assert_close(decoded["price"], 1000 + 10 * X[batch.ids.numpy(), 0], atol=1e-3, rtol=0)
    measured = dg.Training(network, PRICE, dg.Recipe(threads=1)).measure("validation")
    assert measured["r2"] == pytest.approx(1, abs=1e-6)


def test_several_numbers_have_a_column_each():
    data = dg.load({"x": X, "place": np.concatenate([X, -X], axis=1)}, target="place")
    training, _ = trained(data)
    decoded = training.task.decode(training.task.predict(training.network, data.examples("validation").pick(["x"])))
    assert list(decoded) == ["place0", "place1"]
    two = dg.load({"x": X, "a": X[:, 0] / 3, "b": -X[:, 0] / 3}, target=["a", "b"])
    training, epochs = trained(two)
    decoded = training.task.decode(training.task.predict(training.network, two.examples("validation").pick(["x"])))
    assert list(decoded) == ["a", "b"]
    assert epochs[0].validation["rmse"] > 0


def test_a_metric_of_ones_own_is_given_values_in_their_unit():
    def worst(predicted, target):
        return float(np.abs(predicted - target).max())

    _, epochs = trained(PRICE, metrics={"worst": worst})
    assert epochs[-1].validation["worst"] >= epochs[-1].validation["mae"] > 1


def test_a_loss_by_name_or_of_ones_own():
    training, _ = trained(PRICE, loss="huber")
    assert training.task.facts()["loss"] == "huber"
    _, epochs = trained(PRICE, loss=lambda output, target: (output - target).abs().mean())
    assert epochs[0].validation["loss"] > 0


def test_a_number_of_outputs_that_does_not_fit_is_told():
    with pytest.raises(ShapeError, match=r"The network has 2 outputs, and the target has 1 numbers an example"):
        trained(PRICE, nn.Linear(1, 2))
    with pytest.raises(ShapeError, match="regression learns a target of kind number; 'species' is a category"):
        trained(dg.load("iris"))


def test_targets_may_stay_as_they_are():
    plain = PRICE.with_(target_scaling="none")
    assert plain.examples("train")["price"].max() > 1000
    training, _ = trained(plain)
    measured = training.measure("validation")
    assert measured["rmse"] == pytest.approx(measured["loss"] ** 0.5, rel=1e-4)


def test_numbers_from_pictures_are_told_to_put_flatten_first_and_a_picture_of_a_picture_is_not():
    pictures = np.random.default_rng(0).random((40, 1, 8, 8))
    with pytest.raises(ShapeError, match=r"gives 1 x 8 x 1 numbers .* and the target is 1 number\. Put Flatten first"):
        trained(dg.load((pictures, np.arange(40.0))), [{"Linear": "outputs"}])
    trained(dg.load((pictures, pictures)), [{"Conv2d": [1, 1]}])


def test_rosenblatts_perceptron_on_a_number_raises_an_alarm_and_on_two_sides_none(tmp_path):
    x = np.random.default_rng(0).normal(size=(60, 2))
    how = {"epochs": 1, "threads": 1, "progress": False}
    run = dg.train("perceptron", dg.load((x, x.sum(axis=1))), out=tmp_path / "number", **how)
    assert [a for a in run.facts["alarms"] if "'perceptron' learns which of two classes" in a and "'auto'" in a]
    sides = dg.load((x, np.sign(x.sum(axis=1))), target_scaling="none")
    assert dg.train("perceptron", sides, out=tmp_path / "sides", **how).facts["alarms"] == []
