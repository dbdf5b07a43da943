"""Axes: sizes that are given once for all axes of a signal, image or volume, or once for each."""

from collections.abc import Sequence
from typing import Any

from deepglass.errors import SettingError

Size = int | Sequence[int]


def each_axis(setting: str, value: Size, axes: int) -> tuple[int, ...]:
    """One number for each axis. Raises: SettingError, naming the setting, for others than whole numbers above 0.

    >>> each_axis("stride", 2, 3)
    (2, 2, 2)
    """
    several: tuple[Any, ...] = tuple(value) if isinstance(value, list | tuple) else (value,) * axes
    if len(several) != axes or not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in several):
        asked = "one number" if axes == 1 else f"one number, or {axes} of them"
        raise SettingError(f"{setting}={value!r} has to be whole numbers above 0. Give {asked}.")
    return several
