"""Windows: which numbers of an image are under a window at each of its places, and all that follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepglass.errors import SettingError, ShapeError
from deepglass.names import find
from deepglass.networks.windows import Window
from deepglass.sliding.kernels import POOLINGS

OUTSIDE = -1  # the number of a place beside the image
# What the border holds -> as numpy.pad calls it; a border of a constant holds no number of the image.
MODES = {"zeros": "constant", "constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
RULES = ("valid", "same", "full")


@dataclass(frozen=True)
class Sliding:
    """A window that slides over an image, place by place, row by row.

    Shapes: image (height, width); kernel (rows, columns), of a pooling None; places (results, numbers in a window): the number
        of each pixel under the window in the image flattened row by row, OUTSIDE beside it; sizes (result rows, columns).
    Args: value: what stands in a border of a constant.
    """

    image: np.ndarray
    kernel: np.ndarray | None
    pooling: str
    places: np.ndarray
    sizes: tuple[int, int]
    along: tuple[Window, Window]
    value: float = 0.0

    @cached_property
    def result(self) -> np.ndarray:
        """What the window gives at each place, (result rows, columns)."""
        return self.of(self.image)

    def of(self, image: np.ndarray) -> np.ndarray:
        """The same window over another image of this size."""
        inside = self.places != OUTSIDE
        numbers = np.where(inside, image.ravel()[self.places], np.nan if self.kernel is None else self.value)
        made = POOLINGS[self.pooling](numbers) if self.kernel is None else numbers @ self.kernel.ravel()
        return np.asarray(made).reshape(self.sizes)

    @cached_property
    def seen(self) -> np.ndarray:
        """Under how many weights each pixel comes in all places together, (height, width)."""
        inside = self.places[self.places != OUTSIDE]
        return np.bincount(inside, minlength=self.image.size).reshape(self.image.shape)

    @cached_property
    def shares(self) -> np.ndarray:
        """What each number of a window counts for in its result, (results, numbers in a window): the slope by it.

        Of the maximum 1 for the largest, the first of equals, and 0 for all others; of the mean 1 / count; of the norm x / norm.
        """
        inside = self.places != OUTSIDE
        if self.kernel is not None:
            return np.where(inside, self.kernel.ravel(), 0.0)
        numbers = np.where(inside, self.image.ravel()[self.places], np.nan)
        if self.pooling == "max":
            return (np.arange(numbers.shape[1]) == np.nanargmax(numbers, axis=1)[:, None]).astype(float)
        if self.pooling == "mean":
            return inside / inside.sum(axis=1, keepdims=True)
        length = self.result.reshape(-1, 1)
        return np.nan_to_num(np.divide(numbers, length, out=np.zeros_like(numbers), where=length > 0))

    @cached_property
    def matrix(self) -> np.ndarray:
        """The same as one matrix, (results, pixels): times the flattened image it gives the flattened result.

        Of a convolution it is the same for all images (but for a border of a constant, which adds to it). Poolings have another
        matrix for each image, which gives the result all the same, as they scale with the image (Euler's theorem on homogeneous
        functions).
        Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.1.
        """
        made = np.zeros((len(self.places), self.image.size))
        rows, columns = np.nonzero(self.places != OUTSIDE)
        np.add.at(made, (rows, self.places[rows, columns]), self.shares[rows, columns])
        return made

    def touched(self, row: int, column: int) -> np.ndarray:
        """The places whose window holds a pixel, (result rows, columns) of bool.

        Raises: SettingError, when there is no such pixel.
        """
        return (self.places == self.number(row, column)).any(axis=1).reshape(self.sizes)

    def number(self, row: int, column: int) -> int:
        """The place of a pixel in the flattened image. Raises: SettingError, when there is none."""
        height, width = self.image.shape
        if not (0 <= row < height and 0 <= column < width):
            raise SettingError(
                f"There is no pixel in row {row}, column {column} of {height}x{width}: both count from 0."
            )
        return row * width + column

    @property
    def let_through(self) -> np.ndarray:
        """How strongly a slope of 1 at every result comes back to each pixel, (height, width)."""
        return np.asarray(self.matrix.sum(axis=0)).reshape(self.image.shape)

    @property
    def sticking_out(self) -> int:
        """How many windows reach beyond the image."""
        return int((self.places == OUTSIDE).any(axis=1).sum())


def slide(
    image: np.ndarray,
    kernel: np.ndarray | str,
    *,
    size: int = 2,
    stride: int = 1,
    padding: int | str = 0,
    padding_mode: str = "zeros",
    value: float = 0.0,
    ceil: bool = False,
) -> Sliding:
    """Slide a window over an image.

    Args:
        kernel: weights (rows, columns); or a way to pool, with `size` the side of its window.
        padding: pixels at each side; or "valid" (none), "same" (the result keeps the size) or "full" (every pixel under every
            weight). padding_mode: zeros, constant (of `value`), reflect, replicate or circular. What is pooled ignores a border.
        ceil: keep a last window that sticks out of the image. A kernel sees zeros there.
    Raises: SettingError; UnknownName, for no way to pool; ShapeError, when the window is larger than the image.
    """
    pooling = kernel if isinstance(kernel, str) else ""
    if pooling:
        find("way to pool", pooling, POOLINGS)
    sides = (size, size) if isinstance(kernel, str) else kernel.shape
    if min(*sides, stride) < 1:
        raise SettingError(f"{size=} and {stride=} are counts of pixels from 1. Choose 1 or more.")
    if padding_mode not in MODES:
        raise SettingError(f"{padding_mode=!r} does not exist. Choose one of {', '.join(map(repr, MODES))}.")
    along = tuple(_window(n, side, stride, padding, ceil) for n, side in zip(image.shape, sides))
    counts = [window.places(n) for window, n in zip(along, image.shape)]
    if min(counts) < 1:
        raise ShapeError(
            f"A window of {sides[0]}x{sides[1]} does not fit an image of {_times(image.shape)}. Use padding."
        )
    numbers = _bordered(
        np.arange(image.size).reshape(image.shape), along, counts, "constant" if pooling else padding_mode
    )
    windows = np.lib.stride_tricks.sliding_window_view(numbers, sides)[::stride, ::stride][: counts[0], : counts[1]]
    places = windows.reshape(counts[0] * counts[1], -1)
    if pooling and (places == OUTSIDE).all(axis=1).any():
        raise SettingError(f"{padding=} leaves windows without any number to pool. Use at most half of {size=}.")
    weights = None if isinstance(kernel, str) else np.asarray(kernel, dtype=float)
    held = value if padding_mode == "constant" else 0.0
    return Sliding(image, weights, pooling, places, (counts[0], counts[1]), (along[0], along[1]), held)


def _window(size: int, side: int, stride: int, padding: int | str, ceil: bool) -> Window:
    if padding == "same":
        around = max(0, (-(-size // stride) - 1) * stride + side - size)
        return Window(side, stride, (around // 2, around - around // 2), 1, ceil)
    pixels = {"valid": 0, "full": side - 1}.get(padding) if isinstance(padding, str) else padding
    if pixels is None or pixels < 0:
        raise SettingError(f"{padding=!r} is no padding. Give pixels, or one of {', '.join(RULES)}.")
    return Window(side, stride, (pixels, pixels), 1, ceil)


def _bordered(numbers: np.ndarray, along: tuple[Window, ...], counts: list[int], mode: str) -> np.ndarray:
    """The numbers of the pixels with their border, and as much nothing at the end as windows stick out."""
    border = [window.padding for window in along]
    if MODES[mode] in ("reflect", "wrap") and any(
        max(b) > n - (mode == "reflect") for b, n in zip(border, numbers.shape)
    ):
        raise SettingError(
            f"An image of {_times(numbers.shape)} is too small for a border of {max(map(max, border))} by {mode}. "
            f"Choose less padding."
        )
    options: dict[str, int] = {"constant_values": OUTSIDE} if MODES[mode] == "constant" else {}
    pad: Callable[..., np.ndarray] = np.pad
    padded = pad(numbers, border, mode=MODES[mode], **options)
    needed = [(count - 1) * window.stride + window.kernel for window, count in zip(along, counts)]
    out = [(0, max(0, n - have)) for n, have in zip(needed, padded.shape)]
    return pad(padded, out, mode="constant", constant_values=OUTSIDE)


def _times(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))
