"""Baselines: what a network has to beat, from the majority class to a small tree."""

import warnings
from typing import Any

import numpy as np
import torch

from deepglass.errors import DataError
from deepglass.randomness import derive, generator
from deepglass.tasks.metrics import accuracy, balanced_accuracy, labels_f1, mae, r2, rmse, subset_accuracy

WORK = 4_000_000  # numbers (examples x features) that the models see, so that wide images take seconds too
ITERATIONS = 200  # of the logistic regression
TREE_DEPTH = 5  # at most 32 leaves: rules that a person can still read
TREE_TARGETS = 50  # beyond so many numbers to predict, a tree takes minutes

Scores = dict[str, dict[str, Any]]


def baselines(
    kind: str, x_train: Any, y_train: Any, x_eval: Any, y_eval: Any, *, seed: int, limit: int = 5000
) -> Scores:
    """Fit simple models on the training examples and judge them on the others.

    Shapes: x (examples, ...), flattened; y (examples,) of codes for kind "category", (examples, labels) of 0 and 1 for
        "labels", (examples, ...) for "number".
    Args: limit: training examples that the linear model and the tree see at most, every class with its share.
    Returns: name -> scores: accuracy and balanced_accuracy; or r2, mae, rmse (None where undefined); for labels the
        guess alone, with subset_accuracy and labels_f1. Beside them "examples" (seen in training) and at times a
        "note".
    Raises: DataError, without training examples or when an input is not finite.
    """
    x, new = _flat(x_train), _flat(x_eval)
    y, actual = _array(y_train), _array(y_eval)
    if not len(y):
        raise DataError("Baselines need training examples, and there are none. Give the training split some.")
    if kind == "labels":
        usual = (y.mean(axis=0) > 0.5).astype(np.int64)
        guess = np.tile(usual, (len(actual), 1))
        scores = {"subset_accuracy": subset_accuracy(guess, actual), "labels_f1": labels_f1(guess, actual)}
        return {"majority class": {**scores, "examples": len(y)}}
    if not (np.isfinite(x).all() and np.isfinite(new).all()):
        raise DataError("Baselines met an input that is not finite. Fill or remove missing values before.")
    some = _some(y if kind == "category" else None, len(y), seed, max(2, min(limit, WORK // max(1, x.shape[1]))))
    return (_of_classes if kind == "category" else _of_numbers)(x, y, some, new, actual, seed)


def _of_classes(
    x: np.ndarray, y: np.ndarray, some: np.ndarray, new: np.ndarray, actual: np.ndarray, seed: int
) -> Scores:
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    y, actual = y.reshape(-1).astype(np.int64), actual.reshape(-1)
    majority = np.full(len(actual), np.bincount(y).argmax())
    found: Scores = {"majority class": {**_class_scores(majority, actual), "examples": len(y)}}
    models = {
        "linear model": _scaled(LogisticRegression(max_iter=ITERATIONS)),
        "small tree": DecisionTreeClassifier(max_depth=TREE_DEPTH, random_state=derive(seed, "baselines") % 2**32),
    }
    for name, model in models.items():
        if len(np.unique(y[some])) < 2:
            found[name] = {**found["majority class"], "note": "only one class to learn from"}
            continue
        guess, note = _fitted(model, x[some], y[some], new)
        found[name] = {**_class_scores(guess, actual), "examples": len(some), **note}
    return found


def _of_numbers(
    x: np.ndarray, y: np.ndarray, some: np.ndarray, new: np.ndarray, actual: np.ndarray, seed: int
) -> Scores:
    from sklearn.linear_model import Ridge
    from sklearn.tree import DecisionTreeRegressor

    y, actual = _flat(y), _flat(actual)
    mean = np.tile(y.mean(axis=0), (len(actual), 1))
    found: Scores = {"mean": {**_number_scores(mean, actual), "examples": len(y)}}
    models = {"linear model": _scaled(Ridge())}
    if y.shape[1] <= TREE_TARGETS:
        models["small tree"] = DecisionTreeRegressor(
            max_depth=TREE_DEPTH, random_state=derive(seed, "baselines") % 2**32
        )
    for name, model in models.items():
        guess, note = _fitted(model, x[some], y[some], new)
        found[name] = {**_number_scores(guess, actual), "examples": len(some), **note}
    return found


def _scaled(model: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), model)


def _fitted(model: Any, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, dict[str, str]]:
    """Fit and predict; a warning of scikit-learn becomes a note."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y)
        guess = model.predict(new) if len(new) else np.zeros((0, *y.shape[1:]), y.dtype)
    unfinished = any(issubclass(w.category, ConvergenceWarning) for w in caught)
    return guess, {"note": f"stopped after {ITERATIONS} iterations, before it converged"} if unfinished else {}


def _class_scores(guess: np.ndarray, actual: np.ndarray) -> dict[str, Any]:
    return {"accuracy": accuracy(guess, actual), "balanced_accuracy": balanced_accuracy(guess, actual)}


def _number_scores(guess: np.ndarray, actual: np.ndarray) -> dict[str, Any]:
    guess = guess.reshape(actual.shape)
    return {"r2": r2(guess, actual), "mae": mae(guess, actual), "rmse": rmse(guess, actual)}


def _some(codes: np.ndarray | None, examples: int, seed: int, limit: int) -> np.ndarray:
    """Choose at most `limit` examples, by class in turn where there are classes."""
    mixed = torch.randperm(examples, generator=generator(seed, "baselines")).numpy()
    if examples <= limit:
        return mixed
    if codes is not None:
        mixed = mixed[np.argsort(codes.reshape(-1)[mixed], kind="stable")]
    return mixed[np.linspace(0, examples - 1, limit).astype(np.int64)]


def _array(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


def _flat(values: Any) -> np.ndarray:
    array = _array(values)
    return array.reshape(len(array), int(np.prod(array.shape[1:]))).astype(np.float64)
