"""Optimizers: how a gradient becomes a step.

Each is a pure update, `(parameter, gradient, state, hyperparameters) -> new parameter, new state`, whose hyperparameters
may be tensors that spread over an axis of replicas. A lone network on plain numbers runs torch's own fused kernels,
which give the same steps.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

State = dict[str, Tensor]
Number = float | Tensor


def sgd(
    parameter: Tensor, gradient: Tensor, state: State, *, learning_rate: Number, weight_decay: Number = 0.0
) -> tuple[Tensor, State]:
    """Gradient descent: theta - rate * (gradient + decay * theta). Source: Robbins and Monro, 1951."""
    return parameter - learning_rate * (gradient + weight_decay * parameter), {}


def momentum(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    momentum: Number = 0.9,
) -> tuple[Tensor, State]:
    """Heavy ball: v = momentum * v + gradient, theta - rate * v. Source: Polyak, 1964, in the form of torch.optim.SGD."""
    gradient = gradient + weight_decay * parameter
    velocity = gradient if "momentum_buffer" not in state else momentum * state["momentum_buffer"] + gradient
    return parameter - learning_rate * velocity, {"momentum_buffer": velocity}


def adam(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.0,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> tuple[Tensor, State]:
    """Adam with an L2 penalty in the gradient. Source: Kingma and Ba, arXiv:1412.6980, algorithm 1."""
    return _adam_step(parameter, gradient + weight_decay * parameter, state, learning_rate, betas, epsilon)


def adamw(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    *,
    learning_rate: Number,
    weight_decay: Number = 0.01,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> tuple[Tensor, State]:
    """Adam with decay apart from the gradient. Source: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2."""
    shrunk = parameter * (1 - learning_rate * weight_decay)
    return _adam_step(shrunk, gradient, state, learning_rate, betas, epsilon)


def _adam_step(
    parameter: Tensor, gradient: Tensor, state: State, learning_rate: Number, betas: tuple[float, float], epsilon: float
) -> tuple[Tensor, State]:
    zero = torch.zeros_like(parameter)
    step = state.get("step", torch.zeros((), dtype=torch.float32)) + 1
    mean = betas[0] * state.get("exp_avg", zero) + (1 - betas[0]) * gradient
    square = betas[1] * state.get("exp_avg_sq", zero) + (1 - betas[1]) * gradient**2
    exact = step.double()  # in float32, 1 - 0.999^step would lose four digits at the first steps
    scale = (square / (1 - betas[1] ** exact)).sqrt() + epsilon
    new = parameter - learning_rate * (mean / (1 - betas[0] ** exact)) / scale
    return new, {"step": step, "exp_avg": mean, "exp_avg_sq": square}


@dataclass(frozen=True)
class Optimizer:
    """One entry of the catalogue: the pure update, torch's kernel for it, and the rate that suits it."""

    update: Callable[..., tuple[Tensor, State]]
    torch_class: Callable[..., torch.optim.Optimizer]
    learning_rate: float
    takes: tuple[str, ...] = ()  # settings of the Recipe beyond learning_rate and weight_decay


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(sgd, torch.optim.SGD, 0.1),
    "momentum": Optimizer(momentum, torch.optim.SGD, 0.05, takes=("momentum",)),
    "adam": Optimizer(adam, torch.optim.Adam, 1e-3),
    "adamw": Optimizer(adamw, torch.optim.AdamW, 1e-3),
}


class Updates(torch.optim.Optimizer):
    """Applies a pure update; every hyperparameter may be a tensor that spreads over a leading axis of replicas."""

    def __init__(self, groups: Iterable[Mapping[str, Any]], update: Callable[..., tuple[Tensor, State]]) -> None:
        super().__init__([dict(g) for g in groups], {})
        self.update = update

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        stopped = getattr(self, "found_inf", None)  # the guard's flag, which torch's fused kernels know by this name
        for group in self.param_groups:
            settings = {k: v for k, v in group.items() if k != "params"}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                spread = {k: _spread(v, parameter) for k, v in settings.items()}
                new, state = self.update(parameter, parameter.grad, self.state[parameter], **spread)
                parameter.copy_(new if stopped is None else torch.where(stopped > 0, parameter, new))
                self.state[parameter] = state


def make_optimizer(
    name: str, entry: Optimizer, groups: list[dict[str, Any]], settings: Mapping[str, Any]
) -> torch.optim.Optimizer:
    """Make the optimizer of one player.

    Args:
        groups: parameters with their weight_decay.
        settings: learning_rate and what else the entry takes; a tensor among them makes it run over replicas.
    """
    rates = [settings["learning_rate"], *(settings[k] for k in entry.takes), *(g["weight_decay"] for g in groups)]
    if any(isinstance(r, Tensor) and r.ndim for r in rates):
        return Updates([{**g, **settings} for g in groups], entry.update)
    options = {"lr": settings["learning_rate"], **{k: settings[k] for k in entry.takes}}
    return entry.torch_class(groups, fused=True, **options)


def decay_groups(named: Mapping[str, nn.Parameter], network: nn.Module, weight_decay: Number) -> list[dict[str, Any]]:
    """Part parameters into those that are penalized and those that are not: biases and the scales of norms.

    Source: Goodfellow et al., "Deep Learning", section 7.1: biases need less data to fit and are left alone.
    """
    spared = _spared(network)
    weights = [p for n, p in named.items() if n not in spared]
    others = [p for n, p in named.items() if n in spared]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return [g for g in groups if g["params"]]


def _spared(network: nn.Module) -> set[str]:
    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    names = set()
    for path, module in network.named_modules():
        for name, _ in module.named_parameters(recurse=False):
            if isinstance(module, norms) or "bias" in name:
                names.add(f"{path}.{name}" if path else name)
    return names


def _spread(value: Any, parameter: Tensor) -> Any:
    """Shape one number a replica so that it spreads over a parameter (replicas, ...)."""
    if isinstance(value, Tensor) and value.ndim == 1:
        return value.to(parameter).reshape(-1, *[1] * (parameter.ndim - 1))
    return value
