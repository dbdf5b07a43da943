"""What a user of scikit-learn gets from `Regressor`."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

from deepglass import Regressor

X, Y = load_diabetes(return_X_y=True)


def test_without_hidden_layers_it_is_linear_regression_of_several_numbers():
    targets = np.stack([Y, 1000 + 3 * X[:, 2] - X[:, 8]], axis=1)
    fitted = Regressor("linear", batch_size="all", optimizer="momentum", learning_rate=0.1, epochs=400, random_state=0)
    fitted.fit(X, targets)
    reference = LinearRegression().fit(X, targets).predict(X)
    assert fitted.predict(X).shape == (442, 2)
    assert_allclose(fitted.predict(X), reference, atol=0.02 * targets.std(axis=0).max())
    assert_allclose(fitted.score(X, targets), LinearRegression().fit(X, targets).score(X, targets), atol=0.01)


def test_predictions_have_the_shape_of_the_target():
    for shape in [(50,), (50, 1), (50, 3)]:
        y = np.random.default_rng(0).normal(size=shape)
        assert Regressor(hidden=[4], epochs=1).fit(X[:50], y).predict(X[:7]).shape == (7, *shape[1:])


def test_whole_numbers_are_quantities():
    fitted = Regressor(hidden=[8], epochs=1, random_state=0).fit(X, Y.astype(int) % 3)
    assert fitted.spec_.task.name is None and fitted.task_.name == "regression"
    assert fitted.predict(X).dtype == np.float64


def test_a_table_of_targets_keeps_its_names():
    frame = pd.DataFrame(X[:60], columns=[f"c{i}" for i in range(10)])
    frame["kind"] = ["a", "b"] * 30
    frame.iloc[4, 0] = np.nan
    targets = pd.DataFrame({"low": Y[:60], "high": Y[:60] * 2})
    fitted = Regressor(hidden=[8], epochs=2).fit(frame, targets)
    assert fitted.task_.columns == ["low", "high"]
    assert fitted.predict(frame).shape == (60, 2)


def test_a_weight_counts_as_repeats():
    counts, inputs, numbers = np.arange(len(Y)) % 3, X * 20, (Y - Y.mean()) / Y.std()
    settings = {"data.scaling": "none", "data.target_scaling": "none"}
    weighted, repeated = (
        Regressor("linear", epochs=60, batch_size="all", optimizer="sgd", random_state=0, settings=settings)
        for _ in range(2)
    )
    weighted.fit(inputs, numbers, sample_weight=counts)
    repeated.fit(inputs.repeat(counts, axis=0), numbers.repeat(counts))
    assert repeated.score(inputs, numbers) > 0.4
    assert_allclose(weighted.predict(inputs), repeated.predict(inputs), atol=1e-5)


def test_passes_one_by_one_are_as_many_epochs():
    passes = Regressor(random_state=0).partial_fit(X, Y).partial_fit(X, Y)
    assert_array_equal(passes.predict(X), Regressor(epochs=2, random_state=0).fit(X, Y).predict(X))


def test_another_optimizer_starts_afresh_in_a_warm_start():
    fitted = Regressor(epochs=2, warm_start=True, optimizer="momentum", random_state=0).fit(X, Y)
    fitted.set_params(optimizer="adam").fit(X, Y)
    assert fitted.n_iter_ == 4 and np.isfinite(fitted.predict(X)).all()
