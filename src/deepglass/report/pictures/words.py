"""Words: a text whose words lie on colours: orange where they speak for the answer, blue where against it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from deepglass.inside.words import OfText
from deepglass.report.pictures.colours import bare, reach, signed
from deepglass.report.pictures.figure import QUIET, TEXT, ink_on, on_paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = 10.0  # points of the letters
LINE = 0.235  # inches from one line of a text to the next
HEAD = 0.42  # inches above each text, for what it is
MOST_WORDS = 240  # that are drawn of a text
WIDTH = 9.0  # inches of a picture
LETTERS = 130  # of a line below the picture


@dataclass(frozen=True)
class Coloured:
    """One text to draw. Args: heading: what stands above it; apart: whether a blank parts its words (letters stand close)."""

    heading: str
    words: Sequence[str]
    values: Sequence[float]
    apart: bool = True


def coloured(text: OfText, heading: str = "") -> Coloured:
    """A text with what its words do."""
    return Coloured(heading or text.name, text.words, text.values, text.apart)


@on_paper
def words_picture(texts: Sequence[Coloured], title: str, told: str = "") -> Figure:
    """Draw texts one below the other, each on a scale of its own. Args: told: what is written below."""
    from matplotlib.figure import Figure

    laid = [lines_of(text, WIDTH - 0.2) for text in texts]
    below = textwrap.wrap(told, LETTERS)
    heights = [HEAD + LINE * len(lines) for lines in laid]
    above = 0.1 + 0.2 * len(title.splitlines())
    whole = above + sum(heights) + 0.19 * len(below) + 0.15
    figure = Figure(figsize=(WIDTH, whole))
    figure.text(0.1 / WIDTH, 1 - 0.12 / whole, title, fontsize=12, fontweight="bold", va="top")
    top = whole - above
    for text, lines, height in zip(texts, laid, heights):
        panel = figure.add_axes((0.1 / WIDTH, (top - height) / whole, 1 - 0.2 / WIDTH, height / whole))
        text_panel(panel, text, lines, (WIDTH - 0.2, height))
        top -= height
    figure.text(0.1 / WIDTH, 0.08 / whole, "\n".join(below), fontsize=8.5, color=QUIET, va="bottom")
    return figure


def text_panel(
    panel: Any, text: Coloured, lines: Sequence[Sequence[tuple[int, float, float]]], size: tuple[float, float]
) -> None:
    """Draw one text into a panel of a size in inches. Args: lines: as `lines_of` gives them for that width."""
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    width, height = size
    bare(panel)
    panel.set_xlim(0, width)
    panel.set_ylim(height, 0)
    if text.heading:
        panel.text(0, HEAD - 0.13, text.heading, fontsize=9.5, color=TEXT, fontweight="bold", va="baseline")
    most = reach(text.values)
    scale, colours = Normalize(-most, most), signed()
    start = HEAD if text.heading else 0.05
    for number, line in enumerate(lines):
        base = start + LINE * number
        for place, left, wide in line:
            if place < 0:
                panel.text(left, base + 0.75 * LINE, "…", fontsize=SIZE, color=QUIET, va="baseline")
                continue
            colour = colours(scale(text.values[place]))
            panel.add_patch(
                Rectangle((left - 0.02, base + 0.02), wide + 0.04, LINE - 0.03, facecolor=colour, linewidth=0)
            )
            panel.text(
                left,
                base + 0.75 * LINE,
                shown(text.words[place]),
                fontsize=SIZE,
                color=ink_on(colour[:3]),
                va="baseline",
            )


def lines_of(text: Coloured, width: float) -> list[list[tuple[int, float, float]]]:
    """Break a text into lines of a width in inches: in each (number of the word, -1 for "…"; where it begins; its width)."""
    gap = 0.075 if text.apart else 0.0
    lines: list[list[tuple[int, float, float]]] = [[]]
    left = 0.03
    places = [*range(min(len(text.words), MOST_WORDS)), *([-1] if len(text.words) > MOST_WORDS else [])]
    for place in places:
        wide = wide_of("…" if place < 0 else shown(text.words[place]))
        if left + wide > width and lines[-1]:
            lines.append([])
            left = 0.03
        lines[-1].append((place, left, wide))
        left += wide + gap
    return lines


def shown(word: str) -> str:
    """A word as it is drawn: a line break and other white space by their signs, and a very long word shortened."""
    word = word.replace("\n", "⏎").replace("\t", "⇥")
    return word if len(word) <= 60 else word[:57] + "…"


@cache
def wide_of(word: str) -> float:
    """The width of a word in inches, in the letters of these pictures."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    renderer = _renderer(RendererAgg)
    found: float = renderer.get_text_width_height_descent(word, FontProperties(family="DejaVu Sans", size=SIZE), False)[
        0
    ]
    return found / 72


@cache
def _renderer(make: Any) -> Any:
    return make(16, 16, 72)
