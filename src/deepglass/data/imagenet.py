"""ImageNet: pictures scaled as networks expect them that were trained on ImageNet."""

import numpy as np

from deepglass.data.source import Raw
from deepglass.errors import SettingError
from deepglass.plurals import counted

# Of red, green and blue, in shares of white, over the training pictures of ImageNet: what torchvision's and timm's weights come
# with, https://docs.pytorch.org/vision/stable/models.html.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


# scaling -> what is taken off, and what it is divided by. torchvision's GoogLeNet came from another library with its pictures from
# -1 to 1, and turns others into these inside (transform_input, torchvision/models/googlenet.py).
SCALINGS = {"imagenet": (MEAN, DEVIATION), "centred": ((0.5,) * 3, (0.5,) * 3)}


def affine_of_imagenet(
    name: str, raw: Raw, train: np.ndarray, scaling: str = "imagenet"
) -> tuple[np.ndarray, np.ndarray]:
    """Return offset and scale of each channel, (3, 1, 1): encoded = (share of white - mean) / deviation; "centred": -1 to 1.

    White is what is known of the pictures, else 255 of bytes and of numbers beyond 1, and 1 of others.
    Raises: SettingError, for anything but pictures in colour.
    """
    if raw.kind != "image" or raw.values.shape[1] != len(MEAN):
        channels = f" of {counted(raw.values.shape[1], 'channel')}" if raw.kind == "image" else ""
        raise SettingError(
            f"data.scaling={scaling} is for pictures in red, green and blue; field {name!r} is {raw.kind}{channels}. "
            f"{'Load grey pictures with colour=rgb.' if channels else 'Use scaling=standard.'}"
        )
    white = raw.top
    if white is None:
        is_large = raw.values.dtype == np.uint8 or float(np.max(np.asarray(raw.values[train]), initial=0)) > 1
        white = 255.0 if is_large else 1.0
    mean, deviation = (white * np.array(values).reshape(3, 1, 1) for values in SCALINGS[scaling])
    return mean, deviation
