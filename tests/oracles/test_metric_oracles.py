"""Worked examples with known answers: accuracy, F1 and average precision."""

import pytest
import torch

from deepglass.tasks import metrics
from deepglass.tasks.scores import average_precision, mean_average_precision

# 8 found rightly, 2 wrongly, 4 missed, 6 rightly left.
PREDICTED = torch.tensor([1] * 8 + [1] * 2 + [0] * 4 + [0] * 6)
TARGET = torch.tensor([1] * 8 + [0] * 2 + [1] * 4 + [0] * 6)


def test_f1_is_the_harmonic_mean_of_precision_and_recall():
    shares = metrics.by_class(PREDICTED, TARGET, 2)
    precision, recall = shares["precision"][1], shares["recall"][1]
    assert (precision, round(recall, 6)) == (0.8, 0.666667)
    assert shares["f1"][1] == metrics.f1(PREDICTED, TARGET, average="binary") == pytest.approx(8 / 11, abs=1e-12)
    assert shares["f1"][1] != pytest.approx((precision + recall) / 2)  # 11/15, the plain average


def test_accuracy_is_the_share_of_right_ones():
    assert metrics.accuracy(PREDICTED, TARGET) == 14 / 20
    assert metrics.confusion_matrix(PREDICTED, TARGET).tolist() == [[6, 2], [4, 8]]
    assert metrics.balanced_accuracy(PREDICTED, TARGET) == pytest.approx((6 / 8 + 8 / 12) / 2)


def test_average_precision_of_five_in_a_row():
    expected = (1 + 2 / 3 + 3 / 4) / 3
    assert average_precision([5, 4, 3, 2, 1], [1, 0, 1, 1, 0]) == pytest.approx(expected, abs=1e-12)
    assert expected == pytest.approx(0.805556, abs=1e-6)


def test_mean_average_precision_is_the_mean_over_the_classes():
    scores = torch.tensor([[5.0, 1], [4, 2], [3, 3], [2, 4], [1, 5]])
    labels = torch.tensor([[1, 0], [0, 0], [1, 0], [1, 0], [0, 1]])
    assert mean_average_precision(scores, labels) == pytest.approx(((1 + 2 / 3 + 3 / 4) / 3 + 1) / 2, abs=1e-12)
