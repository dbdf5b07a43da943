"""Dry run: what a module does to shapes, without its numbers."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn


def on_meta(module: nn.Module) -> nn.Module:
    """Copy a module onto the meta device, where tensors have shapes and no storage. The original stays as it is."""
    tensors = [*module.parameters(), *module.buffers()]
    memo: dict[int, Any] = {id(tensor): _without_storage(tensor) for tensor in tensors}
    return deepcopy(module, memo)


def _without_storage(tensor: Tensor) -> Tensor:
    empty = torch.empty_like(tensor, device="meta")
    return nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def dry_run(module: nn.Module, run: Callable[[nn.Module, str], Any]) -> Any:
    """Return `run(copy, device)` for a copy in evaluation mode, on the meta device where that is possible.

    A module that looks at numbers (`if x.max() > 0`) runs on real zeros instead, in a real copy.
    """
    with torch.no_grad():
        try:
            return run(on_meta(module).eval(), "meta")
        except (RuntimeError, TypeError, NotImplementedError) as error:
            if "meta" not in str(error).lower() and not isinstance(error, NotImplementedError):
                raise
            if any(tensor.is_meta for tensor in module.parameters()):
                raise  # made without numbers, so there is nothing real to run
        with torch.random.fork_rng(devices=[]):  # its forward may draw numbers
            return run(deepcopy(module).cpu().eval(), "cpu")
