"""Translated: texts with what was said of them and what is true, and where the network looked while it wrote."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepglass.report.pictures.figure import GREEN, QUIET, TEXT, VERMILLION, on_paper, shown_in_notebooks
from deepglass.report.told import Row, Told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 9.5  # inches
LETTERS = 118  # across the page
LINE = 0.17  # inches
LOOKED = 2  # attention pictures side by side
MOST_TOKENS = 32  # of a text whose attention is drawn


@on_paper
def translated_picture(told: Told) -> Figure:
    """Write each text over what was said of it, green where that is true word for word, with the truth below where it is not."""
    from matplotlib.figure import Figure

    aligned = told.task == "tagging"
    blocks = [_block(row, aligned) for row in told.rows]
    looked = [
        row for row in told.rows if row.weights is not None and max(len(row.said), len(row.source)) <= MOST_TOKENS
    ][:LOOKED]
    lines = sum(len(block) for block in blocks) + 0.6 * len(blocks)
    heights = [0.3 + LINE * lines, *([0.9 + 0.17 * max(len(row.said) for row in looked)] if looked else [])]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    panel = parts[0].subplots()
    panel.axis("off")
    panel.set_xlim(0, 1)
    panel.set_ylim(lines, 0)
    down = 0.0
    for block in blocks:
        for name, line, colour in block:
            panel.text(0, down, name, fontsize=8, color=QUIET, va="top")
            panel.text(0.07, down, line, fontsize=8, color=colour, va="top")
            down += 1
        down += 0.6
    if looked:
        for place, row in zip(parts[1].subplots(1, LOOKED, squeeze=False)[0], [*looked, None]):
            _attention(place, row)
    return shown_in_notebooks(figure)


def _block(row: Row, aligned: bool) -> list[tuple[str, str, str]]:
    """Name, line and colour of all that is written of one text."""
    right = row.said == row.true
    said = [("tags" if aligned else "said", row.said, GREEN if right else VERMILLION)]
    lines: list[tuple[str, Sequence[str], str]] = [
        ("text", row.source, TEXT),
        *said,
        *([] if right else [("true", row.true, TEXT)]),
    ]
    found = []
    for name, words, colour in lines:
        for number, line in enumerate(textwrap.wrap(" ".join(words), LETTERS) or ["(nothing)"]):
            found.append((name if not number else "", line, colour))
    return found


def _attention(place: Any, row: Row | None) -> None:
    """Where it looked in the source (across) for each word that it said (downwards)."""
    if row is None or row.weights is None:
        place.axis("off")
        return
    place.imshow(row.weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    place.set_xticks(range(len(row.source)), row.source, rotation=60, ha="left", rotation_mode="anchor", fontsize=7)
    place.xaxis.tick_top()
    place.set_yticks(range(len(row.said)), row.said, fontsize=7)
    place.tick_params(length=0)
    place.grid(False)
