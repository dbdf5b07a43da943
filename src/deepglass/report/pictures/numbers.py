"""Numbers: a table of numbers as cells, each in its colour with its number in it, where there is room for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.report.pictures.colours import BETWEEN, bare, reach, signed
from deepglass.report.pictures.figure import GREEN, QUIET, ink_on

MOST_NUMBERED = 16  # rows or columns up to which the numbers are written into their cells
MOST_COUNTED = 40  # rows or columns up to which every few of them are counted at the rim
FADED = 0.18  # how much of a cell is seen that is put aside


def numbers_panel(
    panel: Any,
    values: np.ndarray,
    title: str = "",
    *,
    marked: Sequence[tuple[int, int]] = (),
    kept: np.ndarray | None = None,
    letters: float = 0.0,
    span: tuple[float, float] | None = None,
    first: tuple[int, int] = (0, 0),
    most: int = MOST_NUMBERED,
) -> None:
    """Draw numbers (rows, columns): grey where none is below 0, else blue below and orange above 0.

    Args:
        marked: cells with a frame. kept: (rows, columns) of bool: the others fade. letters: points (default: as there is room).
        span: the numbers that are black and white, or the strongest blue and orange (default: as they come).
        first: what the first row and column are called. most: rows or columns up to which numbers are written.
    """
    from matplotlib.colors import Normalize

    strongest = reach(values)
    low, high = span or ((-strongest if np.nanmin(values) < 0 else 0.0), strongest)
    colours: Any = signed() if low < 0 else _greys()
    cells = colours(Normalize(low, high)(np.asarray(values, dtype=float)))
    if kept is not None:
        cells[..., 3] = np.where(kept, 1.0, FADED)
    panel.imshow(cells, interpolation="nearest")
    bare(panel)
    rows, columns = values.shape
    if max(rows, columns) <= most:
        for at in np.ndindex(rows, columns):
            ink = QUIET if kept is not None and not kept[at] else ink_on(cells[at][:3])
            size = letters or min(10.0, 74 / max(rows, columns, 5))
            panel.text(
                at[1], at[0], short_number(float(values[at])), ha="center", va="center", fontsize=size, color=ink
            )
        panel.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        panel.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        panel.grid(True, which="minor", color=BETWEEN, linewidth=0.5)
    if max(rows, columns) <= MOST_COUNTED:
        step = 1 if max(rows, columns) <= most else 5
        panel.set_xticks(range(0, columns, step), range(first[1], first[1] + columns, step), fontsize=7)
        panel.set_yticks(range(0, rows, step), range(first[0], first[0] + rows, step), fontsize=7)
        panel.xaxis.tick_top()
    panel.tick_params(which="both", length=0, pad=1)
    panel.spines[:].set(visible=True, color=BETWEEN, linewidth=0.5)
    for row, column in marked:
        panel.add_patch(_frame(row, column))
    if title:
        panel.set_title(title, fontsize=9.5, fontweight="normal")


def short_number(value: float) -> str:
    """A number with few digits, for a cell.

    >>> short_number(12.0), short_number(0.5), short_number(-0.333333), short_number(float("nan"))
    ('12', '0.5', '-0.33', '')
    """
    if not np.isfinite(value):
        return "" if np.isnan(value) else "∞"
    if abs(value) >= 1000:
        return f"{value:.3g}"
    return f"{round(value, 2) + 0.0:g}"


def _greys() -> Any:
    """From black, not quite, to white: the numbers of a picture as the picture."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("greys", ["#202020", "#ffffff"])


def _frame(row: int, column: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=GREEN, linewidth=2.2, zorder=3)
