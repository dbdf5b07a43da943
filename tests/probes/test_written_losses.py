"""Losses that people write by hand are read off the graph, with their targets."""

import torch
from torch import nn
from torch.nn import functional as F

from deepglass.probes.graph import told


def read(loss_of, network=None):
    torch.manual_seed(0)
    x, y = torch.randn(6, 4), torch.tensor([-1.5, 0.3, 0.7, -0.2, 2.0, -0.9])
    output = (network or nn.Linear(4, 1))(x)
    return told(loss_of(output, y), [output]), y


def test_losses_of_a_difference_are_read_however_they_are_written():
    ways = {
        "mse": lambda d: (d * d).mean(),
        "huber": lambda d: (d + F.softplus(-2 * d) - 0.6931).mean(),
    }
    for name, way in ways.items():
        known, y = read(lambda output, y, way=way: way(output.squeeze(1) - y))
        assert known.loss == name and torch.allclose(known.targets, y, atol=1e-5)
    known, y = read(lambda output, y: (output.squeeze(1) - y).cosh().log().mean())
    assert known.loss == "huber" and torch.allclose(known.targets, y, atol=1e-5)
    assert read(lambda output, y: (output * output.detach()).mean())[0] is None


def test_a_logistic_loss_by_marks_tells_class_and_sign():
    for sign, way in (
        (1, lambda z, m: F.softplus(-z * m).mean()),
        (1, lambda z, m: -F.logsigmoid(z * m).mean()),
        (-1, lambda z, m: -F.softplus(z * -m).mean()),
    ):
        known, y = read(lambda output, y, way=way: way(output.squeeze(1), y.sign()))
        assert (known.loss, known.takes, known.sign) == ("binary_cross_entropy", "logits", sign)
        assert known.targets.tolist() == (y > 0).float().tolist()


def test_a_margin_among_several_classes_is_read_with_its_classes():
    known, _ = read(lambda output, y: nn.MultiMarginLoss()(output, (y > 0).long()), nn.Linear(4, 3))
    assert (known.loss, known.takes, known.targets.tolist()) == ("multi_margin", "scores", [0, 1, 1, 0, 1, 0])
    assert known.shape == (6, 3)
