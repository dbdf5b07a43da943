"""Generated: a text with how surprising each of its tokens was to the network, and what the network writes by itself."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepglass.report.pictures.figure import QUIET, TEXT, VERMILLION, WIDTH, on_paper, shown_in_notebooks
from deepglass.report.told import Told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LETTERS = 96  # across the page, in a type of even width
LINE = 0.165  # inches
TYPE = 8.2  # points: 96 letters of it fill the page
MOST = 5.0  # nats: what has a probability below 0.007 is as dark as it gets
MOST_LINES = 16  # of each text that was written


@on_paper
def generated_picture(told: Told) -> Figure:
    """Draw the passage, darker where a token was more surprising, and below it what was written at each temperature."""
    from matplotlib.figure import Figure

    rows = _lines(told.tokens, told.losses, spaced=told.unit == "word")
    written = [(f"written at temperature {t:g}", _wrapped(text)) for t, text in told.written]
    heights = [0.62 + LINE * len(rows), *(0.45 + LINE * len(lines) for _, lines in written)]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    _passage(panels[0], rows, told.unit)
    for panel, (title, lines) in zip(panels[1:], written):
        _empty(panel, len(lines))
        panel.set_title(title, fontsize=9.5)
        for down, line in enumerate(lines):
            panel.text(0, down + 0.4, line, fontsize=TYPE, color=TEXT, family="monospace", va="center")
    return shown_in_notebooks(figure)


def _passage(panel: Any, rows: list[list[tuple[str, float]]], unit: str) -> None:
    """Each token on a ground that is darker the less likely it was."""
    from matplotlib.patches import Rectangle

    _empty(panel, len(rows))
    panel.set_title(f"A text it has not learned from: the darker, the less likely it thought each {unit}", fontsize=9.5)
    for down, row in enumerate(rows):
        across = 0
        for token, loss in row:
            panel.add_patch(
                Rectangle(
                    (across, down - 0.08),
                    len(token),
                    0.98,
                    color=VERMILLION,
                    alpha=0.75 * min(1.0, max(0.0, loss / MOST)),
                    linewidth=0,
                )
            )
            across += len(token)
        _write(panel, 0, down, "".join(token for token, _ in row))
    panel.text(
        LETTERS,
        -0.25,
        f"white: certain; darkest: {MOST:g} nats or more",
        fontsize=7.5,
        color=QUIET,
        ha="right",
        va="bottom",
    )


def _write(panel: Any, across: float, down: float, line: str) -> None:
    """One letter in each place, so that the letters stand on their grounds whatever the type."""
    for place, letter in enumerate(line):
        if letter != " ":
            panel.text(
                across + place + 0.5,
                down + 0.4,
                letter,
                fontsize=TYPE,
                color=TEXT,
                family="monospace",
                ha="center",
                va="center",
            )


def _empty(panel: Any, lines: int) -> None:
    panel.axis("off")
    panel.set_xlim(0, LETTERS)
    panel.set_ylim(max(1, lines), -0.3)


def _lines(tokens: Sequence[str], losses: Sequence[float], *, spaced: bool) -> list[list[tuple[str, float]]]:
    """Tokens with their losses, in lines that fit; a line end begins a new one and is shown."""
    rows: list[list[tuple[str, float]]] = [[]]
    used = 0
    for token, loss in zip(tokens, losses):
        shown = token.replace("\n", "↵").replace("\t", " ")[: LETTERS - 1] + (" " if spaced else "")
        if used + len(shown) > LETTERS:
            rows.append([])
            used = 0
        rows[-1].append((shown, loss))
        used += len(shown)
        if "\n" in token:
            rows.append([])
            used = 0
    return [row for row in rows if row]


def _wrapped(text: str) -> list[str]:
    lines = [part for line in text.splitlines() for part in (textwrap.wrap(line, LETTERS) or [""])]
    return lines[:MOST_LINES] or ["(nothing)"]
