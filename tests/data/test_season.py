import numpy as np
import pytest

from deepglass.data.season import autocorrelation, naive_error, period_of


@pytest.mark.parametrize("period", [4, 7, 24])
def test_a_season_in_noise_on_a_trend_is_found(period):
    time = np.arange(40 * period)
    values = np.sin(2 * np.pi * time / period) + 0.02 * time + 0.3 * np.random.default_rng(0).standard_normal(len(time))
    assert period_of(values[:, None]) == period


@pytest.mark.parametrize(
    "values", [np.zeros(50), np.arange(50.0), np.random.default_rng(1).standard_normal(300), np.ones(2)]
)
def test_no_season_is_found_where_there_is_none(values):
    assert period_of(values[:, None]) == 1


def test_random_walks_seldom_look_seasonal():
    random = np.random.default_rng(2)
    assert sum(period_of(random.standard_normal((400, 1)).cumsum(axis=0)) > 1 for _ in range(40)) <= 4


def test_the_autocorrelation_of_alternating_signs_alternates():
    found = autocorrelation(np.tile([1.0, -1.0], 50)[:, None], 3)
    np.testing.assert_allclose(found, [1, -1, 1, -1], atol=0.01)


def test_the_seasonal_naive_error_by_hand():
    assert naive_error(np.array([[1.0], [2.0], [4.0], [8.0]]), 1) == [pytest.approx(7 / 3)]
    assert naive_error(np.array([[1.0], [2.0], [4.0], [8.0]]), 2) == [4.5]
