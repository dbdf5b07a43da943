"""Variants: how many different images exact moves make of one, counted and listed."""

from collections.abc import Iterator

import torch
from torch import Tensor

from deepglass.data.augment.moves import crop, flip, shift
from deepglass.data.augment.settings import Augment


def crops_and_flips(image: Tensor, height: int, width: int) -> Iterator[Tensor]:
    """List every window of an image and its mirror image.

    Shapes: image (channels, rows, columns); yields (channels, height, width), 2 (rows - height + 1)(columns - width + 1)
    of them. Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012, section 4.1, count
    32 x 32 x 2 = 2048 for windows of 224 in images of 256, leaving out the last place each way (all: 33 x 33 x 2 = 2178).
    """
    for top in range(image.shape[1] - height + 1):
        for left in range(image.shape[2] - width + 1):
            window = image[:, top : top + height, left : left + width]
            yield window
            yield window.flip(2)


def variants(image: Tensor, settings: Augment, fill: Tensor) -> Iterator[Tensor]:
    """List all that flip, flip_vertical, crop and shift can make of one image. Shapes: as in `shift`, for one image."""
    one = image[None]
    for mirrored in _both(one, settings.flip, 3):
        for turned in _both(mirrored, settings.flip_vertical, 2):
            for corner in _places(settings.crop):
                for pixels in _places(settings.shift):
                    yield shift(crop(turned, corner), pixels, fill)[0]


def count_variants(settings: Augment) -> int:
    """How many places and mirrorings flip, flip_vertical, crop and shift choose from.

    >>> count_variants(Augment(flip=True, crop=2))  # 5 x 5 places, twice
    50
    """
    sides = (2 * settings.crop + 1) * (2 * settings.shift + 1)
    return sides**2 * (1 + settings.flip) * (1 + settings.flip_vertical)


def _both(image: Tensor, wanted: bool, axis: int) -> list[Tensor]:
    return [image, flip(image, torch.tensor([True]), axis)] if wanted else [image]


def _places(reach: int) -> Iterator[Tensor]:
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            yield torch.tensor([[down, right]])
