"""Lion: an optimizer of somebody's own, as people copy one into their script."""

from collections.abc import Callable, Iterable
from typing import Any

import torch


class Lion(torch.optim.Optimizer):
    """Steps of one length, by the sign of a mean of gradients. Source: Chen et al., arXiv:2302.06675, algorithm 2."""

    def __init__(self, held: Iterable[Any], lr: float, betas: tuple[float, float] = (0.9, 0.99), decay: float = 0.0):
        super().__init__(held, {"lr": lr, "betas": betas, "weight_decay": decay, "maximize": False})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            first, second = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                gradient = -p.grad if group["maximize"] else p.grad
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_((first * mean + (1 - first) * gradient).sign(), alpha=-group["lr"])
                mean.mul_(second).add_(gradient, alpha=1 - second)
        return loss
