"""Text baselines: tf-idf of words and pairs of words, and a linear model on them: what a network of texts has to beat."""

import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from deepglass.errors import DataError
from deepglass.tasks.baselines import ITERATIONS, Fit, Scores, judged

MOST_TEXTS = 50_000  # training texts that the linear model sees: about ten seconds on one core
MOST_TOKENS = 10_000_000  # words of them together
NAME = "linear model of tf-idf"

Texts = Mapping[str, np.ndarray]


def text_baselines(
    kind: str, texts_train: Texts, y_train: np.ndarray, texts_eval: Texts, y_eval: np.ndarray, *, own: Any = None
) -> Scores:
    """Fit a linear model of counted words on the training examples and judge it on the others, beside the best constant.

    Every word, and every pair of neighbours, that at least two training texts hold counts with 1 + log(times), weighed by how
    rare it is. A category is learned by logistic regression, a number by ridge regression.
    Shapes: texts (examples, time) of tokens by the name of the input, 0 is padding; y (examples,) of codes for kind "category",
        (examples, numbers) for "number".
    Args: own: the network's answers to the examples that are judged on, in the form of y.
    Returns: as `baselines`.
    Raises: DataError, without training examples.
    Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988; as a baseline beside networks: Wang
        and Manning, "Baselines and Bigrams", ACL 2012.
    """
    if not len(y_train):
        raise DataError("Baselines need training examples, and there are none. Give the training split some.")
    is_category = kind == "category"
    y = y_train.reshape(-1).astype(np.int64) if is_category else y_train.reshape(len(y_train), -1)
    seen = min(len(y), MOST_TEXTS, max(2, MOST_TOKENS // max(1, sum(t.shape[1] for t in texts_train.values()))))
    ids = np.linspace(0, len(y) - 1, seen).astype(
        np.int64
    )  # splits are in the order of the data, whose classes may lie in blocks
    constant = np.bincount(y).argmax() if is_category else y.mean(axis=0)
    guess = np.repeat(np.asarray(constant)[None], len(y_eval), axis=0)
    found = {"majority class" if is_category else "mean": Fit(guess, len(y))}
    if is_category and len(np.unique(y[ids])) < 2:
        found[NAME] = Fit(guess, len(y), "only one class to learn from")
    else:
        found[NAME] = _linear(is_category, texts_train, y, texts_eval, ids, guess)
    return {name: judged(kind, fit, len(y), y_eval, own) for name, fit in found.items()}


def _linear(is_category: bool, train: Texts, y: np.ndarray, new: Texts, ids: np.ndarray, constant: np.ndarray) -> Fit:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, Ridge
    from threadpoolctl import threadpool_limits  # a part of scikit-learn's own needs

    count = TfidfVectorizer(analyzer=_terms, min_df=2 if len(ids) > 2 else 1, sublinear_tf=True, dtype=np.float64)
    try:
        known = count.fit_transform(_rows(train, ids))
    except ValueError:  # every text is empty, or no word stands in two of them
        return Fit(constant, len(ids), "no word that stands in two training texts")
    model = LogisticRegression(max_iter=ITERATIONS) if is_category else Ridge()
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(1):
        warnings.simplefilter("always")  # one thread: sums of several would depend on their number
        model.fit(known, y[ids])
        told = count.transform(_rows(new, np.arange(len(constant))))
        guess = model.predict(told) if len(constant) else constant
    late = any(issubclass(w.category, ConvergenceWarning) for w in caught)
    return Fit(guess, len(ids), f"stopped after {ITERATIONS} iterations, before it converged" if late else "")


def _rows(texts: Texts, ids: np.ndarray) -> list[list[np.ndarray]]:
    """For each example its texts, without padding, one an input."""
    return [[row[row != 0] for row in some] for some in zip(*(tokens[ids] for tokens in texts.values()))]


def _terms(texts: Sequence[np.ndarray]) -> list[tuple[int, ...]]:
    """The words and pairs of words of an example; each input has words of its own."""
    terms: list[tuple[int, ...]] = []
    for which, tokens in enumerate(texts):
        codes = tokens.tolist()
        terms += [(which, code) for code in codes]
        terms += [(which, first, second) for first, second in pairwise(codes)]
    return terms
