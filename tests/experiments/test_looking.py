"""What an experiment asks of a network is right for one that can be worked by hand."""

import numpy as np
import torch
from torch import nn

from deepglass.experiments.looking import accuracy, answers, gradient_norms
from deepglass.experiments.moving import right
from deepglass.experiments.pictures import images, sweep
from deepglass.report.pictures.figure import to_png


def two_units() -> nn.Module:
    network = nn.Linear(2, 2)
    with torch.no_grad():
        network.weight.copy_(torch.eye(2))
        network.bias.zero_()
    return network


def test_the_gradient_of_cross_entropy_has_the_norm_that_is_worked_by_hand():
    # Scores 0 and 0: shares 1/2 and 1/2, so the gradient of the scores is (-1/2, 1/2) for the first class.
    # Of the weights it is that times the input (0, 0), so 0; of the biases it is itself: sqrt(1/4 + 1/4).
    x, y = torch.zeros(1, 2), torch.tensor([0])
    assert gradient_norms(two_units(), x, y) == [0.0]
    np.testing.assert_allclose(gradient_norms(two_units(), x, y, "bias"), [0.5**0.5], rtol=1e-6)


def test_the_accuracy_is_the_share_of_right_answers():
    x = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [1.0, 0.0]])
    assert answers(two_units(), x).argmax(1).tolist() == [0, 1, 0, 0]
    assert accuracy(two_units(), x, torch.tensor([0, 1, 1, 0])) == 0.75


def test_a_picture_moved_to_the_right_loses_what_leaves_and_gets_background():
    picture = torch.tensor([[[[1.0, 2.0, 3.0]]]])
    assert right(picture, 1).tolist() == [[[[0.0, 1.0, 2.0]]]]
    assert right(picture, 0).tolist() == picture.tolist()


def test_a_value_that_is_no_number_is_a_cross_and_the_others_are_drawn():
    figure = sweep({"accuracy": {"a": {1: np.array([0.5, 0.6]), 2: np.array([np.nan, 0.7])}}}, "layers")
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert [list(c.get_xdata()) for c in crosses] == [[2]]
    assert to_png(figure).startswith(b"\x89PNG")


def test_rows_of_pictures_have_a_panel_each_and_may_be_of_unequal_length():
    figure = images({"one": [("a", np.eye(3))], "two": [("b", np.zeros((2, 2))), ("c", -np.eye(2))]})
    assert [len(axes.images) for axes in figure.axes] == [1, 0, 1, 1]
