"""Inception: a block that looks at several scales at once."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

NORM_EPSILON = 1e-3  # of the published GoogLeNet weights with batch norm, as in TensorFlow's slim


class Inception(nn.Module):
    """See what arrives with kernels of 1x1, 3x3, 5x5 and with max pooling, and put the maps side by side.

    1x1 convolutions before the larger kernels make the maps fewer, so that these stay cheap.
    Shapes: input (batch, in_channels, height, width), output (batch, one + three[1] + five[1] + pooled, height, width).
    Args:
        one: maps of the 1x1 branch.
        three: maps before and of the 3x3 kernels, such as (96, 128).
        five: the same of the 5x5 kernels.
        pooled: maps made of what 3x3 max pooling gives.
        batch_norm: whether each convolution is followed by batch norm, and has no bias then.
        wide_kernel: side of the widest kernels; 3 in torchvision's weights, by an old slip that was kept there
            (github.com/pytorch/vision, issue 906).
    Source: Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842, figure 2b; with batch norm: Ioffe and Szegedy,
        arXiv:1502.03167.
    """

    def __init__(
        self,
        in_channels: int,
        one: int,
        three: Sequence[int],
        five: Sequence[int],
        pooled: int,
        *,
        batch_norm: bool = False,
        wide_kernel: int = 5,
    ) -> None:
        super().__init__()
        self.out_channels = one + three[1] + five[1] + pooled
        norm = batch_norm
        self.branch1 = conv_unit(in_channels, one, 1, batch_norm=norm)
        self.branch2 = nn.Sequential(
            conv_unit(in_channels, three[0], 1, batch_norm=norm), conv_unit(three[0], three[1], 3, batch_norm=norm)
        )
        self.branch3 = nn.Sequential(
            conv_unit(in_channels, five[0], 1, batch_norm=norm),
            conv_unit(five[0], five[1], wide_kernel, batch_norm=norm),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), conv_unit(in_channels, pooled, 1, batch_norm=norm)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


def conv_unit(
    in_channels: int, out_channels: int, kernel: int, *, stride: int = 1, batch_norm: bool = False
) -> nn.Sequential:
    """A convolution that keeps the size (but for its stride), with ReLU and perhaps batch norm: `conv`, `bn`, `activation`."""
    convolution = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=not batch_norm)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv=convolution)
    if batch_norm:
        layers["bn"] = nn.BatchNorm2d(out_channels, eps=NORM_EPSILON)
    layers["activation"] = nn.ReLU()
    return nn.Sequential(layers)
