"""The density of the next point, against scipy and by hand, and drawing from it."""

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax
from scipy.stats import multivariate_normal

from deepglass.errors import ShapeError
from deepglass.tasks.mixture_density import Mixture, mixture_of, offset_loss, pen_loss, sample

MIXTURES = 3


def output(rows=4, seed=0):
    return torch.randn(rows, 6 * MIXTURES + 3, generator=torch.Generator().manual_seed(seed)) * 1.5


def test_the_loss_is_that_of_scipys_normal_distributions():
    raw, offsets = output(), torch.tensor([[0.3, -1.2], [2.0, 0.1], [-0.4, 0.4], [5.0, 5.0]])
    given = offset_loss(mixture_of(raw), offsets)
    for row, point, loss in zip(raw.double().numpy(), offsets.numpy(), given.numpy()):
        weights, x, y, sx, sy, rho = row[:-3].reshape(6, MIXTURES)
        sx, sy, rho = 0.05 + np.log1p(np.exp(sx)), 0.05 + np.log1p(np.exp(sy)), 0.999 * np.tanh(rho)
        parts = []
        for k in range(MIXTURES):
            across = rho[k] * sx[k] * sy[k]
            normal = multivariate_normal([x[k], y[k]], [[sx[k] ** 2, across], [across, sy[k] ** 2]])
            parts.append(np.log(softmax(weights)[k]) + normal.logpdf(point))
        assert loss == pytest.approx(-logsumexp(parts), rel=1e-4)


def test_one_standard_gaussian_and_an_even_pen_by_hand():
    sigma = math.log(math.expm1(0.95))  # softplus of it is 0.95, and the floor 0.05
    mixture = mixture_of(torch.tensor([0.0, 1, 2, sigma, sigma, 0, 0, 0, 0]))
    # At its mean the density is 1 / (2 pi); one away in x it is less by exp(-1/2).
    assert float(offset_loss(mixture, torch.tensor([1.0, 2.0]))) == pytest.approx(math.log(2 * math.pi), abs=1e-5)
    assert float(offset_loss(mixture, torch.tensor([2.0, 2.0]))) == pytest.approx(math.log(2 * math.pi) + 0.5, abs=1e-5)
    assert float(pen_loss(mixture, torch.tensor(1))) == pytest.approx(math.log(3), abs=1e-6)


def test_far_points_and_sharp_mixtures_give_finite_losses_and_gradients():
    raw = torch.full((2, 6 * MIXTURES + 3), -80.0)
    raw[1] = 80.0
    raw.requires_grad_()
    loss = offset_loss(mixture_of(raw), torch.tensor([[1e4, -1e4], [0.0, 0.0]])) + pen_loss(
        mixture_of(raw), torch.tensor([0, 2])
    )
    loss.sum().backward()
    assert loss.isfinite().all() and raw.grad.isfinite().all()


def test_no_point_is_worth_more_than_the_floor_allows():
    raw = torch.zeros(6 * 1 + 3)
    raw[3:5] = -1000.0  # as narrow as can be
    best = float(offset_loss(mixture_of(raw), torch.zeros(2)))
    assert best == pytest.approx(math.log(2 * math.pi * 0.05**2), abs=1e-4)


def test_samples_have_the_means_deviations_and_correlation_that_were_said():
    count = 40_000
    mixture = Mixture(
        torch.tensor([0.25, 0.75]).log().expand(count, 2),
        torch.tensor([[-10.0, 0.0], [3.0, 1.0]]).expand(count, 2, 2),
        torch.tensor([[0.1, 0.1], [2.0, 0.5]]).expand(count, 2, 2),
        torch.tensor([0.0, -0.8]).expand(count, 2),
        torch.tensor([math.log(0.7), math.log(0.2), math.log(0.1)]).expand(count, 3),
    )
    random = torch.Generator().manual_seed(0)
    rows = sample(mixture, torch.rand(count, 2, generator=random), torch.randn(count, 2, generator=random))
    there = rows[rows[:, 4] == 0]
    assert float(len(there) / count) == pytest.approx(0.9, abs=0.01)
    assert float(there[:, 3].mean()) == pytest.approx(0.2 / 0.9, abs=0.01)
    second = there[there[:, 0] > -9]
    second = second[:, :2].double().numpy()
    assert len(second) / len(there) == pytest.approx(0.75, abs=0.01)
    np.testing.assert_allclose(second.mean(axis=0), [3, 1], atol=0.05)
    np.testing.assert_allclose(second.std(axis=0), [2, 0.5], atol=0.03)
    assert np.corrcoef(second.T)[0, 1] == pytest.approx(-0.8, abs=0.01)
    assert (rows[rows[:, 4] == 1][:, :2] == 0).all()


def test_near_temperature_zero_the_likeliest_is_drawn_without_spread():
    mixture = mixture_of(output(rows=50))
    random = torch.Generator().manual_seed(1)
    rows = sample(mixture, torch.rand(50, 2, generator=random), torch.randn(50, 2, generator=random), temperature=1e-5)
    best = mixture.means[torch.arange(50), mixture.log_weights.argmax(dim=1)]
    state = mixture.pen.argmax(dim=1)
    assert (rows[:, 2:].argmax(dim=1) == state).all()
    torch.testing.assert_close(rows[state < 2, :2], best[state < 2], atol=0.05, rtol=0)


def test_a_network_of_another_size_is_refused():
    with pytest.raises(ShapeError, match=r"6 m \+ 3 numbers, such as 63 for 10; the network gives 20"):
        mixture_of(torch.zeros(2, 20))
