"""What the guard makes of a gradient, of which it reads the sum alone."""

import math

import pytest
import torch
from torch import nn

from deepglass.data import Batch
from deepglass.errors import TrainingError
from deepglass.training.guard import Guard
from deepglass.training.players import Player

SIDE = 8
BATCH = [Batch({"x": torch.ones(2, 1)}, torch.arange(2))]


def inspected(gradient, loss=1.0):
    """A gradient after the guard has looked at it."""
    weight = nn.Parameter(torch.zeros(gradient.shape))
    weight.grad = gradient
    Guard(torch.device("cpu")).inspect(
        Player("network", {"weight": weight}, torch.optim.SGD([weight], 0.1), 0.1),
        BATCH,
        {"loss": torch.tensor(loss)},
        1,
    )
    return weight.grad


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, SIDE * SIDE - 1])
def test_one_wrong_number_in_a_gradient_is_found(wrong, place):
    gradient = torch.ones(SIDE, SIDE)
    gradient.view(-1)[place] = wrong
    with pytest.raises(
        TrainingError, match=r"the gradient of weight is not finite at step 1 .* The update was not made"
    ):
        inspected(gradient)


def test_two_infinities_that_cancel_each_other_are_found():
    gradient = torch.ones(SIDE, SIDE)
    gradient[0, :2] = torch.tensor([math.inf, -math.inf])
    with pytest.raises(TrainingError, match="not finite at step 1"):
        inspected(gradient)


def test_a_loss_that_is_not_finite_is_found_where_its_gradient_is():
    with pytest.raises(TrainingError, match=r"The loss is inf at step 1 .* The update was not made"):
        inspected(torch.ones(SIDE, SIDE), loss=math.inf)


def test_a_gradient_whose_sum_alone_is_beyond_all_numbers_passes():
    gradient = torch.full((SIDE, SIDE), 3e38)
    assert gradient.sum().isinf()
    assert torch.equal(inspected(gradient), torch.full((SIDE, SIDE), 3e38))
