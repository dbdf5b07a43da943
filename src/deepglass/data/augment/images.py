"""Images: all changes of a batch of images, one after another, on its device.

Each example's numbers are derived from (seed, epoch, sample): who else is in the batch does not matter.
"""

import torch
from torch import Tensor

from deepglass.data.augment.colours import brightness, colours_of, contrast, saturation
from deepglass.data.augment.erase import erase
from deepglass.data.augment.moves import crop, flip, shift, turn
from deepglass.data.augment.settings import Augment
from deepglass.randomness import Noise


def augment(images: Tensor, settings: Augment, noise: Noise, fill: Tensor, unit: Tensor) -> Tensor:
    """Return changed copies: moved, then coloured, then erased. Noise and mixup are for all kinds of input: `batches.py`.

    Shapes: images (examples, channels, height, width); fill (channels, 1, 1), the encoded value of raw 0, and unit alike,
    what one raw step makes encoded.
    """
    if settings.flip:
        images = flip(images, noise.uniform("flip") < 0.5, 3)
    if settings.flip_vertical:
        images = flip(images, noise.uniform("flip vertical") < 0.5, 2)
    if settings.crop:
        images = crop(images, noise.integers("crop", -settings.crop, settings.crop + 1, 2))
    if settings.shift:
        images = shift(images, noise.integers("shift", -settings.shift, settings.shift + 1, 2), fill)
    if settings.rotate or settings.scale:
        degrees = settings.rotate * _either_way(noise, "rotate")
        images = turn(images, degrees, 1 + settings.scale * _either_way(noise, "scale").double(), fill)
    if settings.brightness or settings.contrast or settings.saturation:
        images = _coloured(images, settings, noise, fill.to(images), unit.to(images))
    if settings.erase:
        images = erase(images, noise.uniform("erase", 4), settings.erase, fill)
    return images


def _coloured(images: Tensor, settings: Augment, noise: Noise, fill: Tensor, unit: Tensor) -> Tensor:
    count = colours_of(images.shape[1])
    raw = (images[:, :count] - fill[:count]) / unit[:count]
    for change in (brightness, contrast, saturation):
        most = getattr(settings, change.__name__)
        if most:
            raw = change(raw, (1 + most * _either_way(noise, change.__name__))[:, None, None, None])
    coloured = raw * unit[:count] + fill[:count]
    return coloured if count == images.shape[1] else torch.cat([coloured, images[:, count:]], dim=1)


def _either_way(noise: Noise, name: str) -> Tensor:
    """Shape (examples,), from -1 to 1."""
    return 2 * noise.uniform(name) - 1
