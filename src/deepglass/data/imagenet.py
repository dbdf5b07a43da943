"""ImageNet: pictures scaled as networks expect them that were trained on ImageNet."""

import numpy as np

from deepglass.data.source import Raw
from deepglass.errors import SettingError

# Of red, green and blue, in shares of white, over the training pictures of ImageNet: what torchvision's and timm's weights come
# with, https://docs.pytorch.org/vision/stable/models.html.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


def affine_of_imagenet(name: str, raw: Raw, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return offset and scale of each channel, (3, 1, 1): encoded = (share of white - mean) / deviation.

    White is what is known of the pictures, else 255 of bytes and of numbers beyond 1, and 1 of others.
    Raises: SettingError, for anything but pictures in colour.
    """
    if raw.kind != "image" or raw.values.shape[1] != len(MEAN):
        channels = f" of {raw.values.shape[1]} channel{'s' * (raw.values.shape[1] != 1)}" if raw.kind == "image" else ""
        raise SettingError(
            f"data.scaling=imagenet is for pictures in red, green and blue; field {name!r} is {raw.kind}{channels}. "
            f"{'Load grey pictures with colour=rgb.' if channels else 'Use scaling=standard.'}"
        )
    white = raw.top
    if white is None:
        is_large = raw.values.dtype == np.uint8 or float(np.max(np.asarray(raw.values[train]), initial=0)) > 1
        white = 255.0 if is_large else 1.0
    spread = (3, 1, 1)
    return white * np.array(MEAN).reshape(spread), white * np.array(DEVIATION).reshape(spread)
