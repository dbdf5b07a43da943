"""Means: how the losses of single examples become the loss of a batch."""

import torch
from torch import Tensor

from deepglass.errors import SettingError


def mixed_loss(own: Tensor, partners: Tensor, shares: Tensor, name: str) -> Tensor:
    """The losses of examples that were blended with partners: shares * own + (1 - shares) * partners', (examples,).

    Raises: SettingError, when the loss gives one number a batch, which cannot be shared out.
    """
    if own.ndim == 0:
        raise SettingError(
            f"data.augment.mixup shares out the loss of each example, and {name} gives one number for all of them. "
            "Return one number an example, or use mixup=0."
        )
    return shares * own + (1 - shares) * partners


def weighted_mean(each: Tensor, weights: Tensor | None, counts: Tensor | None = None) -> Tensor:
    """The mean of one number an example, each counting as much as its weight; a lone number stays as it is.

    Args: counts: what an example counts beside its weight, when `each` is multiplied by it already.
    """
    if each.ndim == 0 or (weights is None and counts is None):
        return each.mean()
    if weights is not None:
        each, counts = each * weights, weights if counts is None else counts * weights
    assert counts is not None
    return each.sum() / counts.sum().clamp_min(torch.finfo(counts.dtype).tiny)  # where all weigh nothing, the loss is 0
