"""Partial convolution: each output map sees only the input maps that a table gives it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import ShapeError


class PartialConv2d(nn.Module):
    """Convolve along the connections of a table, and train no weight for the others.

    Shapes: input (batch, in_channels, height, width), output (batch, len(table), height', width').
    Args:
        in_channels: channels of the input.
        table: for each output map, the numbers of the input maps that it sees, counted from 0.
        kernel_size: side of the kernels in pixels.
        padding: zeros around the input, in pixels.
    Raises: ShapeError, when the table names an input map that is not there.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
        Proceedings of the IEEE, 1998, section II.B, table I.
    """

    place: Tensor

    def __init__(self, in_channels: int, table: Sequence[Sequence[int]], kernel_size: int, *, padding: int = 0) -> None:
        super().__init__()
        wrong = sorted({i for row in table for i in row if not 0 <= i < in_channels})
        if wrong:
            raise ShapeError(
                f"The table names input maps {wrong}, and {in_channels=} has 0 to {in_channels - 1}. Correct the table."
            )
        self.in_channels, self.kernel_size, self.padding = in_channels, kernel_size, padding
        self.connections = [(o, i) for o, row in enumerate(table) for i in row]
        self.weight = nn.Parameter(torch.empty(len(self.connections), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        # Where each (output, input) finds its kernel; those without a connection find a kernel of zeros, the last.
        place = [[len(self.connections)] * in_channels for _ in table]
        for number, (o, i) in enumerate(self.connections):
            place[o][i] = number
        self.register_buffer("place", torch.tensor(place), persistent=False)
        self.set_weight(nn.init.xavier_uniform_(self.full_weight().detach()))

    def full_weight(self) -> Tensor:
        """Return the weight of the ordinary convolution that computes the same: (outputs, inputs, kernel, kernel)."""
        none = self.weight.new_zeros(1, self.kernel_size, self.kernel_size)
        return torch.cat([self.weight, none])[self.place]

    def set_weight(self, full: Tensor) -> None:
        """Take the connected kernels out of the weight of an ordinary convolution."""
        with torch.no_grad():
            self.weight.copy_(torch.stack([full[o, i] for o, i in self.connections]))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.full_weight(), self.bias, padding=self.padding)

    def multiply_adds(self, output_shape: Sequence[int]) -> int:
        """Count those of one example, from the output's (maps, height, width)."""
        return self.weight.numel() * output_shape[1] * output_shape[2]

    def extra_repr(self) -> str:
        outputs, k = len(self.bias), self.kernel_size
        return f"{self.in_channels}, {outputs}, kernel_size={k}, connections={len(self.connections)}"
