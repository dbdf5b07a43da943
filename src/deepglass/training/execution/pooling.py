"""Pooling: the maximum of 2 x 2 windows, taken pair by pair."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

SIDE = 2


class PairwiseMax(torch.autograd.Function):
    """The largest of each 2 x 2 window: first of each row's two, then of the two rows.

    Shapes: x (examples, channels, height, width), channels last; returns (examples, channels, height // 2, width // 2).
    The first of several that are equal, in the order of reading, takes the gradient, as in torch.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor) -> Tensor:
        a, b, c, d = _corners(x)
        top, bottom = torch.maximum(a, b), torch.maximum(c, d)
        ctx.save_for_backward(x, top, bottom)
        return torch.maximum(top, bottom)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> Tensor:
        x, of_top, of_bottom = ctx.saved_tensors  # type: ignore[attr-defined]
        a, b, c, d = _corners(x)
        result = torch.empty_like(x)
        height, width = gradient.shape[2] * SIDE, gradient.shape[3] * SIDE
        result[:, :, height:] = 0
        result[:, :, :, width:] = 0
        to_a, to_b, to_c, to_d = _corners(result)
        top = gradient * _leads(of_top, of_bottom)
        bottom = gradient - top
        torch.mul(top, _leads(a, b), out=to_a)
        torch.sub(top, to_a, out=to_b)
        torch.mul(bottom, _leads(c, d), out=to_c)
        torch.sub(bottom, to_c, out=to_d)
        return result


class QuickMaxPool2d(nn.Module):
    """Max pooling of 2 x 2 windows that do not overlap."""

    def __init__(self, kernel_size: Any) -> None:
        super().__init__()

    @staticmethod
    def fits(pool: nn.MaxPool2d) -> bool:
        """Whether a layer is of that kind."""
        two, none, one = (2, (2, 2)), (0, (0, 0)), (1, (1, 1))
        plain = pool.padding in none and pool.dilation in one
        return pool.kernel_size in two and pool.stride in two and plain and not (pool.ceil_mode or pool.return_indices)

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu" or x.ndim != 4:
            return nn.functional.max_pool2d(x, SIDE)
        result: Tensor = PairwiseMax.apply(x)
        return result


def _corners(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The four places of every whole window, in the order of reading."""
    whole = x[:, :, : x.shape[2] // SIDE * SIDE, : x.shape[3] // SIDE * SIDE]
    top, bottom = whole[:, :, ::SIDE], whole[:, :, 1::SIDE]
    return top[..., ::SIDE], top[..., 1::SIDE], bottom[..., ::SIDE], bottom[..., 1::SIDE]


def _leads(one: Tensor, other: Tensor) -> Tensor:
    """1 where `one` is at least as large, else 0, in its own type: answers of another type take four times as long."""
    return torch.ge(one, other, out=torch.empty_like(one, memory_format=torch.preserve_format))
