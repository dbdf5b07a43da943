"""What `fit` and `predict` refuse, as a ValueError that says what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError

from deepglass import Classifier, Regressor
from deepglass.errors import DeepglassError, InputError, SettingError, UnknownName

X, Y = load_iris(return_X_y=True)
FRAME = pd.DataFrame(X, columns=list("abcd"))


def learner(**parameters: Any) -> Classifier:
    return Classifier(**{"hidden": [2], "epochs": 1, "random_state": 0, **parameters})


def holed(values: np.ndarray, hole: float) -> np.ndarray:
    values = values.astype(np.float64)
    values.flat[5] = hole
    return values


@pytest.fixture(scope="module")
def fitted() -> Classifier:
    return learner().fit(X, Y)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: learner().fit(holed(X, np.nan), Y),
            r"X contains NaN in 1 of 150 examples \(first: example 1.*DataFrame",
        ),
        (
            lambda: learner().fit(holed(X, np.inf), Y),
            r"X contains infinity in 1 of 150 examples .* Correct these numbers",
        ),
        (lambda: learner().fit(X, holed(Y, np.nan)), r"y: 1 of 150 labels are missing \(first: example 5"),
        (lambda: Regressor().fit(X, holed(Y, np.nan)), r"y contains NaN in 1 of 150 examples .* Remove these examples"),
        (lambda: Regressor().fit(X, Y.astype(str)), r"y holds texts, such as '0', and no numbers. .* use Classifier"),
        (lambda: learner().fit(X, X[:, 0]), r"Unknown label type: continuous.* use Regressor"),
        (lambda: learner().fit(X, None), r"requires y to be passed, but the target y is None. Give one label"),
        (lambda: Regressor().fit(X, None), r"requires y to be passed, but the target y is None. Give one number"),
        (lambda: learner().fit(X[:, 0], Y), r"X has shape \(150,\), and examples come first.* X.reshape\(-1, 1\)"),
        (lambda: learner().fit(X + 1j, Y), r"Complex data not supported: .* X.real and X.imag"),
        (lambda: learner().fit(X, Y[:-1]), r"X has 150 examples and y has 149"),
        (lambda: learner().fit(X, np.c_[Y, Y]), r"y should be a 1d array.*\.MultiOutputClassifier"),
        (lambda: learner().fit(X, 0 * Y), r"y holds one class, 0. A classifier learns from examples of two classes"),
        (
            lambda: learner().fit(csr_array((20_000, 10_000)), np.arange(20_000) % 2),
            r"X is sparse, 20,000 x 10,000: .* would take 763 MiB, more than 512. .* TruncatedSVD",
        ),
        (
            lambda: learner().fit(np.array([["a", "b"]] * 4), [0, 1] * 2),
            r"X is an array of texts, such as 'a'. .* give a pandas DataFrame",
        ),
        (
            lambda: learner().fit(np.array([["a", 2]] * 4, dtype=object), [0, 1] * 2),
            r"could not convert string to float: 'a'. If some columns hold texts or dates, give a pandas DataFrame",
        ),
        (lambda: learner().fit(FRAME[:0], Y[:0]), r"X has no rows"),
        (lambda: learner().fit(X, Y, sample_weight=[1, 2]), r"sample_weight has shape \(2,\) for 150 examples"),
        (lambda: learner().fit(X, Y, sample_weight=-Y), r"sample_weight is below 0 for 100 of 150 examples .*: -1\)"),
        (lambda: learner().fit(X, Y, sample_weight=0 * Y), r"Every sample_weight is zero"),
        (lambda: learner(class_weight="even").fit(X, Y), r"class_weight='even' is none. Use \"balanced\""),
        (
            lambda: learner(class_weight={7: 2}).fit(X, Y),
            r"a weight for 7, and there is no such class. Classes: 0, 1, 2",
        ),
        (lambda: learner(class_weight={0: -2}).fit(X, Y), r"class_weight=\{0: -2\}: a weight is a number of 0 or more"),
        (lambda: learner().partial_fit(X, Y), r"partial_fit needs classes= at its first call"),
        (
            lambda: learner().partial_fit(X, Y, classes=[0, 1]),
            r"y holds the class 2, .* known \(0, 1\). Name all of them",
        ),
        (
            lambda: learner(class_weight="balanced").partial_fit(X, Y, [0, 1, 2]),
            r"needs all examples, and partial_fit sees",
        ),
        (lambda: learner(warm_start=True).fit(X, Y).fit(X, Y + 1), r"y holds the class 3, .* warm_start=False"),
    ],
)
def test_data_that_cannot_be_learned_are_a_value_error_with_a_mend(call: Callable[[], Any], words: str):
    with pytest.raises(InputError, match=words) as raised:
        call()
    assert isinstance(raised.value, ValueError) and isinstance(raised.value, DeepglassError)


def test_later_chunks_are_held_to_the_first():
    started = learner().partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(InputError, match=r"y holds the class 3"):
        started.partial_fit(X, Y + 1)
    with pytest.raises(InputError, match=r"classes=\[0, 1\] is not what the first call .* \[0, 1, 2\]"):
        started.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(InputError, match=r"X has 2 features, but Classifier is expecting 4"):
        started.partial_fit(X[:, :2], Y)


def test_later_numbers_are_held_to_the_first():
    started = Regressor(hidden=[2]).partial_fit(X, X[:, 0])
    with pytest.raises(InputError, match=r"y has shape \(150, 2\), and \(150,\) was learned before"):
        started.partial_fit(X, X[:, :2])


def test_new_examples_are_held_to_those_that_were_learned(fitted: Classifier):
    with pytest.raises(InputError, match=r"X has 2 features, but Classifier is expecting 4 features as input"):
        fitted.predict(X[:, :2])
    with pytest.raises(InputError, match=r"X has shape \(4,\).* Reshape your data: .* X.reshape\(1, -1\)"):
        fitted.predict(X[0])
    table = learner().fit(FRAME, Y)
    with pytest.raises(InputError, match=r"(?s)feature names should match.*same order"):
        table.predict(FRAME[["b", "a", "c", "d"]])
    with pytest.raises(InputError, match=r"row 1, column 'a': 'tall' is not a number"):
        table.predict(FRAME.assign(a="tall"))


def test_sparse_examples_are_made_dense(fitted: Classifier):
    assert_array_equal(fitted.predict_proba(csr_array(X)), fitted.predict_proba(X))
    assert_array_equal(learner().fit(csr_array(X), Y).predict_proba(X), fitted.predict_proba(X))


def test_what_is_not_fitted_says_so():
    with pytest.raises(NotFittedError, match="This Classifier instance is not fitted yet"):
        learner().predict(X)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"learning_rate": -1}, r"recipe.learning_rate=-1: input should be greater than 0"),
        ({"settings": {"recipe.clipnorm": 1}}, r"There is no setting 'recipe.clipnorm'. Did you mean 'clip_norm'\?"),
        ({"settings": {"clip_norm": 1}}, r"There is no section 'clip_norm'"),
        ({"settings": {"data.positive": 1}}, r"data.positive follows from the estimator, X and y. Leave it out"),
        ({"settings": ["recipe.clip_norm"]}, r"is no dictionary. Give one, such as \{\"recipe.clip_norm\": 1\}"),
        ({"random_state": "seven"}, r"random_state='seven' is no seed"),
        ({"random_state": -1}, r"-1: input should be greater than or equal to 0"),
        ({"early_stopping": True, "validation_fraction": 1.0}, r"validation_fraction=1.0 is no share"),
    ],
)
def test_settings_that_cannot_be_are_told_by_fit(parameters: dict[str, Any], words: str):
    wrong = learner(**parameters)  # scikit-learn asks that making it raises nothing
    with pytest.raises(SettingError, match=words):
        wrong.fit(X, Y)


def test_an_unknown_network_is_told_the_near_one():
    with pytest.raises(UnknownName, match=r"There is no network 'mpl'. Did you mean 'mlp'\?"):
        learner(network="mpl").fit(X, Y)


def test_what_goes_on_needs_the_same_network_and_no_folder(tmp_path: Path):
    changed = learner(warm_start=True).fit(X, Y).set_params(hidden=[3])
    with pytest.raises(
        SettingError, match=r"settings have changed since, from \{'hidden': \[2\]\} to \{'hidden': \[3\]\}"
    ):
        changed.fit(X, Y)
    kept = learner(warm_start=True, out=tmp_path / "run").fit(X, Y)
    with pytest.raises(SettingError, match=r"out= keeps one whole training, and this goes on with one"):
        kept.fit(X, Y)
    with pytest.raises(SettingError, match=r"partial_fit .* cannot stop early. Use early_stopping=False"):
        learner(early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2])
