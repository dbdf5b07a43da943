"""Gradients: those of the loss of one step, over one batch or over several as if they were one."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.tasks.task import weight_of

Losses = dict[str, Tensor]


def differentiate(
    losses_of: Callable[[Batch], Losses],
    batches: Sequence[Batch],
    parameters: Iterable[nn.Parameter],
    weight_of: Callable[[Batch], float | Tensor] = weight_of,
) -> Losses:
    """Set the gradients of the mean loss over all examples of `batches`, and return the losses.

    Each batch counts by `weight_of` it, such as the number of its examples, so uneven batches give what one batch would that
    holds them all, wherever a loss is a mean over examples. Batch norm takes its statistics from each batch alone.
    """
    if len(batches) == 1:
        losses = losses_of(batches[0])
        losses["loss"].backward()
        return losses
    sums: Losses = {}
    total: float | Tensor = 0
    for batch in batches:
        count = weight_of(batch)
        losses = losses_of(batch)
        (losses["loss"] * count).backward()
        for name, value in losses.items():
            sums[name] = sums.get(name, 0) + value.detach() * count
        total = total + count
    torch._foreach_div_([p.grad for p in parameters if p.grad is not None], total)
    return {name: value / total for name, value in sums.items()}
