import pytest
import torch
from torch import nn

from deepglass.errors import ShapeError
from deepglass.networks import call, check_call


class Minus(nn.Module):
    def forward(self, a, b, *, scale=1.0):
        return scale * (a - b)


class Options(nn.Module):
    def forward(self, **inputs):
        return sorted(inputs)


ONE, TWO = torch.tensor(1.0), torch.tensor(2.0)


def test_names_decide_when_all_match():
    assert call(Minus(), {"b": ONE, "a": TWO}) == 1
    assert call(Minus(), {"b": ONE, "a": TWO, "scale": TWO}) == 2
    assert call(Options(), {"b": ONE, "a": TWO}) == ["a", "b"]


def test_else_the_order_decides():
    assert call(Minus(), {"first": ONE, "second": TWO}) == -1
    assert call(nn.Identity(), {"anything": TWO}) == 2


@pytest.mark.parametrize(
    ("network", "names"),
    [(Minus(), ["b", "a"]), (Minus(), ["x", "y"]), (nn.Identity(), ["x"]), (Options(), ["x"]), (nn.GRU(1, 1), ["x"])],
)
def test_inputs_that_fit_pass(network, names):
    check_call(network, names)


def test_a_number_of_inputs_that_cannot_fit_is_an_error():
    with pytest.raises(ShapeError, match=r"forward of Identity takes \(input\), and the data have 2 inputs: x, y"):
        check_call(nn.Identity(), ["x", "y"])
    with pytest.raises(ShapeError, match=r"forward of Minus takes \(a, b, scale\), and the data have 1 input: a\."):
        check_call(Minus(), ["a"])
