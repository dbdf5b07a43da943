"""The tools around an estimator: pipelines, grids, several processes, files."""

import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import StackingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from deepglass import Classifier, Regressor
from deepglass.threads import threads_for

X, Y = load_iris(return_X_y=True)
QUICK = {"hidden": [8], "epochs": 3, "random_state": 0}


def test_a_pipeline_scales_and_learns():
    pipeline = Pipeline([("scale", StandardScaler()), ("net", Classifier(network="mlp", hidden=[64], epochs=20))])
    assert pipeline.fit(X, Y).predict(X).shape == (150,)
    assert pipeline.fit(X, Y, net__sample_weight=np.ones(150)).score(X, Y) > 0.6


def test_a_grid_in_two_processes_finds_the_rate_that_learns():
    rates = [1e-6, 0.03]
    alone = GridSearchCV(Classifier(**QUICK), {"learning_rate": rates}, cv=2).fit(X, Y)
    beside = GridSearchCV(Classifier(**QUICK), {"learning_rate": np.array(rates)}, cv=2, n_jobs=2).fit(X, Y)
    assert beside.best_params_ == {"learning_rate": 0.03}
    assert_array_equal(beside.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])
    assert_array_equal(beside.predict_proba(X), alone.predict_proba(X))


def test_threads_beside_each_other_give_what_each_gives_alone():
    fits = [Classifier(**{**QUICK, "random_state": seed, "dropout": 0.5}) for seed in range(4)]
    alone = [fit.fit(X, Y).predict_proba(X) for fit in fits]
    beside = joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(fit.fit)(X, Y) for fit in fits)
    for fitted, expected in zip(beside, alone):
        assert_array_equal(fitted.predict_proba(X), expected)


def test_a_worker_computes_with_one_thread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.delenv("DEEPGLASS_THREADS", raising=False)
    large = 1 << 40
    assert threads_for(large) == 4
    assert joblib.Parallel(n_jobs=1)(joblib.delayed(threads_for)(large) for _ in range(2)) == [4, 4]
    workers = joblib.Parallel(n_jobs=2, backend="threading")
    assert workers(joblib.delayed(threads_for)(large) for _ in range(2)) == [1, 1]
    monkeypatch.setenv("DEEPGLASS_THREADS", "3")
    assert workers(joblib.delayed(threads_for)(large) for _ in range(2)) == [3, 3]


def test_scores_of_folds_are_the_same_every_time():
    features, numbers = load_diabetes(return_X_y=True)
    scores = [cross_val_score(Regressor(**QUICK), features, numbers, cv=2) for _ in range(2)]
    assert_array_equal(*scores)


@pytest.mark.parametrize("network", ["mlp", "linear"])
def test_a_stored_estimator_predicts_the_same_bits(network: str, tmp_path: Path):
    fitted = Classifier(network, epochs=3, random_state=0).fit(X, Y)
    joblib.dump(fitted, tmp_path / "fitted.joblib")
    for copied in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "fitted.joblib")):  # noqa: S301
        assert_array_equal(copied.predict_proba(X), fitted.predict_proba(X))
        assert_array_equal(copied.partial_fit(X, Y).predict_proba(X), _further(fitted).predict_proba(X))


def test_ensembles_and_calibration_take_it():
    stack = StackingClassifier([("net", Classifier(**QUICK)), ("line", Classifier("linear", epochs=3))], cv=2)
    assert stack.fit(X, Y).predict(X).shape == (150,)
    assert CalibratedClassifierCV(Classifier(**QUICK), cv=2).fit(X, Y).predict_proba(X).shape == (150, 3)


def _further(fitted: Classifier) -> Classifier:
    """A copy that has made one more pass."""
    return pickle.loads(pickle.dumps(fitted)).partial_fit(X, Y)  # noqa: S301
