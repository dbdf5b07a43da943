"""Stroke portrait: drawings of each class, and how many points and strokes drawings have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.captioned import show_captioned
from deepglass.report.pictures.drawings import Cell, draw_cells, reach_of
from deepglass.report.pictures.figure import BLUE, VERMILLION
from deepglass.report.words import short

if TYPE_CHECKING:
    from deepglass.data.portrait_strokes import StrokesPortrait


def stroke_rows(place: Any, portrait: StrokesPortrait) -> None:
    """Some drawings, a row a class, all on one scale."""
    across = max(len(some) for _, some in portrait.rows)
    reach = reach_of([d for _, some in portrait.rows for d in some])
    panel = place.subplots()
    draw_cells(panel, [Cell(d, j, i) for i, (_, some) in enumerate(portrait.rows) for j, d in enumerate(some)], reach)
    panel.set_anchor("NW")
    panel.set_xlim(0, 2 * reach * across)
    panel.set_ylim(2 * reach * len(portrait.rows), 0)
    names = [short(name, 18) for name, _ in portrait.rows]
    panel.set_yticks([reach * (2 * i + 1) for i in range(len(names))], names, fontsize=9)
    panel.tick_params(length=0)
    place.suptitle("Drawings", x=0.01, ha="left", fontsize=11, fontweight="bold")


def rows_height(portrait: StrokesPortrait) -> float:
    """Inches that `stroke_rows` takes."""
    return 0.45 + 0.85 * len(portrait.rows)


def points_panel(panel: Any, portrait: StrokesPortrait) -> None:
    """How many points drawings have, and how many a network is given."""
    panel.hist(portrait.points, bins=40, color=BLUE, alpha=0.75)
    panel.axvline(portrait.used, color=VERMILLION, linewidth=1.6)
    panel.set_title("Length")
    panel.set_xlabel("points; the line: as many as a network is given", fontsize=8.5)
    panel.set_ylabel("drawings", fontsize=8.5)


def strokes_panel(panel: Any, portrait: StrokesPortrait) -> None:
    """How often the pen is lifted."""
    counts = np.bincount(portrait.strokes.astype(int))
    panel.bar(np.arange(len(counts)), counts, color=BLUE, width=0.7)
    panel.set_title("Strokes")
    panel.set_xlabel("strokes of a drawing", fontsize=8.5)
    panel.locator_params(axis="x", integer=True)


def caption_rows(place: Any, pairs: list[tuple[np.ndarray, str]], top: float | None) -> None:
    """Some images with what is said of them."""
    panels = place.subplots(1, len(pairs), squeeze=False)[0]
    for panel, (image, caption) in zip(panels, pairs):
        show_captioned(panel, image, caption, top=top or 255.0, letters=22)
    place.suptitle("What is said", x=0.01, ha="left", fontsize=11, fontweight="bold")
