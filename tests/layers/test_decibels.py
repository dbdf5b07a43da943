import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.layers import Decibels


def test_each_example_is_measured_from_its_own_loudest_power():
    x = torch.tensor([[[[100.0, 10.0, 1.0]]], [[[2.0, 0.2, 0.0]]]])
    assert_close(Decibels(range_db=30)(x), torch.tensor([[[[0.0, -10, -20]]], [[[0.0, -10, -30]]]]))


def test_silence_stays_finite_and_so_does_what_it_teaches():
    x = torch.zeros(1, 1, 2, 3, requires_grad=True)
    y = Decibels()(x)
    y.sum().backward()
    assert_close(y, torch.full((1, 1, 2, 3), -80.0))
    assert x.grad.isfinite().all()


def test_a_range_that_is_none_is_told():
    with pytest.raises(SettingError, match=r"range_db=-80 is no range in decibels. Give a number above 0, such as 80"):
        Decibels(range_db=-80)
