"""Whole: what is measured of the output of the network itself, and of its two modes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.probes.activations import first_tensor

SUMS_TO_ONE = (
    1e-4  # how far from 1 the sum of probabilities may be: the roundings of a softmax over thousands of classes
)
MOST_CLASSES = 256  # whose shares are recorded


@contextmanager
def outputs_of(network: nn.Module) -> Iterator[list[Tensor]]:
    """Collect what a network returns while a block lasts: its first tensor, one entry a call."""
    said: list[Tensor] = []

    def keep(module: nn.Module, arguments: Any, output: Any) -> None:
        y = first_tensor(output)
        if y is not None and y.ndim:
            said.append(y.detach())

    handle = network.register_forward_hook(keep)
    try:
        yield said
    finally:
        handle.remove()


def output_quantities(said: Sequence[Tensor]) -> dict[str, Tensor]:
    """The quantities of outputs. Shapes: (rows, ...) of each call."""
    if not said or any(y.shape[1:] != said[0].shape[1:] for y in said):
        return {}
    y = torch.cat(list(said)).float()
    flat = y.reshape(len(y), -1)
    found = {
        "output_mean": flat.mean(),
        "output_min": flat.min(),
        "output_max": flat.max(),
        "output_spread": flat.var(0, correction=0).mean().sqrt(),
        "output_nonfinite": torch.count_nonzero(flat - flat),
    }
    if y.ndim == 2:
        in_range = ((y >= 0) & (y <= 1)).all(1)
        found["output_row_sums_to_one"] = (in_range & ((y.sum(1) - 1).abs() < SUMS_TO_ONE)).float().mean()
    return found


def mode_gap(training: Sequence[Tensor], evaluating: Sequence[Tensor]) -> dict[str, Tensor]:
    """How far apart the outputs for the same rows are in the two modes, over how much they vary in evaluation mode."""
    if not training or [y.shape for y in training] != [y.shape for y in evaluating]:
        return {}
    first, second = (torch.cat([y.flatten() for y in said]).float() for said in (training, evaluating))
    return {"mode_gap": (first - second).square().mean().sqrt() / second.std(correction=0)}


def class_shares(codes: Tensor, classes: int) -> Tensor:
    """Return the share of each class among `codes`, shape (rows,), as (classes,)."""
    counts = torch.zeros(classes, device=codes.device)
    return counts.index_add_(0, codes.long(), torch.ones(len(codes), device=codes.device)) / max(1, len(codes))
