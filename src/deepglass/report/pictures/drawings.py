"""Drawings: what a pen has drawn, as lines: in a grid for a page, or one alone as plain SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepglass.data.readers.pen import strokes_of
from deepglass.report.pictures.figure import (
    BLUE,
    QUIET,
    TEXT,
    check_picture,
    new_figure,
    on_paper,
    save,
    shown_in_notebooks,
)
from deepglass.report.words import short
from deepglass.runs.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.report.drawn import Drawn

ACROSS = 8  # drawings in a row
TILE = 1.15  # inches a side
TITLED, WORDED = 0.32, 0.2  # of a tile, that a title and a line of words take
WIDE = 0.03  # of a line, as a share of the drawing's longer side
MARGIN = 0.08  # of that side, around a drawing


@on_paper
def drawings(rows: Sequence[tuple[str, Sequence[Any], Sequence[str]]]) -> Figure:
    """Draw rows of drawings, each with a title, the real ones in black above those that were drawn, in blue.

    Shapes: each drawing (points, 3) of dx, dy (downwards) and whether the pen is lifted after the point.
    Args: rows: title, drawings, and what each shows in words; of many drawings a row has several lines of eight.
    """
    reach = reach_of([d for _, some, _ in rows for d in some])
    across = max(1, min(ACROSS, max((len(some) for _, some, _ in rows), default=1)))
    cells, titles, top = [], [], 0.0  # heights in cells
    for (title, some, words), colour in zip(rows, (TEXT, BLUE)):
        titles.append((top + TITLED / 2, title))
        top += TITLED
        for start in range(0, len(some), ACROSS):
            line = zip(range(ACROSS), some[start : start + ACROSS], [*words[start : start + ACROSS], *[""] * ACROSS])
            cells += [Cell(drawing, column, top, colour, word) for column, drawing, word in line]
            top += 1 + WORDED * any(words)
    figure, (panel,) = new_figure(across * TILE, top * TILE)
    draw_cells(panel, cells, reach)
    for height, title in titles:
        panel.text(0, 2 * reach * height, title, fontsize=10, fontweight="bold", va="center")
    panel.set_xlim(0, 2 * reach * across)
    panel.set_ylim(2 * reach * top, 0)  # downwards
    return shown_in_notebooks(figure)


class Cell(NamedTuple):
    """One drawing, in which column, how many cells from the top, and what it shows in words."""

    drawing: Any
    column: float
    top: float
    colour: str = TEXT
    word: str = ""


def draw_cells(panel: Any, cells: Sequence[Cell], reach: float) -> None:
    """Draw many drawings into one panel, which is far quicker than a panel for each; a cell is twice `reach` wide.

    Each drawing lies with the middle of its bounding box in the middle of its cell.
    """
    from matplotlib.collections import LineCollection

    lines, colours = [], []
    for cell in cells:
        strokes = strokes_of(cell.drawing)
        place = reach * np.array([2 * cell.column + 1, 2 * cell.top + 1]) - _middle(strokes)
        lines += [
            np.repeat(s, 2, axis=0) + place if len(s) == 1 else s + place for s in strokes
        ]  # of a dot a round end
        colours += [cell.colour] * len(strokes)
        if cell.word:
            at = (reach * (2 * cell.column + 1), reach * (2 * cell.top + 2))
            panel.annotate(short(cell.word, 16), at, fontsize=7.5, color=QUIET, ha="center", va="top")
    panel.add_collection(LineCollection(lines, colors=colours, linewidths=1.3, capstyle="round", joinstyle="round"))
    panel.set_aspect("equal")
    panel.set_xticks([])
    panel.set_yticks([])
    panel.grid(False)
    panel.spines[:].set_visible(False)


def drawn_picture(drawn: Drawn) -> Figure:
    """Draw what is real, and below it what a network has drawn."""
    title = f"Drawn by the network, temperature {drawn.temperature:g}"
    real = ("Real, of the validation split", drawn.real, drawn.real_words)
    return drawings([real, (title, drawn.drawn, drawn.drawn_words)])


def save_drawn(drawn: Drawn, path: str | Path) -> Path:
    """Write the picture of `drawn_picture` to a file; one drawing alone goes into a plain .svg without the real ones.

    Raises: SettingError, for another ending than those of pictures, or a folder that is not there.
    """
    path = check_picture(path)
    if len(drawn.drawn) == 1 and path.suffix.lower() == ".svg":
        write_bytes(path, drawing_svg(drawn.drawn[0], drawn.drawn_words[0]).encode())
        return path
    return save(drawn_picture(drawn), path, "real drawings, and those of a network")


def drawing_svg(drawing: Any, label: str = "") -> str:
    """Write one drawing as an SVG file: a path for each stroke, a dot where a stroke is one point.

    Shapes: (points, 3). Args: label: what it shows, read aloud to those who do not see it.
    """
    strokes = strokes_of(drawing)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float(max(*(high - low), 1e-9))
    edge = MARGIN * side
    box = " ".join(f"{v:.4g}" for v in (*(low - edge), *(high - low + 2 * edge)))
    paths = []
    for stroke in strokes:
        at = [f"{x:.4g} {y:.4g}" for x, y in stroke]
        ends = f"{at[0]} l0 0" if len(at) == 1 else f"{at[0]} L" + " ".join(at[1:])
        paths.append(f'  <path d="M{ends}"/>')
    pen = f'fill="none" stroke="{TEXT}" stroke-width="{WIDE * side:.4g}" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="200" role="img" aria-label="{escape(label)}">\n'
        f"<g {pen}>\n" + "\n".join(paths) + "\n</g>\n</svg>\n"
    )


def _middle(strokes: Sequence[np.ndarray]) -> np.ndarray:
    points = np.concatenate(strokes)
    middle: np.ndarray = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle


def reach_of(some: Sequence[Any]) -> float:
    """Half the side of the square that holds nearly all drawings: one that runs away must not make the others dots."""
    sides = [float(np.ptp(np.concatenate(strokes_of(d)), axis=0).max()) for d in some]
    return 0.55 * (min(max(sides), 2 * float(np.median(sides))) or 1.0) if sides else 1.0
