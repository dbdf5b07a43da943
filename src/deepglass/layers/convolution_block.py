"""Convolution block: convolution, activation and pooling, which courses draw as one layer."""

from torch import nn

from deepglass.errors import SettingError
from deepglass.names import find


class ConvBlock(nn.Sequential):
    """A convolution, perhaps batch norm, an activation, perhaps a pooling: one layer of a convolutional network.

    Shapes: input (batch, in_channels, height, width), output (batch, out_channels, height', width'); with padding "same" and a
    pooling of 2 both sides are halved, rounded down.
    Args:
        kernel_size: side of the kernels in pixels. padding: "same", "valid", or pixels on each side.
        batch_norm: whether one follows the convolution, which then has no bias.
        activation: by name, as in `layers.ACTIVATIONS`.
        pool: side of the pooling's windows, which do not overlap; 1 leaves it out. pooling: "max" or "average".
    Raises: UnknownName; SettingError, for a pooling of less than one pixel.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3, figure 9.7, left.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        *,
        padding: str | int = "same",
        batch_norm: bool = False,
        activation: str = "relu",
        pool: int = 2,
        pooling: str = "max",
    ) -> None:
        from deepglass.layers import ACTIVATIONS  # here, because the folder whose catalogue this is imports this file

        if pool < 1:
            raise SettingError(f"{pool=} is no window. Give its side in pixels, or 1 for no pooling.")
        super().__init__()
        make = find("pooling", pooling, POOLINGS)
        self.add_module("conv", nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding, bias=not batch_norm))
        if batch_norm:
            self.add_module("norm", nn.BatchNorm2d(out_channels))
        self.add_module("activation", find("activation", activation, ACTIVATIONS)())
        if pool > 1:
            self.add_module("pool", make(pool))


POOLINGS: dict[str, type[nn.MaxPool2d] | type[nn.AvgPool2d]] = {"average": nn.AvgPool2d, "max": nn.MaxPool2d}
