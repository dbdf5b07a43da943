"""Differences between things measured alike, beside scipy and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from deepglass.paired import Difference, of_groups, of_pairs, of_resampled, of_right, sign_flip_p

A = np.array([0.91, 0.93, 0.91, 0.95, 0.92])
B = np.array([0.90, 0.91, 0.90, 0.92, 0.91])


def test_pairs_have_the_interval_of_students_t():
    found = of_pairs(A - B)
    reference = stats.ttest_rel(A, B).confidence_interval(0.95)
    assert found.mean == pytest.approx(0.016)
    assert found.interval == pytest.approx((reference.low, reference.high))
    assert found.is_clear and found.method == "paired t; p: all choices of signs"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1, 1).map(lambda v: round(v, 3)), min_size=2, max_size=8))
def test_the_chance_of_a_sign_is_that_of_scipys_permutations(differences):
    reference = stats.permutation_test(
        (differences,), lambda d: abs(np.sum(d)), permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert sign_flip_p(differences) == pytest.approx(reference.pvalue)


def test_five_pairs_cannot_go_below_a_sixteenth():
    assert of_pairs([1.0, 2.0, 3.0, 4.0, 5.0]).p_value == 2 / 2**5


def test_many_pairs_have_the_chance_of_students_t():
    many = np.random.default_rng(0).normal(0.1, 1, 30)
    assert of_pairs(many).p_value == pytest.approx(stats.ttest_1samp(many, 0).pvalue)


def test_equal_differences_have_no_interval_and_decide_nothing():
    found = of_pairs([0.1, 0.1, 0.1])
    assert found.interval is None and not found.is_clear and found.p_value == 0.25
    assert of_pairs([0.5]).interval is None


def test_splits_that_overlap_make_the_interval_wider():
    differences = [0.01, 0.02, 0.03, 0.02]
    error = np.std(differences, ddof=1) * np.sqrt(1 / 4 + 1 / 3)  # Nadeau and Bengio: a quarter judges, three learn
    reach = stats.t.ppf(0.975, 3) * error
    found = of_pairs(differences, overlap=1 / 3)
    assert found.interval == pytest.approx((0.02 - reach, 0.02 + reach))
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.02 / error, 3))


def test_groups_without_pairs_are_compared_as_welch_did():
    found = of_groups(A, B[:3])
    reference = stats.ttest_ind(A, B[:3], equal_var=False)
    interval = reference.confidence_interval(0.95)
    assert found.p_value == pytest.approx(reference.pvalue)
    assert found.interval == pytest.approx((interval.low, interval.high))
    assert of_groups([0.5, 0.5], [0.5, 0.5]).interval is None


def test_accuracies_on_the_same_examples_are_compared_by_those_that_only_one_gets_right():
    a = np.array([True] * 80 + [True] * 12 + [False] * 3 + [False] * 5)
    b = np.array([True] * 80 + [False] * 12 + [True] * 3 + [False] * 5)
    found = of_right(a, b)
    assert found.mean == pytest.approx(0.09)
    assert found.p_value == pytest.approx(2 * sum(stats.binom.pmf(k, 15, 0.5) for k in range(4)))  # 0.0352
    centre, error = 9 / 102, np.sqrt((16 / 102 - (9 / 102) ** 2) / 102)  # half an example more in each of four counts
    assert found.interval == pytest.approx((centre - 1.959964 * error, centre + 1.959964 * error), abs=1e-6)
    assert found.is_clear


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (4, 4), (0, 40), (1200, 1300), (9, 3)])
def test_the_exact_chance_is_that_of_scipys_binomial_test(pair):
    only_a, only_b = pair
    first = np.repeat([True, False], pair)
    expected = stats.binomtest(only_a, only_a + only_b).pvalue
    assert of_right(first, ~first).p_value == pytest.approx(expected, rel=1e-9)


def test_equal_answers_are_not_known_to_be_equal_for_ever():
    right = np.array([True, False] * 10)
    found = of_right(right, right)
    assert found.mean == 0 and found.p_value == 1
    low, high = found.interval
    assert low < -0.05 and high > 0.05


def test_drawing_examples_anew_gives_the_interval_of_the_mean():
    errors = np.random.default_rng(1).normal(0.2, 1, 400)
    found = of_resampled(lambda places: float(errors[places].mean()), len(errors))
    reach = 1.96 * errors.std() / 20
    assert found.mean == pytest.approx(errors.mean())
    assert found.interval == pytest.approx((errors.mean() - reach, errors.mean() + reach), abs=0.015)
    assert found.p_value == pytest.approx(stats.ttest_1samp(errors, 0).pvalue, abs=0.01)
    assert found == of_resampled(lambda places: float(errors[places].mean()), len(errors))


def test_what_cannot_be_resampled_has_no_interval():
    assert of_resampled(lambda places: 0.0, 10).interval is None
    assert of_resampled(lambda places: None, 10).interval is None
    assert np.isnan(of_resampled(lambda places: None, 0).mean)


def test_a_difference_is_clear_only_when_its_interval_leaves_0_out():
    assert not Difference(1.0, None, 0.01, "t").is_clear
    assert not Difference(1.0, (0.0, 2.0), 0.01, "t").is_clear
    assert Difference(-1.0, (-2.0, -0.1), 0.9, "t").is_clear
