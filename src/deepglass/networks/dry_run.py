"""Dry run: what a module does to shapes, without its numbers."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Result = TypeVar("Result")

# Up to these sizes zeros are computed in milliseconds, while the first step on the meta device takes a second: torch
# then imports its symbolic mathematics.
SMALL_EXAMPLE, SMALL_NETWORK = 50_000, 2_000_000  # numbers


def dry_run(module: nn.Module, run: Callable[[nn.Module, str], Result], *, example: int) -> Result:
    """Return `run(copy, device)` for a copy in evaluation mode, with inputs of so many numbers.

    What is large runs on the meta device, and nothing is allocated; what is small, or looks at numbers
    (`if x.max() > 0`), runs on real zeros. The module itself, its forward hooks and the caller's random state are
    left alone.
    """
    tensors = [*module.parameters(), *module.buffers()]
    without_numbers = any(tensor.is_meta for tensor in tensors)
    size = sum(tensor.numel() for tensor in tensors)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        if not without_numbers and example <= SMALL_EXAMPLE and size <= SMALL_NETWORK:
            return run(_ready(_on_cpu(module)), "cpu")
        try:
            return run(_ready(on_meta(module)), "meta")
        except (RuntimeError, TypeError) as error:  # NotImplementedError is a RuntimeError
            needs_numbers = "meta" in str(error).lower() or isinstance(error, NotImplementedError)
            if not needs_numbers or without_numbers:
                raise
        return run(_ready(_on_cpu(module)), "cpu")


def on_meta(module: nn.Module) -> nn.Module:
    """Copy a module onto the meta device, where tensors have shapes and no storage."""
    return _copied(module, lambda tensor: torch.empty_like(tensor, device="meta"))


def _on_cpu(module: nn.Module) -> nn.Module:
    return _copied(module, lambda tensor: tensor.to("cpu", copy=True))


def _copied(module: nn.Module, copy: Callable[[Tensor], Tensor]) -> nn.Module:
    tensors = [*module.parameters(), *module.buffers()]
    # Plain attributes too: pruning keeps the pruned weight in one, and deepcopy refuses those with a history.
    tensors += [value for part in module.modules() for value in vars(part).values() if isinstance(value, Tensor)]
    memo: dict[int, Any] = {}
    for tensor in tensors:
        new = copy(tensor.detach())
        memo[id(tensor)] = nn.Parameter(new, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else new
    return deepcopy(module, memo)


def _ready(copy: nn.Module) -> nn.Module:
    for module in copy.modules():
        module._forward_hooks.clear()  # somebody's probes, which are not to see this example
    return copy.eval()
