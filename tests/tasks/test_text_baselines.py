"""What a network of texts is compared with."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from deepglass.errors import DataError
from deepglass.tasks.text_baselines import NAME, text_baselines


def texts(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Token rows of uneven length, padded with 0; of class 1 where 7 stands right before 8."""
    random = np.random.default_rng(seed)
    x = random.integers(10, 40, (count, 8))
    y = np.arange(count) % 2
    for row, label in zip(x, y):
        at = random.integers(0, 6)
        row[at : at + 2] = (7, 8) if label else (8, 7)
    x[::3, 7:] = 0
    return x, y


def test_it_is_scikit_learns_tf_idf_of_words_and_pairs_with_logistic_regression():
    (x, y), (new, actual) = texts(120), texts(60, seed=1)
    plain = [[" ".join(f"w{c}" for c in row if c) for row in some] for some in (x, new)]
    count = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\S+")
    model = LogisticRegression(max_iter=200).fit(count.fit_transform(plain[0]), y)
    expected = model.score(count.transform(plain[1]), actual)
    found = text_baselines("category", {"text": x}, y, {"text": new}, actual, own=actual)
    assert found[NAME]["accuracy"] == pytest.approx(expected)
    assert found[NAME]["accuracy"] > 0.9  # only pairs of words tell these classes apart
    assert found["majority class"]["accuracy"] == 0.5
    assert found["majority class"]["compared"]["verdict"] == "worse"


def test_a_number_is_foretold_by_ridge_regression_beside_the_mean():
    x, y = texts(200)
    found = text_baselines("number", {"text": x}, y[:, None] * 10.0, {"text": x}, y[:, None] * 10.0)
    assert found["mean"]["r2"] == pytest.approx(0)
    assert found[NAME]["r2"] > 0.9


def test_a_word_of_the_story_is_another_one_than_the_same_word_of_the_question():
    y = np.arange(100) % 2
    story, question = np.where(y, 5, 6)[:, None], np.where(y, 6, 5)[:, None]
    both = {"story": story, "question": question}
    assert text_baselines("category", both, y, both, y)[NAME]["accuracy"] == 1.0


def test_texts_without_words_and_a_single_class_are_said_to_teach_nothing():
    empty, y = np.zeros((10, 3), dtype=np.int64), np.arange(10) % 2
    found = text_baselines("category", {"t": empty}, y, {"t": empty}, y)
    assert found[NAME]["note"] == "no word that stands in two training texts"
    found = text_baselines("category", {"t": texts(10)[0]}, y * 0, {"t": empty}, y)
    assert found[NAME]["note"] == "only one class to learn from"
    with pytest.raises(DataError, match="there are none"):
        text_baselines("category", {"t": empty[:0]}, y[:0], {"t": empty}, y)
