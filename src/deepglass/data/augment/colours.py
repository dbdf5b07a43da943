"""Colours: brightness, contrast and saturation of an image, in its raw values, so that the encoding does not matter.

Shapes throughout: raw (examples, channels, height, width), factor (examples, 1, 1, 1). Values are not cut off at the
ends of their range: a network needs no limits, and the changes stay linear.
"""

from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look; ITU-R BT.601


def colours_of(channels: int) -> int:
    """How many channels are colours: the fourth of four is transparency, and is left as it is."""
    return 3 if channels == 4 else channels


def brightness(raw: Tensor, factor: Tensor) -> Tensor:
    return raw * factor


def contrast(raw: Tensor, factor: Tensor) -> Tensor:
    """Move values away from the image's mean grey (factor above 1) or towards it."""
    # In double, because the order in which floats are added may differ with the size of the batch.
    middle = grey(raw).flatten(1).double().mean(dim=1).to(raw.dtype)[:, None, None, None]
    return middle + (raw - middle) * factor


def saturation(raw: Tensor, factor: Tensor) -> Tensor:
    """Move the colours of each pixel away from its grey (factor above 1) or towards it."""
    middle = grey(raw)
    return middle + (raw - middle) * factor


def grey(raw: Tensor) -> Tensor:
    """Shapes: returns (examples, 1, height, width): the luma of three channels, of others the mean."""
    if raw.shape[1] == 3:
        return LUMA[0] * raw[:, :1] + LUMA[1] * raw[:, 1:2] + LUMA[2] * raw[:, 2:]
    total = raw[:, :1]
    for channel in range(1, raw.shape[1]):
        total = total + raw[:, channel : channel + 1]
    return total / raw.shape[1]
