import numpy as np
import pytest

from deepglass.tasks.blocks import over_blocks


def test_the_interval_is_that_of_the_means_of_blocks():
    values = np.repeat([1.0, 2, 3, 4, 5, 6], 4)  # 24 windows of horizon 2: six blocks of four
    low, high = over_blocks(values, np.arange(24), 2)
    half = 2.5706 * np.std([1, 2, 3, 4, 5, 6], ddof=1) / 6**0.5  # t of 5 degrees at 97.5 %
    assert (low, high) == (pytest.approx(3.5 - half, abs=1e-3), pytest.approx(3.5 + half, abs=1e-3))


def test_too_short_a_time_gives_none():
    assert over_blocks(np.arange(10.0), np.arange(10), 2) is None
    assert over_blocks(np.arange(0.0), np.arange(0), 2) is None


def test_neighbours_that_are_alike_make_it_wider_than_single_windows_would():
    random = np.random.default_rng(0)
    level = np.repeat(random.standard_normal(50), 20)
    low, high = over_blocks(level, np.arange(1000), 5)
    assert high - low > 3 * 2 * 1.96 * level.std() / 1000**0.5
