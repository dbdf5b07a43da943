"""Thresholds: by hand, and beside scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.errors import SettingError
from deepglass.tasks.threshold import Rule, at_thresholds, candidates, choose

P = np.array([0.1, 0.2, 0.35, 0.4, 0.8, 0.9])
Y = np.array([0, 0, 1, 0, 1, 1])


def chosen(rule, probability=P, truth=Y):
    return choose(Rule.from_text(rule), probability[:, None], truth[:, None], ["ill"])


def test_the_table_counts_by_hand():
    row = at_thresholds(P, Y, [0.3, 0.85, 0.95])
    assert row["found"].tolist() == [4, 1, 0]
    assert row["precision"].tolist() == [0.75, 1.0, 0.0]  # 0/0 is 0
    assert row["recall"] == pytest.approx([1.0, 1 / 3, 0.0])
    assert row["f1"] == pytest.approx([6 / 7, 0.5, 0.0])
    assert row["false_alarms"] == pytest.approx([1 / 3, 0.0, 0.0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40))
def test_the_table_is_the_curve_of_scikit_learn(seed, examples):
    random = np.random.default_rng(seed)
    shares, truth = random.integers(0, 8, examples) / 8, np.r_[0, 1, random.integers(0, 2, examples - 2)]
    precision, recall, limits = sk.precision_recall_curve(truth, shares)
    row = at_thresholds(shares, truth, limits)
    assert row["precision"] == pytest.approx(precision[:-1]) and row["recall"] == pytest.approx(recall[:-1])
    for limit, f1 in zip(limits, row["f1"]):
        assert f1 == pytest.approx(sk.f1_score(truth, shares >= limit))
    alarms, hits, all_limits = sk.roc_curve(truth, shares, drop_intermediate=False)
    row = at_thresholds(shares, truth, all_limits)
    assert row["false_alarms"] == pytest.approx(alarms) and row["recall"] == pytest.approx(hits)


def test_only_thresholds_between_examples_make_a_difference():
    assert candidates([0.2, 0.8, 0.2]) == pytest.approx([0.1, 0.5, 0.9])


def test_the_best_f1_lies_halfway_between_two_examples():
    found = chosen("f1")
    assert found.values == [pytest.approx(0.275)]  # between 0.2 and 0.35: three of four are right, none is missed
    assert (found.precision, found.recall) == ([0.75], [1.0]) and found.f1 == [pytest.approx(6 / 7)]
    assert repr(found).splitlines() == [
        "threshold by f1, on 6 validation examples",
        "  ill: from 0.275 on; precision 0.750, recall 1.000, F1 0.857",
    ]


def test_the_dearer_a_miss_the_lower_the_threshold():
    assert chosen("cost=3").values == [pytest.approx(0.275)]  # one false alarm (1) is cheaper than one miss (3)
    assert chosen("cost=0.5").values == [pytest.approx(0.6)]  # one miss (0.5) is cheaper than one false alarm (1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_threshold_is_better_than_the_chosen_one(seed):
    random = np.random.default_rng(seed)
    shares, truth = random.random(30), np.r_[0, 1, random.integers(0, 2, 28)]
    alarms, hits, _ = sk.roc_curve(truth, shares, drop_intermediate=False)
    at = at_thresholds(shares, truth, chosen("youden", shares, truth).values)
    assert at["recall"][0] - at["false_alarms"][0] == pytest.approx((hits - alarms).max())
    best = max(sk.f1_score(truth, shares >= limit) for limit in shares)
    assert chosen("f1", shares, truth).f1[0] == pytest.approx(best)


def test_of_equally_good_thresholds_the_nearest_to_a_half_is_taken():
    assert chosen("youden", np.array([0.1, 0.2, 0.9]), np.array([0, 0, 1])).values == [pytest.approx(0.55)]


def test_each_label_has_its_own_threshold():
    found = choose(Rule("f1"), np.stack([P, 1 - P], axis=1), np.stack([Y, 1 - Y], axis=1), ["a", "b"])
    assert found.classes == ["a", "b"] and found.values[0] != found.values[1]


@pytest.mark.parametrize(("text", "rule"), [("f1", "f1"), ("cost=5", "cost=5"), (0.3, "0.3"), ("0.3", "0.3"), (1, "1")])
def test_rules_are_written_as_they_are_read(text, rule):
    assert str(Rule.from_text(text)) == rule
    assert Rule.from_text(Rule.from_text(text)) == Rule.from_text(rule)


@pytest.mark.parametrize("text", ["best", "cost=0", "cost=-1", "cost=", "1.5", -0.1, "=0.5", "f1=3", "cost=inf", "nan"])
def test_other_rules_are_told_the_known_ones(text):
    with pytest.raises(SettingError, match=r"is no rule. Use f1, youden, cost=NUMBER .* or a probability from 0 to 1"):
        Rule.from_text(text)


@pytest.mark.parametrize(("truth", "word"), [(np.zeros(6), "none"), (np.ones(6), "all")])
def test_examples_of_one_class_alone_decide_nothing(truth, word):
    with pytest.raises(SettingError, match=f"No threshold can be chosen for 'ill': {word} of the validation examples"):
        chosen("f1", P, truth)
    assert chosen("0.4", P, truth).values == [0.4]
