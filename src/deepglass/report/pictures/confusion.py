"""Confusion: which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import ink_on, new_figure, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WITH_SHARES = 12  # up to so many classes a cell has room for its share beside its count
LETTER = 0.0087  # inches across of a letter, for each point of its height
WITH_COUNTS = 32  # beyond, numbers would be too small to read, and colour alone speaks


@on_paper
def confusion(counts: Any, classes: Sequence[Any]) -> Figure:
    """Draw a confusion matrix: counts as numbers, the share of each true class as colour.

    Shapes: counts (classes, classes), the true class in rows, the predicted one in columns.
    """
    table = np.asarray(counts, dtype=float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    size = len(table)
    side = min(11.0, max(3.2, 1.6 + size * (0.62 if size <= WITH_SHARES else 0.34)))
    figure, (panel,) = new_figure(side + 1.0, side)
    import matplotlib

    colours = matplotlib.colormaps["cividis_r"]
    shown = np.ma.masked_where(table == 0, shares)
    picture = panel.imshow(shown, cmap=colours, vmin=0, vmax=1, aspect="equal")
    panel.grid(False)
    panel.spines[:].set_visible(False)
    _ticks(panel, size, [short(c, 16) for c in classes], 0.85 * (side - 1) / size)
    _lines(panel, size)
    if size <= WITH_COUNTS:
        for row, column in np.argwhere(table > 0):
            _cell(panel, row, column, int(table[row, column]), shares[row, column], size, colours)
    panel.set_xlabel("predicted")
    panel.set_ylabel("true")
    right = int(np.trace(table))
    panel.set_title(f"{right:,} of {int(table.sum()):,} on the diagonal are right")
    bar = figure.colorbar(picture, ax=panel, fraction=0.04, pad=0.02)
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)
    return figure


def _ticks(panel: Any, size: int, names: list[str], room: float) -> None:
    """Name the classes; `room` is what a name may take across, in inches, before it is turned upright."""
    step = max(1, -(-size // 40))
    places = list(range(0, size, step))
    small = 9 if size <= WITH_SHARES else 7.5
    long = max((len(n) for n in names), default=0) * LETTER * small > room * step
    panel.set_xticks(places, [names[i] for i in places], rotation=90 if long else 0, fontsize=small)
    panel.set_yticks(places, [names[i] for i in places], fontsize=small)
    panel.tick_params(length=0)


def _lines(panel: Any, size: int) -> None:
    for edge in np.arange(size + 1) - 0.5:
        panel.axhline(edge, color="#e3e5e8", linewidth=0.5)
        panel.axvline(edge, color="#e3e5e8", linewidth=0.5)


def _cell(panel: Any, row: int, column: int, count: int, share: float, size: int, colours: Any) -> None:
    ink = ink_on(colours(share))
    bold = "bold" if row == column else "normal"
    if size <= WITH_SHARES:
        panel.text(column, row - 0.14, f"{count:,}", ha="center", va="center", color=ink, fontsize=9.5, fontweight=bold)
        percent = "<1 %" if share < 0.005 else f"{share:.0%}".replace("%", " %")
        panel.text(column, row + 0.22, percent, ha="center", va="center", color=ink, fontsize=7)
    else:
        small = 7 if count < 1000 else 5.5
        panel.text(column, row, f"{count}", ha="center", va="center", color=ink, fontsize=small, fontweight=bold)
