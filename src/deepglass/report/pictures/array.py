"""Array: channels of numbers side by side, one number marked, and the same number in the flattened vector below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.colours import reach, signed
from deepglass.report.pictures.figure import GREEN, on_paper, shown_in_notebooks
from deepglass.report.pictures.numbers import MOST_NUMBERED, numbers_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 9.5  # inches
ACROSS = 3  # channels side by side
MOST = 6  # channels that are drawn; of more, those around the marked one
WHOLE = 32  # rows or columns up to which one channel alone is drawn with all its numbers
AROUND = 6  # pixels on each side of the marked one that are shown of a larger channel
ALONE = 0.7  # of its width is the height of a single table
STRIP = 1.35  # inches of the flattened vector


@on_paper
def array_picture(values: np.ndarray, title: str, number: int, axes: Sequence[str]) -> Figure:
    """Draw an array. Shapes: values (channels, rows, columns), or with fewer axes. Args: number: its place when flattened."""
    from matplotlib.figure import Figure

    place = tuple(int(i) for i in np.unravel_index(number, values.shape))
    flat = (
        values.reshape(-1, *values.shape[-2:])
        if values.ndim > 2
        else values.reshape(1, *((1,) * (2 - values.ndim)), *values.shape)
    )
    at = int(np.ravel_multi_index(place[:-2], values.shape[:-2])) if values.ndim > 2 else 0
    spot = (0, place[0]) if values.ndim == 1 else place[-2:]
    shown = _shown(len(flat), at)
    tables = _tables(flat, shown, at, spot)
    across = min(ACROSS, len(tables))
    rows = -(-len(tables) // across)
    tall = min(1.15, max(0.12, tables[0][0].shape[0] / tables[0][0].shape[1]))
    height = rows * (WIDTH / across * tall * (ALONE if across == 1 else 1) + 0.45)
    figure = Figure(figsize=(WIDTH, 0.4 + height + STRIP), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[height, STRIP])[:, 0]
    panels = above.subplots(rows, across, squeeze=False).ravel()
    for panel in panels[len(tables) :]:
        panel.set_axis_off()
    most = reach(values)
    span = (-most, most) if values.min() < 0 else (0.0, most)
    for panel, (table, name, first, marks) in zip(panels, tables):
        numbers_panel(
            panel, table, name, marked=marks, span=span, first=first, most=WHOLE, letters=_letters(table, across)
        )
    _strip(below.subplots(), values, number, axes)
    return shown_in_notebooks(figure)


def _shown(count: int, at: int) -> range:
    """The channels that are drawn, the marked one among them."""
    first = max(0, min(at - MOST // 2, count - MOST))
    return range(first, min(count, first + MOST))


def _tables(
    flat: np.ndarray, shown: range, at: int, spot: tuple[int, ...]
) -> list[tuple[np.ndarray, str, tuple[int, int], list]]:
    """What is drawn: numbers, a title, the row and column of the first of them, and marked cells."""
    whole = max(flat.shape[1:]) <= (WHOLE if len(shown) == 1 else MOST_NUMBERED)
    top, left = (0, 0) if whole else (max(0, spot[0] - AROUND), max(0, spot[1] - AROUND))
    tables: list[tuple[np.ndarray, str, tuple[int, int], list]] = []
    for channel in shown:
        cut = flat[channel] if whole else flat[channel, top : spot[0] + AROUND + 1, left : spot[1] + AROUND + 1]
        name = f"channel {channel}" if len(flat) > 1 else ""
        name += "" if whole else f" part of {flat.shape[1]}×{flat.shape[2]}"
        marks = [(spot[0] - top, spot[1] - left)] if channel == at else []
        tables.append((cut, name, (top, left), marks))
    return tables


def _letters(table: np.ndarray, across: int) -> float:
    return min(10.0, 72 * WIDTH / across / max(*table.shape, 5) / 3.2)


def _strip(panel: Any, values: np.ndarray, number: int, axes: Sequence[str]) -> None:
    """The flattened vector, with its channels parted."""
    most, both = reach(values), values.min() < 0
    options = {"cmap": signed(), "vmin": -most, "vmax": most} if both else {"cmap": "gray", "vmin": 0, "vmax": most}
    panel.imshow(values.reshape(1, -1), aspect="auto", interpolation="nearest", **options)
    panel.grid(False)
    panel.set_yticks([])
    panel.tick_params(labelsize=8)
    size = values.size // len(values)
    if values.ndim > 1 and len(values) > 1:
        for c in range(1, len(values)):
            panel.axvline(c * size - 0.5, color=GREEN, linewidth=0.7, linestyle=":")
    panel.plot([number], [-0.62], marker="v", markersize=9, color=GREEN, clip_on=False)
    panel.set_title(
        f"flattened: {values.size:,} numbers in a row; the marked one is number {number}",
        fontsize=9.5,
        fontweight="normal",
        pad=12,
    )
    panel.set_xlabel(", ".join(f"{axis} by {axis}" for axis in axes), fontsize=8)
