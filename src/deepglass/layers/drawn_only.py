"""DrawnOnly: drawings whose end is known by the mask that recurrent networks and transformers read off their input."""

from torch import Tensor, nn

OVER = 4  # the column that is 1 where a drawing is over


class DrawnOnly(nn.Module):
    """Put nan where a drawing is over, which is what the padding of a series is.

    Shapes: (batch, points, 5) of dx, dy and one of three for the pen, the last of them over; returned as it came.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.masked_fill(x[..., OVER:] > 0, float("nan"))
