"""Calibration: the expected error by hand, the temperature beside scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from torch.nn.functional import cross_entropy

from deepglass.tasks.calibration import calibrate, calibration_error, fit_temperature, reliability, sureness, tempered


def logits_and_truth(sharpness=3.0, examples=200, classes=4, seed=0):
    """Logits that are `sharpness` times what the truth was drawn from."""
    random = np.random.default_rng(seed)
    honest = random.normal(size=(examples, classes)) * 1.5
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    truth = np.array([random.choice(classes, p=p) for p in shares])
    return torch.tensor(honest * sharpness), torch.tensor(truth)


def test_the_expected_error_of_five_answers_by_hand():
    found = reliability([0.95, 0.9, 0.65, 0.6, 0.6], [1, 1, 1, 0, 1], bins=5)
    assert found.examples.tolist() == [0, 0, 2, 1, 2]  # 0.6 is the upper end of its bin
    assert found.right[[2, 3, 4]].tolist() == [0.5, 1.0, 1.0]
    assert found.confidence[[2, 3, 4]].tolist() == pytest.approx([0.6, 0.65, 0.925])
    assert np.isnan(found.right[0])
    assert found.error == pytest.approx((2 * 0.1 + 1 * 0.35 + 2 * 0.075) / 5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_the_expected_error_is_that_of_the_formula_written_out(seed, examples):
    random = np.random.default_rng(seed)
    shares = random.dirichlet([0.5] * 3, size=examples)
    truth = random.integers(0, 3, examples)
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    expected = 0.0
    for low in np.linspace(0, 1, 16)[:-1]:  # as Guo et al. have it: lower < confidence <= upper
        inside = (sure > low) & (sure <= low + 1 / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    assert calibration_error(shares, truth) == pytest.approx(expected)


def test_one_column_is_the_probability_of_the_second_class():
    assert sureness([0.2, 0.9], [0, 0])[0].tolist() == [0.8, 0.9]
    assert sureness([0.2, 0.9], [0, 0])[1].tolist() == [True, False]
    assert calibration_error([0.2, 0.9], [0, 0]) == calibration_error([[0.8, 0.2], [0.1, 0.9]], [0, 0])


def test_of_labels_each_is_asked_whether_it_is_there():
    sure, right = sureness([[0.2, 0.9]], [[0, 1]])
    assert sure.tolist() == [0.2, 0.9] and right.tolist() == [False, True]


def test_without_examples_nothing_is_known():
    assert calibration_error(np.zeros((0, 3)), []) is None
    assert calibration_error([[float("nan"), 0.5]], [0]) is None
    assert calibrate(torch.zeros(0, 2), torch.zeros(0)).temperature == 1


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 3.0])
def test_the_temperature_is_the_one_that_scipy_finds(sharpness):
    logits, truth = logits_and_truth(sharpness)
    reference = minimize_scalar(
        lambda t: float(cross_entropy(logits / t, truth)), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-9}
    )
    found = fit_temperature(logits.log_softmax(dim=1), truth)
    assert found == pytest.approx(reference.x, rel=1e-4)
    assert found == pytest.approx(sharpness, rel=0.25)


def test_probabilities_that_were_too_sure_come_nearer_to_what_is_right():
    logits, truth = logits_and_truth(4.0)
    log_p = logits.log_softmax(dim=1)
    found = calibrate(log_p, truth)
    assert found.temperature > 2
    assert found.error_after < found.error_before / 2
    assert found.loss_after < found.loss_before
    assert found.loss_before == pytest.approx(float(cross_entropy(logits, truth)))
    assert "the probabilities were too sure" in repr(found) and "the test split has the last word" in repr(found)
    cooled = tempered(log_p, found.temperature)
    assert torch.equal(cooled.argmax(dim=1), logits.argmax(dim=1))
    torch.testing.assert_close(cooled, (logits / found.temperature).softmax(dim=1))


def test_probabilities_that_are_not_sure_enough_are_said_to_be_so():
    logits, truth = logits_and_truth(0.3)
    assert "not sure enough" in repr(calibrate(logits.log_softmax(dim=1), truth))


def test_answers_that_are_all_right_teach_nothing():
    log_p = torch.tensor([[2.0, 0.0], [0.0, 1.0]]).log_softmax(dim=1)
    found = calibrate(log_p, torch.tensor([0, 1]))
    assert found.temperature == 1 and found.error_after == found.error_before
    assert repr(found).startswith("temperature 1: all validation examples are answered rightly")
