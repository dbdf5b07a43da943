"""Subsampling: pooling that learns one coefficient and one bias per map."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Subsampling(nn.Module):
    """Average each square of pixels, then scale and shift each map by two trained numbers.

    The paper adds the pixels and we average them: the same functions, with a coefficient 4 times larger.
    Shapes: input (batch, channels, height, width), output (batch, channels, height // size, width // size).
    Args:
        channels: channels of the input.
        size: side of the squares in pixels.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
        Proceedings of the IEEE, 1998, section II.B, layers S2 and S4.
    """

    def __init__(self, channels: int, *, size: int = 2) -> None:
        super().__init__()
        self.size = size
        self.coefficient = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        average = F.avg_pool2d(x, self.size)
        return average * self.coefficient[:, None, None] + self.bias[:, None, None]

    def extra_repr(self) -> str:
        return f"{len(self.bias)}, size={self.size}"
