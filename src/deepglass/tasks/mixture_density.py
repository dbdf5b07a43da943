"""Mixture density: what a network says of the next point of a pen, as a mixture of Gaussians and the pen's state."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from deepglass.errors import ShapeError

NUMBERS = 6  # of each Gaussian: its weight, two means, two deviations, one correlation
PEN = 3  # states: down, up, over
# Deviations stay above this share of the scale. Points lie on the grid of a screen, so a narrower Gaussian would win without
# bound by naming grid lines: with 0.05 no point is worth more than -log(2 pi 0.05^2) = 4.2 nats, before any correlation.
SIGMA_FLOOR = 0.05
MOST_CORRELATION = 0.999  # so that a straight diagonal does not divide by zero


class Mixture(NamedTuple):
    """A distribution over the next point. Shapes: log_weights (..., m), means and sigmas (..., m, 2), correlations (..., m),
    pen (..., 3) of logits."""

    log_weights: Tensor
    means: Tensor
    sigmas: Tensor
    correlations: Tensor
    pen: Tensor


def mixture_of(output: Tensor) -> Mixture:
    """Read a network's output as a mixture. Shapes: output (..., 6 m + 3) for m Gaussians.

    Weights are a softmax, means as they are, deviations 0.05 + softplus, correlations 0.999 tanh.
    Source: Graves, "Generating Sequences With Recurrent Neural Networks", arXiv:1308.0850, equations 18 to 22, there with
        exp for the deviations.
    """
    size = output.shape[-1]
    if size <= PEN or (size - PEN) % NUMBERS:
        raise ShapeError(
            f"A mixture of m Gaussians takes 6 m + 3 numbers, such as 63 for 10; the network gives {size}."
        )
    parts, pen = output.float().split([size - PEN, PEN], dim=-1)
    weights, x, y, sigma_x, sigma_y, correlations = parts.chunk(NUMBERS, dim=-1)
    return Mixture(
        weights.log_softmax(dim=-1),
        torch.stack([x, y], dim=-1),
        SIGMA_FLOOR + functional.softplus(torch.stack([sigma_x, sigma_y], dim=-1)),
        MOST_CORRELATION * correlations.tanh(),
        pen,
    )


def offset_loss(mixture: Mixture, offsets: Tensor) -> Tensor:
    """How surprising offsets are, in nats: minus the logarithm of their density. Shapes: offsets (..., 2); returns (...).

    Summed by log-sum-exp over the Gaussians, so that no density underflows.
    Source: Graves 2013, equations 24 to 26.
    """
    apart = (offsets[..., None, :] - mixture.means) / mixture.sigmas  # (..., m, 2)
    rho = mixture.correlations
    free = (1 - rho) * (1 + rho)
    distance = apart.square().sum(dim=-1) - 2 * rho * apart.prod(dim=-1)
    log_density = -math.log(2 * math.pi) - mixture.sigmas.log().sum(dim=-1) - free.log() / 2 - distance / (2 * free)
    return -torch.logsumexp(mixture.log_weights + log_density, dim=-1)


def pen_loss(mixture: Mixture, states: Tensor) -> Tensor:
    """How surprising the states of the pen are, in nats. Shapes: states (...), 0 down, 1 up, 2 over; returns (...)."""
    return -mixture.pen.log_softmax(dim=-1).gather(-1, states[..., None]).squeeze(-1)


def sample(mixture: Mixture, chances: Tensor, normals: Tensor, temperature: float = 1.0) -> Tensor:
    """Draw the next point from some random numbers: an encoded row (n, 5), with (0, 0, 0, 0, 1) where the drawing is over.

    The temperature divides the logits of weights and pen, and its root scales deviations: near 0 the likeliest is drawn.
    Shapes: mixture (n, ...), chances (n, 2) from 0 to 1 (which Gaussian, which state), normals (n, 2) standard normal.
    Source: Ha and Eck, arXiv:1704.03477, equation 8.
    """
    chosen = _pick(mixture.log_weights / temperature, chances[:, 0])
    at = torch.arange(len(chosen), device=chosen.device)
    sigma = mixture.sigmas[at, chosen] * math.sqrt(temperature)
    rho = mixture.correlations[at, chosen]
    along, across = normals.unbind(dim=1)
    apart = torch.stack([along, rho * along + (1 - rho.square()).sqrt() * across], dim=1)
    pen = functional.one_hot(_pick(mixture.pen / temperature, chances[:, 1]), PEN).float()
    offsets = mixture.means[at, chosen] + sigma * apart
    return torch.cat([offsets * (1 - pen[:, 2:]), pen], dim=1)


def _pick(logits: Tensor, chances: Tensor) -> Tensor:
    """Pick one of each row of logits (n, k) by a number from 0 to 1."""
    reached = logits.softmax(dim=-1).cumsum(dim=-1)
    return (reached < chances[:, None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)
