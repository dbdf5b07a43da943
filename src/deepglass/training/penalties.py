"""Penalties: what large weights cost, beside the loss. Biases and the scales of norms are spared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Penalty:
    """l1 * sum |w| + l2 / 2 * sum w^2 over some weights; a factor may be one number a replica, weights (replicas, ...).

    Args: l2: of a decay that is a part of the gradient; one apart from it, as in adamw, minimizes no such sum.
    Source: Goodfellow et al., "Deep Learning", section 7.1, equations 7.2 and 7.18.
    """

    weights: Sequence[nn.Parameter]
    l1: float | Tensor = 0.0
    l2: float | Tensor = 0.0

    @property
    def has_l1(self) -> bool:
        return isinstance(self.l1, Tensor) or self.l1 > 0

    @property
    def active(self) -> bool:
        return bool(self.weights) and (_some(self.l1) or _some(self.l2))

    @torch.no_grad()
    def add_l1_gradient(self) -> None:
        """Add l1 * sign(w) to the gradients, with sign(0) = 0; the part of l2 is the optimizer's."""
        gradients, weights = self._learning()
        if isinstance(self.l1, Tensor):
            for gradient, weight in zip(gradients, weights):
                gradient += _spread(self.l1, weight) * weight.sign()
        elif self.l1 and weights:
            torch._foreach_add_(gradients, torch._foreach_sign(weights), alpha=self.l1)

    @torch.no_grad()
    def add_l2(self, loss: Tensor) -> Tensor:
        """Add the gradient of l2 as well, and return the loss with it: for optimizers that compare whole objectives."""
        gradients, weights = self._learning()
        if isinstance(self.l2, Tensor) or not self.l2 or not weights:
            return loss
        torch._foreach_add_(gradients, weights, alpha=self.l2)
        return loss + self.value()

    def _learning(self) -> tuple[list[Tensor], list[Tensor]]:
        """The gradients of the weights that have one, and those weights."""
        pairs = [(w.grad, w.detach()) for w in self.weights if w.grad is not None]
        return [gradient for gradient, _ in pairs], [weight for _, weight in pairs]

    @torch.no_grad()
    def value(self) -> Tensor:
        """What the weights cost now; where each replica has a factor of its own, that of the first."""
        parts: list[Any] = [
            (_spread(self.l1, w) * w.abs() + _spread(self.l2, w) / 2 * w.square()) for w in self.weights
        ]
        replicas = any(isinstance(factor, Tensor) for factor in (self.l1, self.l2))
        return torch.stack([(part[0] if replicas else part).sum() for part in parts]).sum()

    @torch.no_grad()
    def values(self) -> Tensor:
        """What the weights of each replica cost now, (replicas,)."""
        rows = [weight.flatten(1) for weight in self.weights]
        sizes = torch.stack([row.abs().sum(1) for row in rows]).sum(0) if _some(self.l1) else 0.0
        squares = torch.stack([row.square().sum(1) for row in rows]).sum(0) if _some(self.l2) else 0.0
        return torch.as_tensor(self.l1 * sizes + self.l2 / 2 * squares).expand(len(rows[0]))


def _some(factor: float | Tensor) -> bool:
    return bool(factor.any()) if isinstance(factor, Tensor) else factor > 0


def _spread(factor: float | Tensor, weight: Tensor) -> float | Tensor:
    if isinstance(factor, Tensor) and factor.ndim == 1:
        return factor.to(weight).reshape(-1, *[1] * (weight.ndim - 1))
    return factor
