"""What a user is told of the output that suits the targets."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.training.output_choice import output_choice

X = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]


def chosen(y):
    return str(output_choice(dg.load((X, y), test=0)))


@pytest.mark.parametrize(
    ("y", "activation"),
    [
        (np.linspace(0, 1, 60), "sigmoid"),
        (np.linspace(-1, 1, 60), "tanh"),
        (np.linspace(0, 50, 60), "softplus"),
    ],
)
def test_an_activation_is_named_that_keeps_answers_in_the_range_of_the_targets(y, activation):
    assert f"--set network.output_activation={activation} --set data.target_scaling=none" in chosen(y)


def test_numbers_of_any_sign_get_none():
    said = chosen(np.linspace(-30, 50, 60))
    assert "without an activation, on standardized targets" in said and "network.output_activation" not in said


def test_targets_far_out_are_counted_and_huber_is_named():
    y = np.linspace(-1.5, 1.5, 60)
    y[7] = 500.0
    data = dg.load((X, y), test=0, validation=0)
    assert "1 of 60 lie far out: task.loss=huber forgives them" in str(output_choice(data))


def test_classes_get_scores_whose_loss_brings_the_probabilities():
    assert "3 numbers, without an activation. Several classes" in str(output_choice(dg.load("iris")))
    assert "brings sigmoid along" in str(output_choice(dg.load("breast-cancer")))


def test_texts_to_be_written_have_no_such_choice():
    assert output_choice(dg.load("reversal", options={"examples": 30})) is None
