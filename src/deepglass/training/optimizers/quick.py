"""Quick: a step of torch's fused kernels without what torch looks up anew each time.

For a small network torch spends ten times as long on sorting its tensors by device and type as on the step itself. What is
called here is the kernel that `step` would call, with the same numbers, so the weights are the same to the bit.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.training.optimizers.direct import Adam, AdamW
from deepglass.training.optimizers.make import Updates, spread
from deepglass.training.optimizers.updates import adam, adamw

ONE = torch.ones(
    ()
)  # added to each count of steps: a list of tensors takes torch a third of the time that a number does
Kernel = Callable[[Any, Sequence[nn.Parameter], list[Tensor], list[Any], dict[str, Any]], None]


def quick_step(optimizer: torch.optim.Optimizer) -> bool:
    """Take a step on the processor with gradients that are known to be finite. Returns whether it was taken.

    It is not where the optimizer has no state yet, is watched by hooks, or is of a kind that is not known here.
    """
    kernel = KERNELS.get(type(optimizer)) if optimizer.defaults.get("fused") else None
    if isinstance(optimizer, Updates) and all(_is_adam(optimizer, group) for group in optimizer.param_groups):
        kernel = _adam_of_replicas
    if kernel is None:
        return False
    if optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks:
        return False
    work = []
    for group in optimizer.param_groups:
        parameters, gradients, states = [], [], []
        for parameter in group["params"]:
            if (gradient := parameter.grad) is not None:
                state = optimizer.state[parameter]
                if not state or not gradient.is_cpu:
                    return False
                parameters.append(parameter)
                gradients.append(gradient)
                states.append(state)
        work.append((parameters, gradients, states, group))
    with torch.no_grad():
        for parameters, gradients, states, group in work:
            if parameters:
                kernel(optimizer, parameters, gradients, states, group)
    return True


def _adam(
    optimizer: Any,
    parameters: Sequence[nn.Parameter],
    gradients: list[Tensor],
    states: list[Any],
    group: dict[str, Any],
) -> None:
    beta1, beta2 = group["betas"]
    kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
    decay, epsilon = group["weight_decay"], group["eps"]
    _take(kernel, parameters, gradients, states, group["lr"], beta1, beta2, decay, epsilon)


def _take(
    kernel: Any,
    changed: Sequence[Tensor],
    gradients: list[Tensor],
    states: list[Any],
    rate: float | Tensor,
    beta1: float,
    beta2: float,
    decay: float,
    epsilon: float,
) -> None:
    """Count a step, and let a kernel take it."""
    steps = [state["step"] for state in states]
    torch._foreach_add_(steps, [ONE] * len(steps))
    kernel(
        list(changed),
        gradients,
        [state["exp_avg"] for state in states],
        [state["exp_avg_sq"] for state in states],
        [],
        steps,
        lr=rate,
        beta1=beta1,
        beta2=beta2,
        weight_decay=decay,
        eps=epsilon,
        amsgrad=False,
        maximize=False,
    )


def _is_adam(optimizer: Updates, group: Mapping[str, Any]) -> bool:
    """Whether replicas take Adam's step with nothing of their own but rate and decay."""
    alike = not any(isinstance(group[name], Tensor) for name in ("beta1", "beta2", "epsilon") if name in group)
    return optimizer.update in (adam, adamw) and alike


def _adam_of_replicas(
    optimizer: Any,
    parameters: Sequence[nn.Parameter],
    gradients: list[Tensor],
    states: list[Any],
    group: dict[str, Any],
) -> None:
    """The step of all replicas at rate 1, taken from zero by the kernel, then each replica's times its own rate."""
    rates = [spread(group["learning_rate"], p) for p in parameters]
    for parameter, gradient, rate in zip(parameters, gradients, rates):
        decay = spread(group["weight_decay"], parameter)
        if optimizer.update is adamw:
            parameter.mul_(1 - rate * decay)
        elif isinstance(decay, Tensor) or decay:
            gradient.addcmul_(parameter, torch.as_tensor(decay, dtype=parameter.dtype))
    moves = [torch.zeros_like(p) for p in parameters]
    _take(torch._fused_adam_, moves, gradients, states, 1.0, group["beta1"], group["beta2"], 0.0, group["epsilon"])
    for parameter, move, rate in zip(parameters, moves, rates):
        parameter.addcmul_(move, torch.as_tensor(rate, dtype=parameter.dtype))


KERNELS: dict[type[torch.optim.Optimizer], Kernel] = dict.fromkeys(
    (torch.optim.Adam, torch.optim.AdamW, Adam, AdamW), _adam
)
