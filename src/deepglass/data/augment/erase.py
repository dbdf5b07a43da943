"""Erase: a rectangle of an image is blanked, so that no single part of it is relied on."""

import math

import torch
from torch import Tensor

LONGEST = 3.0  # height to width of a rectangle, at most, and the other way round; Zhong et al., section 3.2


def erase(images: Tensor, numbers: Tensor, share: float, fill: Tensor) -> Tensor:
    """Blank a rectangle of each image.

    Shapes: images (examples, channels, height, width), fill (channels, 1, 1), numbers (examples, 4) from 0 to 1:
    they decide on area (0 to `share` of the image), shape, and place from top and left.
    Source: Zhong et al., "Random Erasing Data Augmentation", AAAI 2020; here every image gets a rectangle, at times tiny.
    """
    height, width = images.shape[2:]
    area, shape, top, left = numbers.double().unbind(dim=1)
    side = (area * share * height * width).sqrt()
    longer = torch.exp((shape - 0.5) * math.log(LONGEST))  # the square root of height to width
    tall = (side * longer).round().clamp(max=height)
    wide = (side / longer).round().clamp(max=width)
    inside_rows = _between(top * (height - tall + 1), tall, height)
    inside_columns = _between(left * (width - wide + 1), wide, width)
    return torch.where(inside_rows[:, None, :, None] & inside_columns[:, None, None, :], fill.to(images), images)


def _between(start: Tensor, length: Tensor, size: int) -> Tensor:
    start = start.floor()[:, None]
    place = torch.arange(size, device=start.device)
    return (place >= start) & (place < start + length[:, None])
