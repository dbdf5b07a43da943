import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepglass.data.links import correlation, correlation_ratio, cramers_v

RANDOM = np.random.default_rng(0)


def test_correlation_is_that_of_numpy_without_its_sign():
    x, y = RANDOM.normal(size=(50, 3)), RANDOM.normal(size=50)
    expected = [abs(np.corrcoef(x[:, i], y)[0, 1]) for i in range(3)]
    assert correlation(x, y) == pytest.approx(expected)
    assert correlation(-x, y) == pytest.approx(expected)


def test_what_is_missing_is_left_out_column_by_column():
    x, y = np.array([[1.0, 5], [2, np.nan], [3, 7], [4, np.nan]]), np.array([2.0, 4, 6, 9])
    assert correlation(x, y)[0] == pytest.approx(np.corrcoef(x[:, 0], y)[0, 1])
    assert correlation(x, y)[1] == pytest.approx(1)  # of two points


def test_eta_is_the_root_of_the_variance_between_the_classes():
    # Means 1 and 5, all 3: between 4 * (3 - 1)^2 = 16 of a sum of squares of 20.
    assert correlation_ratio(np.array([[0.0], [2], [4], [6]]), np.array([0, 0, 1, 1])) == pytest.approx([0.8**0.5])


def test_a_column_without_spread_goes_with_nothing():
    constant = np.full((4, 1), 3.7)
    assert correlation(constant, np.arange(4.0)).tolist() == [0]
    assert correlation_ratio(constant, np.array([0, 1, 0, 1])).tolist() == [0]
    assert cramers_v(np.zeros(4, int), np.array([0, 1, 0, 1])) == 0


def test_cramers_v_of_a_table_worked_by_hand():
    # 40 of 50 agree in each class: phi^2 = 0.36; corrected 0.36 - 1/99, of 2 - 1/99 - 1.
    one = np.repeat([0, 1], 50)
    other = np.concatenate([np.repeat([0, 1], [40, 10]), np.repeat([0, 1], [10, 40])])
    assert cramers_v(one, other) == pytest.approx(((0.36 - 1 / 99) / (1 - 1 / 99)) ** 0.5)
    assert cramers_v(one, one) == pytest.approx(1)


def test_a_category_with_a_class_for_each_example_goes_with_nothing_by_chance():
    assert cramers_v(np.arange(200), RANDOM.integers(0, 2, 200)) < 0.2


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=3, max_size=40))
def test_eta_is_the_correlation_for_pairs_of_classes(pairs):
    one, other = np.array(pairs).T
    assert correlation_ratio(one[:, None].astype(float), other) == pytest.approx(
        correlation(one[:, None].astype(float), other.astype(float)), abs=1e-6
    )
