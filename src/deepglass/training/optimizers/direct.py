"""Direct: torch's optimizers without the wrappers that are there for `torch.compile`.

Nothing here is compiled, and the first call of such a wrapper imports torch's compiler, which takes a second of the first
training in a process. What is called is the function inside it, so every number is the same.
"""

from collections.abc import Callable
from inspect import unwrap
from typing import Any

import torch


class Direct(torch.optim.Optimizer):
    """What an optimizer does without the wrappers. It stands first among the bases of a class, before torch's own."""

    add_param_group = unwrap(torch.optim.Optimizer.add_param_group)
    zero_grad = unwrap(torch.optim.Optimizer.zero_grad)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        with torch.no_grad():
            return unwrap(super().step)(self, closure)


class SGD(Direct, torch.optim.SGD):
    """torch.optim.SGD."""


class Adagrad(Direct, torch.optim.Adagrad):
    """torch.optim.Adagrad."""


class RMSprop(Direct, torch.optim.RMSprop):
    """torch.optim.RMSprop."""


class Adadelta(Direct, torch.optim.Adadelta):
    """torch.optim.Adadelta."""


class Adam(Direct, torch.optim.Adam):
    """torch.optim.Adam."""


class AdamW(Direct, torch.optim.AdamW):
    """torch.optim.AdamW."""
