"""Standardize example: each example brought to mean 0 and deviation 1 by itself."""

from torch import Tensor, nn

LEAST_DEVIATION = 1e-5  # of an example whose numbers are all the same


class StandardizeExample(nn.Module):
    """Take its own mean off each example and divide by its own deviation, over all of its numbers together.

    So neither the loudness of a recording nor the gain of a sensor matters, while channels keep their proportions.
    Shapes: input and output (batch, ...).
    """

    def forward(self, x: Tensor) -> Tensor:
        axes = tuple(range(1, x.ndim))
        centred = x - x.mean(dim=axes, keepdim=True)
        return centred / (centred.square().mean(dim=axes, keepdim=True) + LEAST_DEVIATION**2).sqrt()
