"""Augmentation: random changes of training images, on the device, a batch at a time.

Each example's numbers are derived from (seed, epoch, sample): who else is in the batch does not matter.
"""

import torch
from torch import Tensor

from deepglass.data.settings import Augment
from deepglass.randomness import Noise


def augment(images: Tensor, settings: Augment, noise: Noise, fill: Tensor) -> Tensor:
    """Return changed copies. Shapes: images (examples, channels, height, width), fill (channels, 1, 1)."""
    if settings.shift:
        images = shift(images, noise.integers("shift", -settings.shift, settings.shift + 1, 2), fill)
    return images


def shift(images: Tensor, pixels: Tensor, fill: Tensor) -> Tensor:
    """Move each image down and right by its own whole number of pixels.

    Shapes: images (examples, channels, height, width), pixels (examples, 2) int64 as (down, right), fill (channels, 1, 1):
    what moves in at the borders.
    """
    n, _, height, width = images.shape
    rows = torch.arange(height, device=images.device) - pixels[:, :1]  # (examples, height): where each row comes from
    columns = torch.arange(width, device=images.device) - pixels[:, 1:]
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & ((columns >= 0) & (columns < width))[:, None, None, :]
    example = torch.arange(n, device=images.device)[:, None, None]
    moved = images.permute(0, 2, 3, 1)[
        example, rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :]
    ].permute(0, 3, 1, 2)
    return torch.where(inside, moved, fill.to(images))
