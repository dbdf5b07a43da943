"""Mixup: a training example is blended with a partner, and its loss with what the partner's target would give."""

from functools import cache

import torch
from torch import Tensor

from deepglass.randomness import Noise

POINTS = 4096  # of the table of the Beta distribution


def partners(noise: Noise, pool: Tensor) -> Tensor:
    """Draw the partner of each example from `pool`, the training examples: it depends on (seed, epoch, sample) alone.

    Shapes: pool (training examples,) of sample ids; returns (examples,) of them.
    """
    return pool[noise.integers("mixup partner", 0, len(pool)).to(pool.device)]


def shares(noise: Noise, alpha: float) -> Tensor:
    """Draw how much of each example is its own, from Beta(alpha, alpha). Returns: (examples,), 0 to 1.

    Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018; here each example has its own share.
    """
    return beta_at(noise.uniform("mixup share"), alpha)


def blend(own: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """Mix encoded inputs. Shapes: own and other (examples, ...), share (examples,)."""
    share = share.reshape(-1, *[1] * (own.ndim - 1)).to(own)
    return share * own + (1 - share) * other


def beta_at(quantile: Tensor, alpha: float) -> Tensor:
    """The number below which `quantile` of the distribution Beta(alpha, alpha) lies, to about four digits."""
    steps, below, power = _beta_table(alpha)
    steps, below = steps.to(quantile.device), below.to(quantile.device)
    p = quantile.double()
    half = torch.minimum(p, 1 - p).contiguous()  # the distribution is symmetric, and the table covers its lower half
    right = torch.searchsorted(below, half).clamp(1, POINTS - 1)
    width = (below[right] - below[right - 1]).clamp(min=1e-300)
    step = steps[right - 1] + (half - below[right - 1]) / width * (steps[right] - steps[right - 1])
    x = 0.5 * step**power
    return torch.where(p <= 0.5, x, 1 - x).float()


@cache
def _beta_table(alpha: float) -> tuple[Tensor, Tensor, float]:
    """Steps s from 0 to 1, the probability below x = s ** power / 2 at each, and that power.

    With power 1 / alpha for alpha < 1, the pole of the density at x = 0 cancels, and a plain sum is exact enough.
    """
    power = 1 / min(alpha, 1.0)
    steps = torch.linspace(0, 1, POINTS, dtype=torch.float64)
    density = steps ** (max(alpha, 1.0) - 1) * (2 - steps**power) ** (alpha - 1)
    below = torch.cat([steps[:1], ((density[1:] + density[:-1]) / 2).cumsum(0)])
    return steps, 0.5 * below / below[-1], power
