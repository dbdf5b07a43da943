import warnings

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.errors import SettingError, ShapeError
from deepglass.tasks import metrics as m
from deepglass.tasks.metrics import METRICS
from deepglass.tasks.scores import average_precision, mean_average_precision, roc_auc, top_k_accuracy

CODES = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 4), min_size=n, max_size=n).map(np.array) for _ in range(2)))
)
NUMBERS = st.integers(2, 30).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(-50, 50), min_size=n, max_size=n).map(np.array) for _ in range(2)))
)
quick = settings(max_examples=60, deadline=None)


@quick
@given(CODES)
def test_metrics_of_classes_are_those_of_scikit_learn(pair):
    predicted, target = pair
    assert m.accuracy(predicted, target) == pytest.approx(sk.accuracy_score(target, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a predicted class that the target lacks: left out by both
        assert m.balanced_accuracy(predicted, target) == pytest.approx(sk.balanced_accuracy_score(target, predicted))
    assert (
        m.confusion_matrix(predicted, target, 5).tolist()
        == sk.confusion_matrix(target, predicted, labels=range(5)).tolist()
    )
    for name, reference in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        for average in ("macro", "micro", "weighted"):
            expected = reference(target, predicted, average=average, zero_division=0)
            assert getattr(m, name)(predicted, target, average=average) == pytest.approx(expected)
        expected = reference(target, predicted, average=None, labels=range(5), zero_division=0)
        assert m.by_class(predicted, target, 5)[name] == pytest.approx(expected)


@quick
@given(NUMBERS)
def test_metrics_of_numbers_are_those_of_scikit_learn(pair):
    predicted, target = pair
    assert m.mse(predicted, target) == pytest.approx(sk.mean_squared_error(target, predicted))
    assert m.rmse(predicted, target) == pytest.approx(sk.root_mean_squared_error(target, predicted))
    assert m.mae(predicted, target) == pytest.approx(sk.mean_absolute_error(target, predicted))
    if len(set(target)) > 1:
        assert m.r2(predicted, target) == pytest.approx(sk.r2_score(target, predicted))


@quick
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6))
def test_metrics_of_labels_are_those_of_scikit_learn(seed, examples, labels):
    random = np.random.default_rng(seed)
    predicted, target = random.integers(0, 2, (2, examples, labels))
    assert m.subset_accuracy(predicted, target) == pytest.approx(np.mean((predicted == target).all(1)))
    for average in ("macro", "micro"):
        expected = np.mean([sk.f1_score(target[:, i], predicted[:, i], zero_division=0) for i in range(labels)])
        if average == "micro":
            expected = sk.f1_score(target.ravel(), predicted.ravel(), zero_division=0)
        assert m.labels_f1(predicted, target, average=average) == pytest.approx(expected)


@quick
@given(st.integers(0, 2**32 - 1))
def test_ranking_metrics_are_those_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    target = np.concatenate([np.arange(6), random.integers(0, 6, 30)])
    scores = random.random((36, 6))
    shares = scores / scores.sum(1, keepdims=True)
    assert top_k_accuracy(scores, target, k=2) == pytest.approx(sk.top_k_accuracy_score(target, scores, k=2))
    assert roc_auc(shares, target) == pytest.approx(sk.roc_auc_score(target, shares, multi_class="ovr"))
    expected = sk.average_precision_score(np.eye(6)[target], scores)
    assert mean_average_precision(scores, target) == pytest.approx(expected)
    assert mean_average_precision(scores, np.eye(6)[target]) == pytest.approx(expected)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_takes_tensors_and_arrays_and_gives_a_plain_float(name):
    metric = METRICS[name]
    target = {
        "category": [0, 1, 2, 2],
        "labels": [[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1]],
        "number": [1.0, 2, 3, 5],
    }
    right = {"scores": np.eye(3)[[0, 1, 2, 2]]}.get(metric.takes, np.array(target[metric.target]))
    if metric.takes == "scores" and metric.target == "labels":
        right = np.array(target["labels"]) * 0.8 + 0.1
    truth = np.array(target[metric.target])
    value = metric.function(right, truth)
    assert type(value) is float and value == (1 if metric.direction == "max" else 0)
    assert metric.function(torch.tensor(right), torch.tensor(truth)) == value


@pytest.mark.parametrize("name", METRICS)
def test_without_examples_a_metric_is_not_defined(name):
    metric = METRICS[name]
    shape = (0, 3) if metric.takes in ("scores", "labels") else (0,)
    assert metric.function(np.zeros(shape), np.zeros((0, 3) if metric.target == "labels" else (0,))) is None


def test_what_is_not_defined_is_none_and_never_nan():
    assert roc_auc([0.2, 0.4], [1, 1]) is None and roc_auc([0.2, float("nan")], [0, 1]) is None
    assert average_precision([0.2, 0.4], [0, 0]) is None
    assert m.r2([1.0, 2.0], [3.0, 3.0]) is None
    assert m.mse([float("inf")], [0.0]) is None and m.mae([float("nan")], [0.0]) is None


def test_a_constant_guess_gets_no_top_5_for_free():
    scores = np.zeros((10, 10))
    assert top_k_accuracy(scores, np.arange(10)) == 0.5  # ties go to the lower code: classes 0 to 4
    assert top_k_accuracy(np.full((10, 10), np.nan), np.arange(10)) == 0


def test_top_5_of_two_classes_is_always_right_and_top_1_needs_both_columns():
    assert top_k_accuracy([0.2, 0.9], [0, 1]) == 1
    with pytest.raises(ShapeError, match=r"k=1 takes one score a class, got \(2,\). Use accuracy."):
        top_k_accuracy([0.2, 0.9], [0, 1], k=1)


def test_scores_of_two_classes_may_be_one_column_or_two():
    one, target = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])
    assert roc_auc(one, target) == roc_auc(one[:, None], target) == roc_auc(np.stack([1 - one, one], 1), target) == 0.75


def test_a_class_that_nobody_predicted_has_precision_0_and_one_without_examples_recall_0():
    shares = m.by_class([0, 0, 2], [0, 1, 0], 3)
    assert shares["precision"] == [0.5, 0, 0] and shares["recall"] == [0.5, 0, 0]
    assert shares["f1"] == [0.5, 0, 0] and shares["support"] == [2, 1, 0]


def test_r2_averages_over_the_numbers_that_vary():
    target = np.array([[0.0, 5.0], [2.0, 5.0]])
    assert m.r2(np.array([[0.0, 4.0], [1.0, 6.0]]), target) == 0.5  # 1 - 1/2; the second number never changes


def test_what_is_said_of_the_second_class_alone_is_that_of_scikit_learn():
    predicted, target = np.array([1, 1, 0, 0, 1, 0, 0]), np.array([1, 0, 1, 0, 1, 0, 0])
    assert METRICS["precision_binary"].function(predicted, target) == sk.precision_score(target, predicted)
    assert METRICS["recall_binary"].function(predicted, target) == sk.recall_score(target, predicted)
    assert METRICS["f1_binary"].function(predicted, target) == pytest.approx(sk.f1_score(target, predicted))
    assert METRICS["specificity"].function(predicted, target) == sk.recall_score(target, predicted, pos_label=0) == 0.75
    assert m.specificity([1, 0], [1, 1]) is None


def test_the_third_highest_score_still_counts_for_top_3():
    scores = np.array([[0.4, 0.3, 0.2, 0.1]] * 4)
    assert METRICS["top_3_accuracy"].function(scores, np.arange(4)) == 0.75


def test_columns_and_rows_of_numbers_are_compared_one_by_one():
    assert m.mae(np.array([[1.0], [2.0]]), np.array([1.0, 4.0])) == 1


def test_an_average_that_is_none_is_told_the_known_ones():
    with pytest.raises(
        SettingError, match=r"average='marco' does not exist. Choose one of macro, weighted, micro, binary."
    ):
        m.f1([0, 1], [0, 1], average="marco")


@pytest.mark.parametrize(
    ("correct", "examples", "low", "high"),
    [(0, 10, 0.0, 0.2775), (8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1.0), (9200, 10000, 0.9145, 0.9252), (0, 0, 0, 1)],
)
def test_the_interval_of_an_accuracy_is_wilsons(correct, examples, low, high):
    assert m.wilson_interval(correct, examples) == pytest.approx((low, high), abs=1e-4)
