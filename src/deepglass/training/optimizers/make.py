"""Make: the optimizer of one player, torch's kernel or a pure update applied to each of its parameters."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.training.optimizers.direct import Direct
from deepglass.training.optimizers.entry import Optimizer


class Updates(Direct):
    """Applies a pure update; every hyperparameter may be a tensor that spreads over a leading axis of replicas."""

    def __init__(
        self, groups: Iterable[Mapping[str, Any]], update: Callable[..., tuple[Tensor, dict[str, Tensor]]]
    ) -> None:
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
                own = {k: spread(v, parameter) for k, v in settings.items()}
                before = self.state[parameter]
                new, state = self.update(parameter, parameter.grad, before, **own)
                if stopped is not None:
                    new = torch.where(stopped > 0, parameter, new)
                    state = {
                        k: torch.where(stopped > 0, before.get(k, torch.zeros_like(v)), v) for k, v in state.items()
                    }
                parameter.copy_(new)
                self.state[parameter] = state


def make_optimizer(
    entry: Optimizer, groups: list[dict[str, Any]], settings: Mapping[str, Any]
) -> torch.optim.Optimizer:
    """Make the optimizer of one player.

    torch's fused kernel where there is one. Where there is none, torch's other kernels on the processor; on a device
    that the host would have to wait for, the pure update, because only that can heed the guard's flag by itself.

    Args:
        groups: parameters, each group with its weight_decay and its `factor` of the learning rate.
        settings: learning_rate and what else the entry takes; a tensor among them makes it run over replicas.
    """
    numbers = [*settings.values(), *(g["weight_decay"] for g in groups)]
    replicas = any(isinstance(n, Tensor) and n.ndim for n in numbers)
    devices = {p.device.type for g in groups for p in g["params"]}
    fused = devices <= set(entry.fused)
    rated = [{**{k: v for k, v in g.items() if k != "factor"}, **settings} for g in groups]
    for group, given in zip(rated, groups):
        group["learning_rate"] = settings["learning_rate"] * given.get("factor", 1.0)
    if entry.update is not None and (replicas or not (fused or devices <= {"cpu"})):
        return Updates(rated, entry.update)
    return entry.torch_class([entry.in_torchs_words(g) for g in rated], **({"fused": True} if fused else {}))


def parameter_groups(
    named: Mapping[str, nn.Parameter],
    network: nn.Module,
    weight_decay: float | Tensor,
    rates: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Part parameters by what they have in common: their weight decay, and their factor of the learning rate.

    Args:
        named: parameters by the names that they have in `network`.
        rates: factors by a name up to one of its dots; the longest that fits counts, and 1 where none does.
    """
    spared = spared_names(network)
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    decays = isinstance(weight_decay, Tensor) or weight_decay != 0  # else all have it in common
    for name, parameter in named.items():
        groups.setdefault((decays and name in spared, _factor(name, rates or {})), []).append(parameter)
    return [
        {"params": members, "weight_decay": 0.0 if is_spared else weight_decay, "factor": factor}
        for (is_spared, factor), members in groups.items()
    ]


def spared_names(network: nn.Module) -> set[str]:
    """Name the parameters that no penalty touches: biases and the scales of norms.

    Source: Goodfellow et al., "Deep Learning", section 7.1: biases need less data to fit and are left alone.
    """
    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    names = set()
    for path, module in network.named_modules():
        for name, _ in module.named_parameters(recurse=False):
            if isinstance(module, norms) or "bias" in name:
                names.add(f"{path}.{name}" if path else name)
    return names


def begins(name: str, prefix: str) -> bool:
    """Whether a parameter's name is `prefix`, or lies in the part of the network that `prefix` names."""
    return name == prefix or name.startswith(prefix.rstrip(".") + ".")


def _factor(name: str, rates: Mapping[str, float]) -> float:
    fitting = [prefix for prefix in rates if begins(name, prefix)]
    return rates[max(fitting, key=len)] if fitting else 1.0


def spread(value: Any, parameter: Tensor) -> Any:
    """Shape one number a replica so that it spreads over a parameter (replicas, ...)."""
    if isinstance(value, Tensor) and value.ndim == 1:
        return value.to(parameter).reshape(-1, *[1] * (parameter.ndim - 1))
    return value
