"""Baselines: what a network has to beat, from the majority class to boosted trees."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from deepglass.errors import DataError
from deepglass.randomness import derive, generator
from deepglass.tasks.intervals import compared, number_intervals
from deepglass.tasks.metrics import accuracy, balanced_accuracy, labels_f1, mae, r2, rmse, subset_accuracy
from deepglass.tasks.plain_models import PlainModel, plain_arrays

WORK = 4_000_000  # numbers (examples x features) that the models see, so that wide images take seconds too
ITERATIONS = 200  # of the logistic regression
TREE_DEPTH = 5  # at most 32 leaves: rules that a person can still read
TREE_TARGETS = 50  # beyond so many numbers to predict, a tree takes minutes
BOOSTED_ROWS = 10_000  # training examples that boosted trees see at most
ROUNDS = 100  # of boosting, as scikit-learn's default
FEWEST_ROUNDS = 20  # below, boosted trees are too weak to be worth a line
BOOSTED_WORK = 12_000  # rounds x features x trees a round: about a second on one core

NOT_FINITE = "Baselines met an input that is not finite. Fill or remove missing values before."

Scores = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class _Examples:
    """What the models learn from, and what they are to answer. Shapes: x and new (examples, features)."""

    x: np.ndarray
    y: np.ndarray
    new: np.ndarray


def baselines(
    kind: str,
    x_train: Any,
    y_train: Any,
    x_eval: Any,
    y_eval: Any,
    *,
    seed: int,
    own: Any = None,
    boosted: bool = False,
    limit: int = 5000,
) -> Scores:
    """Fit simple models on the training examples and judge them on the others.

    Shapes: x (examples, ...), flattened; y (examples,) of codes for kind "category", (examples, labels) of 0 and 1 for
        "labels", (examples, ...) for "number".
    Args:
        own: the network's answers to the examples that are judged on, in the form of y; each model is compared with them.
        boosted: fit gradient-boosted trees too, as suits the columns of a table, on `BOOSTED_ROWS` examples at most.
        limit: training examples that the linear model and the tree see at most, every class with its share.
    Returns: name -> scores: accuracy and balanced_accuracy; or r2, mae, rmse (None where undefined) with their intervals;
        for labels the guess alone, with subset_accuracy and labels_f1. Beside them "examples" (seen in training), at times
        a "note", and with `own` what `compared` gives as "compared".
    Raises: DataError, without training examples or when an input is not finite.
    """
    fits = fitted(kind, x_train, y_train, x_eval, seed=seed, boosted=boosted, limit=limit)
    return all_judged(kind, fits, len(y_train), y_eval, own)


def fitted(
    kind: str, x_train: Any, y_train: Any, x_new: Any, *, seed: int, boosted: bool = False, limit: int = 5000
) -> "dict[str, Fit]":
    """Fit simple models, and have them answer the examples `x_new`. Shapes, arguments, errors: as of `baselines`."""
    given = _Examples(_flat(x_train), _array(y_train), _flat(x_new))
    if not len(given.y):
        raise DataError("Baselines need training examples, and there are none. Give the training split some.")
    if kind == "labels":
        return {"majority class": Fit(_usual_labels(given), len(given.y))}
    if not (np.isfinite(given.x).all() and np.isfinite(given.new).all()):
        raise DataError(NOT_FINITE)
    return (_of_classes if kind == "category" else _of_numbers)(given, seed, boosted, limit)


def answered(models: Mapping[str, PlainModel], x_new: Any) -> "dict[str, Fit]":
    """What `fitted` gives, of models that it fitted earlier. Raises: DataError, when an input is not finite."""
    new = _flat(x_new)
    if not np.isfinite(new).all():
        raise DataError(NOT_FINITE)
    return {name: Fit(model.answer(new), model.examples, model.note, model) for name, model in models.items()}


def all_judged(kind: str, fits: "Mapping[str, Fit]", learned: int, truth: Any, own: Any) -> Scores:
    """The scores of several models' answers; see `judged`."""
    return {name: judged(kind, fit, learned, _array(truth), own) for name, fit in fits.items()}


@dataclass(frozen=True)
class Fit:
    """What a model answers to the new examples, from how many it learned, and the model where it can be kept."""

    guess: np.ndarray
    examples: int
    note: str = ""
    model: PlainModel | None = None


def judged(kind: str, fit: Fit, learned: int, truth: np.ndarray, own: Any) -> dict[str, Any]:
    """The scores of a model's answers. Args: learned: training examples there are; own: the network's answers."""
    if kind == "number":
        actual = _flat(truth)
        guess = fit.guess.reshape(actual.shape)
        scores: dict[str, Any] = {"r2": r2(guess, actual), "mae": mae(guess, actual), "rmse": rmse(guess, actual)}
        reach = number_intervals(guess, actual)
        scores |= {f"{name}_interval": reach[name] for name in scores if name in reach}
    elif kind == "category":
        guess, actual = fit.guess, truth.reshape(-1)
        scores = {"accuracy": accuracy(guess, actual), "balanced_accuracy": balanced_accuracy(guess, actual)}
    else:
        guess, actual = fit.guess, truth
        scores = {"subset_accuracy": subset_accuracy(guess, actual), "labels_f1": labels_f1(guess, actual)}
    scores["examples"] = fit.examples
    part = f"learned from {fit.examples:,} of the {learned:,} training examples, to stay quick"
    note = "; ".join(filter(None, [part if fit.examples < learned else "", fit.note]))
    if note:
        scores["note"] = note
    beside = {} if own is None else compared(kind, _array(own).reshape(actual.shape), guess, actual)
    return {**scores, "compared": beside} if beside else scores


def _usual_labels(given: _Examples) -> np.ndarray:
    return np.tile((given.y.mean(axis=0) > 0.5).astype(np.int64), (len(given.new), 1))


def _of_classes(given: _Examples, seed: int, boosted: bool, limit: int) -> dict[str, Fit]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    y = given.y.reshape(-1).astype(np.int64)
    counts = np.bincount(y)
    found = {"majority class": _constant(counts.argmax(), given)}
    some = _some(y, len(y), seed, _most(given, limit))
    models: dict[str, tuple[Any, np.ndarray, str]] = {
        "linear model": (_scaled(LogisticRegression(max_iter=ITERATIONS)), some, ""),
        "small tree": (DecisionTreeClassifier(max_depth=TREE_DEPTH, random_state=_state(seed)), some, ""),
    }
    classes = int((counts > 0).sum())
    rounds = _rounds(given, 1 if classes == 2 else classes) if boosted else 0
    if rounds:
        from sklearn.ensemble import HistGradientBoostingClassifier  # a tenth of a second, for tables alone

        trees = HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False, random_state=_state(seed))
        models["boosted trees"] = trees, _some(y, len(y), seed, BOOSTED_ROWS), _told(rounds)
    for name, (model, ids, note) in models.items():
        if len(np.unique(y[ids])) < 2:
            found[name] = _constant(counts.argmax(), given, "only one class to learn from")
        else:
            found[name] = _fitted(model, given, y, ids, note)
    return found


def _of_numbers(given: _Examples, seed: int, boosted: bool, limit: int) -> dict[str, Fit]:
    from sklearn.linear_model import Ridge
    from sklearn.tree import DecisionTreeRegressor

    y = _flat(given.y)
    found = {"mean": _constant(y.mean(axis=0), given)}
    some = _some(None, len(y), seed, _most(given, limit))
    found["linear model"] = _fitted(_scaled(Ridge()), given, y, some)
    if y.shape[1] <= TREE_TARGETS:
        tree = DecisionTreeRegressor(max_depth=TREE_DEPTH, random_state=_state(seed))
        found["small tree"] = _fitted(tree, given, y, some)
    rounds = _rounds(given, y.shape[1]) if boosted else 0
    if rounds:
        from sklearn.ensemble import HistGradientBoostingRegressor
        from sklearn.multioutput import MultiOutputRegressor

        trees = HistGradientBoostingRegressor(max_iter=rounds, early_stopping=False, random_state=_state(seed))
        part = _some(None, len(y), seed, BOOSTED_ROWS)
        found["boosted trees"] = _fitted(MultiOutputRegressor(trees), given, y, part, _told(rounds))
    return found


def _rounds(given: _Examples, trees: int) -> int:
    """Rounds of boosting within the budget, `trees` in each; 0 where it allows too few."""
    rounds = min(ROUNDS, BOOSTED_WORK // max(1, given.x.shape[1] * trees))
    return rounds if rounds >= FEWEST_ROUNDS and given.x.shape[1] else 0


def _told(rounds: int) -> str:
    return f"{rounds} rounds of boosting instead of {ROUNDS}, to stay quick" if rounds < ROUNDS else ""


def _most(given: _Examples, limit: int) -> int:
    return max(2, min(limit, WORK // max(1, given.x.shape[1])))


def _state(seed: int) -> int:
    return derive(seed, "baselines") % 2**32


def _scaled(model: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), model)


def _fitted(model: Any, given: _Examples, y: np.ndarray, ids: np.ndarray, note: str = "") -> Fit:
    """Learn from the training examples `ids`; a warning of scikit-learn becomes a note."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # a part of scikit-learn's own needs

    new = given.new
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(1, user_api="openmp"):
        warnings.simplefilter("always")  # one thread: sums of several would depend on their number
        model.fit(given.x[ids], y[ids])
        guess = model.predict(new) if len(new) else np.zeros((0, *y.shape[1:]), y.dtype)
    if any(issubclass(w.category, ConvergenceWarning) for w in caught):
        note = f"stopped after {ITERATIONS} iterations, before it converged"
    kept = plain_arrays(model)
    plain = None if kept is None else PlainModel(*kept, len(ids), note)
    if plain is None or not np.array_equal(plain.answer(new).reshape(guess.shape), guess):
        plain = None  # one that answers in another way is not the same model
    return Fit(np.ascontiguousarray(guess), len(ids), note, plain)  # means depend on the order in memory


def _constant(value: Any, given: _Examples, note: str = "") -> Fit:
    """The same answer to everything."""
    plain = PlainModel("constant", {"value": np.asarray(value)}, len(given.y), note)
    return Fit(plain.answer(given.new), len(given.y), note, plain)


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
