"""Intervals of balanced accuracy and of the area under the ROC curve."""

import numpy as np
import pytest

from deepglass.tasks.class_intervals import auc_interval, balanced_interval
from deepglass.tasks.metrics import wilson_interval


def test_of_one_class_it_is_wilsons():
    truth, predicted = np.zeros(40, int), np.array([0] * 30 + [1] * 10)
    assert balanced_interval(predicted, truth) == pytest.approx(list(wilson_interval(30, 40)))


def test_a_small_class_makes_it_wide():
    truth = np.array([0] * 400 + [1] * 10)
    predicted = np.where(np.arange(410) % 5 == 0, 1 - truth, truth)
    low, high = balanced_interval(predicted, truth)
    rare = wilson_interval(8, 10)
    assert low < 0.8 < high
    assert high - low > 0.9 * (rare[1] - rare[0]) / 2


def test_it_holds_the_true_value_as_often_as_it_says():
    random = np.random.default_rng(0)
    truth = np.array([0] * 60 + [1] * 30 + [2] * 15)
    held = 0
    for _ in range(400):
        right = random.random(105) < np.array([0.9, 0.7, 0.6])[truth]
        low, high = balanced_interval(np.where(right, truth, 9), truth)
        held += low <= (0.9 + 0.7 + 0.6) / 3 <= high
    assert 0.92 <= held / 400 <= 0.99


def by_definition(score, truth):
    """DeLong's variance with every pair compared."""
    ones, zeros = score[truth == 1], score[truth == 0]
    wins = (ones[:, None] > zeros).astype(float) + 0.5 * (ones[:, None] == zeros)
    return wins.mean(), wins.mean(1).var(ddof=1) / len(ones) + wins.mean(0).var(ddof=1) / len(zeros)


def test_the_area_has_delongs_interval_on_the_scale_of_log_odds():
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, 80)
    score = np.round(random.normal(size=80) + truth, 1)  # with ties
    area, variance = by_definition(score, truth)
    low, high = auc_interval(score, truth)
    odds = [np.log(p / (1 - p)) for p in (low, area, high)]
    assert odds[1] - odds[0] == pytest.approx(1.959964 * variance**0.5 / (area * (1 - area)), rel=1e-5)
    assert odds[2] - odds[1] == pytest.approx(odds[1] - odds[0])


def test_where_nothing_can_be_said_there_is_none():
    assert auc_interval(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])) is None  # all in order
    assert auc_interval(np.array([0.1, 0.2, 0.8]), np.array([0, 0, 1])) is None
