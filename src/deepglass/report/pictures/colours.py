"""Colours: numbers around 0 as colour: white is 0, orange above, blue below, on one scale for what stands together."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

BETWEEN = "#9aa0a6"  # what lies between tiles, so that white tiles have an edge
SCALE = (
    "#003f6b",
    "#0072B2",
    "#8fc1de",
    "#ffffff",
    "#f3c27e",
    "#D55E00",
    "#7a2f00",
)  # from Okabe and Ito's blue and vermillion


RIM = 4.0  # times the strongest number: beyond every scale, so that it gets the colour of rims
CELL = 12  # points a side of a cell, so that its rim is thin


@cache
def signed() -> Any:
    """The colour map: blue, white at 0, orange; the same for any colour vision, as it also goes from dark to light to dark."""
    from matplotlib.colors import LinearSegmentedColormap

    made = LinearSegmentedColormap.from_list("signed", list(SCALE))
    return made.with_extremes(over=BETWEEN, bad=(0, 0, 0, 0))


def reach(values: Any) -> float:
    """The number furthest from 0, which has the strongest colour; 1 where all are 0."""
    known = np.abs(np.asarray(values, dtype=float))
    known = known[np.isfinite(known)]
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def tiles(maps: np.ndarray, across: int) -> np.ndarray:
    """Put maps (count, height, width) side by side, `across` in a row, with a rim beyond the scale around each."""
    count, height, width = maps.shape
    gap = gap_of(height, width)
    canvas = np.full((-(-count // across) * (height + gap) + gap, across * (width + gap) + gap), np.nan)
    for i in range(count):
        top, left = (i // across) * (height + gap), (i % across) * (width + gap)
        canvas[top : top + height + 2 * gap, left : left + width + 2 * gap] = RIM * reach(maps)
    for i, one in enumerate(maps):
        top, left = gap + (i // across) * (height + gap), gap + (i % across) * (width + gap)
        canvas[top : top + height, left : left + width] = one
    return canvas


def gap_of(height: int, width: int) -> int:
    """Points between two tiles."""
    return max(1, round(0.06 * max(height, width)))


def strip(values: np.ndarray, across: int) -> np.ndarray:
    """Numbers as cells, `across` in a row."""
    return tiles(np.broadcast_to(values[:, None, None], (len(values), CELL, CELL)), across)


def bare(panel: Any) -> None:
    """A panel without ticks, grid or frame, for pictures."""
    panel.set_xticks([])
    panel.set_yticks([])
    panel.grid(False)
    panel.spines[:].set_visible(False)


def bar(figure: Any, panel: Any, picture: Any, label: str = "", *, low: float | None = None, **options: Any) -> None:
    """The legend of the colours of a picture. Args: low: where it begins, if not at the lowest colour."""
    made = figure.colorbar(picture, ax=panel, **{"fraction": 0.05, "pad": 0.02, "panchor": False, **options})
    made.outline.set_visible(False)
    made.ax.tick_params(labelsize=7.5, length=2)
    made.locator = _few()
    made.update_ticks()
    if low is not None:
        made.ax.set_ylim(bottom=low)
    if label:
        made.set_label(label, fontsize=8)


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)
