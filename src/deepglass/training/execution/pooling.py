"""Pooling: the maximum of 2 x 2 windows, taken pair by pair, and with ReLU before it in one pass."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

SIDE = 2
WHOLE = {torch.float32: torch.int32, torch.bfloat16: torch.int16}  # whose order is that of the numbers, from 0 on


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


class PositiveMax(torch.autograd.Function):
    """The largest of each 2 x 2 window and of 0: ReLU and pooling, or pooling and ReLU, at once.

    The bits of numbers from 0 on, read as whole numbers, keep their order, and negative numbers are negative there too. So the
    largest is found among whole numbers, which in bfloat16 takes a quarter of the time. A nan whose sign is set becomes 0.
    Shapes and ties: as in PairwiseMax; where nothing is above 0 nobody takes the gradient.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor) -> Tensor:
        y = positive_max(x)
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> Tensor:
        x, y = ctx.saved_tensors  # type: ignore[attr-defined]
        return to_positive_max(gradient, x, y, torch.zeros_like(x))


def positive_max(x: Tensor) -> Tensor:
    """Return the largest of 0 and each 2 x 2 window."""
    bits = _whole(x)
    height, width = (side // SIDE * SIDE for side in x.shape[2:])
    rows = torch.maximum(bits[:, :, :height:SIDE, :width], bits[:, :, 1:height:SIDE, :width])
    return torch.maximum(rows[..., ::SIDE], rows[..., 1::SIDE]).clamp_(min=0).view(x.dtype)


def to_positive_max(gradient: Tensor, x: Tensor, y: Tensor, result: Tensor) -> Tensor:
    """Write the gradient of y into `result`, where each window's first largest number is; what is left over stays as it is.

    Where it goes is told by 0 and 1, times its bits: a comparison with answers of another type takes four times as long.
    """
    corners, to = _corners(_whole(x)), _corners(_whole(result))
    largest = _whole(y)
    takes = torch.empty_like(largest)
    left = torch.ops.aten.threshold_backward(
        _whole(gradient.to(x.dtype, memory_format=torch.channels_last)), largest, 0
    )
    for corner, place, after in zip(corners, to, (left, left, to[-1])):
        torch.mul(torch.eq(corner, largest, out=takes), left, out=place)
        torch.sub(left, place, out=after)
    return result


class QuickMaxPool2d(nn.Module):
    """Max pooling of 2 x 2 windows that do not overlap. Args: positive: whether ReLU is taken with it."""

    def __init__(self, positive: bool = False) -> None:
        super().__init__()
        self.positive = positive

    @staticmethod
    def fits(pool: nn.Module) -> bool:
        """Whether a layer is of that kind."""
        if type(pool) is not nn.MaxPool2d:
            return False
        two, none, one = (2, (2, 2)), (0, (0, 0)), (1, (1, 1))
        plain = pool.padding in none and pool.dilation in one
        return pool.kernel_size in two and pool.stride in two and plain and not (pool.ceil_mode or pool.return_indices)

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu" or x.ndim != 4:
            pooled = nn.functional.max_pool2d(x, SIDE)
            return pooled.relu() if self.positive else pooled
        by: Any = PositiveMax if self.positive and x.dtype in WHOLE else PairwiseMax
        result: Tensor = by.apply(x)
        return result.relu() if self.positive and by is PairwiseMax else result


def _whole(x: Tensor) -> Tensor:
    """The bits of each number as a whole number."""
    return x.view(WHOLE[x.dtype])


def _corners(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The four places of every whole window, in the order of reading."""
    whole = x[:, :, : x.shape[2] // SIDE * SIDE, : x.shape[3] // SIDE * SIDE]
    top, bottom = whole[:, :, ::SIDE], whole[:, :, 1::SIDE]
    return top[..., ::SIDE], top[..., 1::SIDE], bottom[..., ::SIDE], bottom[..., 1::SIDE]


def _leads(one: Tensor, other: Tensor) -> Tensor:
    """1 where `one` is at least as large, else 0, in its own type: answers of another type take four times as long."""
    return torch.ge(one, other, out=torch.empty_like(one, memory_format=torch.preserve_format))
