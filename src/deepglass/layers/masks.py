"""Masks: where a batch of sequences holds something, and where only padding fills it up to the longest."""

import torch
from torch import Tensor


def mask_of(x: Tensor) -> Tensor:
    """Say where `x` holds something: True there, False on padding.

    Shapes: `x` (batch, time) of whole numbers, whose padding is 0, or (batch, time, features) of floats, whose
    padding is nan in all features; returned (batch, time), bool.
    """
    if x.is_floating_point():
        return ~x.isnan().all(dim=-1)
    return x != 0


def lengths_of(mask: Tensor) -> Tensor:
    """Count the steps up to the last one that holds something, 0 where nothing does; a gap before it counts as a step.

    Shapes: `mask` (batch, time), bool; returned (batch,), int64.
    """
    steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    # A column of zeros in front: the largest of no steps at all is 0 also where the batch has no time.
    return torch.nn.functional.pad(steps * mask, (1, 0)).amax(dim=1)


def without_nan(x: Tensor) -> Tensor:
    """Put 0 where `x` is nan; whole numbers are returned as they are.

    Shapes: any; returned as `x`.
    """
    return x.nan_to_num(nan=0.0, posinf=torch.inf, neginf=-torch.inf) if x.is_floating_point() else x


def last_of(outputs: Tensor, mask: Tensor) -> Tensor:
    """Take each example's output at its last step that holds something; zeros for an example of padding alone.

    Shapes: `outputs` (batch, time, features), `mask` (batch, time), bool; returned (batch, features).
    """
    lengths = lengths_of(mask)
    if not mask.shape[1]:
        return outputs.new_zeros(outputs.shape[0], outputs.shape[2])
    last = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, outputs.shape[2])
    return torch.where(lengths[:, None] > 0, outputs.gather(1, last).squeeze(1), 0.0)


def mean_of(outputs: Tensor, mask: Tensor) -> Tensor:
    """Average each example's outputs over the steps that hold something; zeros for an example of padding alone.

    Shapes: `outputs` (batch, time, features), `mask` (batch, time), bool; returned (batch, features).
    """
    kept = torch.where(mask[:, :, None], outputs, 0.0)
    return kept.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1)


def largest_of(outputs: Tensor, mask: Tensor) -> Tensor:
    """Take the largest of each feature over the steps that hold something; zeros for an example of padding alone.

    Shapes: `outputs` (batch, time, features), `mask` (batch, time), bool; returned (batch, features).
    """
    if not mask.shape[1]:
        return outputs.new_zeros(outputs.shape[0], outputs.shape[2])
    lowest = torch.finfo(outputs.dtype).min
    largest = torch.where(mask[:, :, None], outputs, lowest).amax(dim=1)
    return torch.where(mask.any(dim=1, keepdim=True), largest, 0.0)


def reversed_of(x: Tensor, mask: Tensor) -> Tensor:
    """Turn each example's steps round, from its last step that holds something back to its first; padding stays at the end.

    Shapes: `x` (batch, time, ...), `mask` (batch, time), bool; returned as `x`. Done twice, it gives `x` again.
    """
    steps = torch.arange(mask.shape[1], device=mask.device)
    lengths = lengths_of(mask)[:, None]
    order = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (batch, time)
    return x.gather(1, order.reshape(*order.shape, *[1] * (x.ndim - 2)).expand_as(x))
