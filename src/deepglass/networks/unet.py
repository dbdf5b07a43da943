"""Unet: one answer for each pixel, from what is near it and from the whole image."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.layers import initialize
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape


def unet(
    shape: Shape,
    outputs: int,
    *,
    width: int = 64,
    depth: int = 4,
    norm: bool = True,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Shrink the image step by step, enlarge it again, and put what was seen at each size beside what comes back up.

    Shapes: input (batch, channels, height, width), any size; output (batch, outputs, height, width). An image whose sides are
    no multiples of 2^depth is continued by its last pixels at the right and below, and the answers there are cut off.
    Args:
        width: maps at full size; twice as many after each step down.
        depth: steps down.
        norm: batch norm after each convolution, which the paper does not have.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
        arXiv:1505.04597, figure 1. Its convolutions have no padding, so its answers cover only the middle of an image; here
        all are padded.
    """
    channels, _, _ = parts.image("unet", shape)
    width, depth = parts.size("width", width), parts.size("depth", depth)
    head = parts.finished({"each_pixel": nn.Conv2d(width, outputs, 1)}, "default", output_activation)
    network = Unet(channels, head, width, depth, norm)
    initialize(network, initialization, activation=nn.ReLU())
    return network


class Unet(nn.Module):
    """See `unet`. `down` and `up` hold a pair of convolutions for each size, `enlarge` the steps between them."""

    def __init__(self, channels: int, head: nn.Module, width: int, depth: int, norm: bool) -> None:
        super().__init__()
        widths = [width * 2**k for k in range(depth + 1)]
        self.down = nn.ModuleList(_pair(i, o, norm) for i, o in zip([channels, *widths], widths))
        self.pool = nn.MaxPool2d(2)
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[-2::-1])
        self.up = nn.ModuleList(_pair(2 * w, w, norm) for w in widths[-2::-1])
        self.output = head
        self.multiple = 2**depth

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        right, below = -width % self.multiple, -height % self.multiple
        if right or below:
            x = F.pad(x, (0, right, 0, below), mode="replicate")
        seen = []
        for pair in self.down[:-1]:
            x = pair(x)
            seen.append(x)
            x = self.pool(x)
        x = self.down[-1](x)
        for enlarge, pair in zip(self.enlarge, self.up):
            x = pair(torch.cat([seen.pop(), enlarge(x)], 1))
        answers: Tensor = self.output(x)
        return answers[:, :, :height, :width]


def _pair(channels: int, width: int, norm: bool) -> nn.Sequential:
    """Two 3x3 convolutions that keep the size."""
    row = nn.Sequential()
    for arriving in (channels, width):
        row.append(nn.Conv2d(arriving, width, 3, padding=1, bias=not norm))
        if norm:
            row.append(nn.BatchNorm2d(width))
        row.append(nn.ReLU())
    return row
