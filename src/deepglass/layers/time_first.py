"""TimeFirst: signals and images as rows of steps in time, which recurrent networks and transformers read."""

from torch import Tensor, nn


class TimeFirst(nn.Module):
    """Put time second: of a signal each sample is a step, of an image each column.

    Shapes: (batch, channels, time) -> (batch, time, channels); (batch, channels, height, width) -> (batch, width,
    channels * height).
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1, -2).transpose(1, 2)
