"""What pairs of trainings say of a change, against calculations by hand."""

import numpy as np
import pytest
from scipy.stats import t

from deepglass.doctor.verdict import LEAST, chance_of, least, verdict_of, weigh
from deepglass.paired import of_pairs


def test_without_examples_the_interval_is_that_of_the_paired_t():
    gains = [0.12, 0.05, 0.09, 0.11, 0.03]
    assert weigh(gains).interval == pytest.approx(of_pairs(gains).interval)


def test_over_seeds_and_examples_the_two_variances_are_added():
    # Seeds: 1, 2, 3, variance 1, of the mean 1/3, 2 degrees. Leaving parts out: 1.9, 2.0, 2.1, jackknife 2/3 * 0.02 = 1/75,
    # 2 degrees. Sum 26/75; degrees (26/75)^2 / ((1/3)^2 / 2 + (1/75)^2 / 2) = 2.15975.
    found = weigh([1.0, 2.0, 3.0], [1.9, 2.0, 2.1])
    assert found.mean == 2
    reach = t.ppf(0.975, 2.15975) * (26 / 75) ** 0.5
    assert found.interval == pytest.approx((2 - reach, 2 + reach), rel=1e-4)


def test_an_interval_for_more_chances_to_be_fooled_is_wider():
    gains = [0.1, 0.2, 0.3]
    one, six = weigh(gains, chance=chance_of()), weigh(gains, chance=chance_of(remedies=3, looks=2))
    # t with 2 degrees: 4.3027 at 0.05, 10.886 at 0.05 / 6
    assert one.interval[1] - 0.2 == pytest.approx(4.3027 * 0.1 / 3**0.5, rel=1e-4)
    assert six.interval[1] - 0.2 == pytest.approx(10.886 * 0.1 / 3**0.5, rel=1e-4)


def test_a_clear_gain_helps_and_a_clear_loss_hurts():
    gains = [0.30, 0.31, 0.32, 0.29, 0.30]
    assert verdict_of(weigh(gains), 0.01, 5) == "helped"
    assert verdict_of(weigh([-gain for gain in gains]), 0.01, 5) == "hurt"


def test_what_cannot_matter_makes_no_difference_even_where_it_is_clear():
    gains = [0.0030, 0.0031, 0.0032, 0.0029, 0.0030]
    assert weigh(gains).interval[0] > 0
    assert verdict_of(weigh(gains), 0.01, 5) == "no_difference"


def test_an_interval_with_no_gain_and_a_relevant_one_in_it_decides_nothing():
    assert verdict_of(weigh([0.2, -0.1, 0.1, 0.0, -0.05]), 0.01, 5) == "undecided"


def test_two_pairs_decide_nothing_however_clear():
    assert verdict_of(weigh([0.5, 0.5]), 0.01, 2) == "undecided"
    assert weigh([0.5]).interval is None


def test_the_same_in_every_pair_and_example_is_no_difference():
    found = weigh([0.0] * 5, [0.0] * 20)
    assert found.interval == (0, 0)
    assert verdict_of(found, 0.01, 5) == "no_difference"


def test_the_least_that_matters_is_one_in_a_hundred_or_one_example():
    assert least(20) == 0.05
    assert least(1000) == least(0) == LEAST == 0.01


def test_without_an_effect_the_interval_holds_0_at_least_as_often_as_it_says():
    # 600 experiments of 5 seeds and 40 examples, in which seed and example have effects of their own; 95 % of 600 is 570,
    # with a standard deviation of 5.3.
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(600):
        table = (
            random.normal(0, 0.02, (5, 1)) + random.normal(0, 0.1, (1, 40)) + random.normal(0, 0.1, (5, 40))
        )  # (seeds, examples)
        left_out = [np.delete(table, i, axis=1).mean() for i in range(40)]
        low, high = weigh(table.mean(axis=1), left_out).interval
        covered += low <= 0 <= high
    assert covered >= 570 - 2 * 5.3
