"""Kernels: filters made by hand, as they are found in programs for pictures, and the ways to pool."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.errors import SettingError
from deepglass.names import find
from deepglass.sliding.images import rows_of


@dataclass(frozen=True)
class Named:
    """A kernel: what it does, and its weights for a side of the window; most have one size alone."""

    about: str
    make: Callable[[int], np.ndarray]


def _fixed(text: str, divisor: float = 1) -> Callable[[int], np.ndarray]:
    return lambda size: rows_of(text) / divisor


KERNELS: dict[str, Named] = {
    "same": Named("leaves the picture as it is", _fixed("0 0 0/0 1 0/0 0 0")),
    "blur": Named("the mean of each window", lambda size: np.full((size, size), 1 / size**2)),
    "gauss": Named("a softer blur: the middle counts most", _fixed("1 2 1/2 4 2/1 2 1", 16)),
    "sharpen": Named("makes each pixel differ more from its neighbours", _fixed("0 -1 0/-1 5 -1/0 -1 0")),
    "sobel-x": Named("upright edges: what is right less what is left", _fixed("-1 0 1/-2 0 2/-1 0 1")),
    "sobel-y": Named("level edges: what is below less what is above", _fixed("-1 -2 -1/0 0 0/1 2 1")),
    "laplace": Named("edges of any direction: the neighbours less the middle", _fixed("0 1 0/1 -4 1/0 1 0")),
    "emboss": Named("light from above left, as on a relief", _fixed("-2 -1 0/-1 1 1/0 1 2")),
}
# Ways to make one number of those of a window that lie inside the image: (windows, numbers), nan outside -> (windows,).
POOLINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "max": lambda x: np.nanmax(x, axis=1),
    "mean": lambda x: np.nanmean(x, axis=1),
    "norm": lambda x: np.sqrt(np.nansum(x**2, axis=1)),
}
POOLING_DOES = {
    "max": "the largest number of each window",
    "mean": "the mean of each window",
    "norm": "the length of each window as a vector",
}


def kernel_of(kernel: Any, size: int = 3) -> np.ndarray:
    """The weights of a kernel, (rows, columns): by its name, from rows of numbers as text, or an array as it is.

    Raises: UnknownName; SettingError, for what is no array of two axes; DataError, for rows that are no table of numbers.

    >>> kernel_of("blur", 2).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    if isinstance(kernel, str):
        if any(sign.isdigit() for sign in kernel):
            return rows_of(kernel)
        return find("kernel", kernel, KERNELS).make(size)
    try:
        weights = np.asarray(kernel, dtype=float)
    except (TypeError, ValueError):
        raise SettingError(f"{kernel!r} is no kernel. Give rows of as many numbers each: [[1, 0], [0, 1]].") from None
    if weights.ndim != 2 or not weights.size:
        raise SettingError(
            f"A kernel has rows and columns, and this one is {weights.shape}. Give it as [[1, 0], [0, 1]]."
        )
    return weights
