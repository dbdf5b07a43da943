"""Global pooling: one number a map, whatever its size."""

from torch import Tensor, nn


class GlobalAveragePool(nn.Module):
    """Average each map, so that dense layers behind it take signals, images or volumes of any size.

    Shapes: input (batch, channels, *sizes), output (batch, channels).
    Source: Lin, Chen and Yan, "Network In Network", ICLR 2014, section 3.2.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(dim=2)


class GlobalMaxPool(nn.Module):
    """Keep the largest number of each map: whether a pattern is there, wherever it is.

    Shapes: input (batch, channels, *sizes), output (batch, channels).
    Source: Oquab et al., "Is object localization for free?", CVPR 2015, section 3.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).max(dim=2).values
