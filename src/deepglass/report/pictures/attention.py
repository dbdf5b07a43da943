"""Attention: where each step looks, one square a step and what it looks at, darker for more; heads side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.inside.attention import AttentionMap
from deepglass.report.pictures.colours import bar
from deepglass.report.pictures.figure import BLUE, QUIET, ink_on, on_paper, shown_in_notebooks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 10.0  # inches
TALLEST = 20.0  # inches; above, a layer is drawn as the mean of its heads
ACROSS = (4, 3, 2, 1)  # heads side by side: the most with which each step can be named
CELL, LEAST_CELL = 0.19, 0.105  # inches of a step, at most, and so that each can be named
LOOK = 0.6  # inches of a look of a network that looks several times
LABELS = 60  # labels along a side, at most; of more steps every second, third, ... is named
LETTERS = 24  # of a label
WIDE_LABEL = 70  # letters of a label where steps are whole sentences
MOST_WRITTEN = 60  # squares whose weight is written into them


@on_paper
def attention_picture(maps: Sequence[AttentionMap], title: str, told: str = "") -> Figure:
    """Draw the weights of some layers of one example, one below the other.

    Its heads stand side by side; where that would be too tall, several layers are each drawn as the mean of their heads.
    Args: told: what is written below.
    """
    from matplotlib.figure import Figure

    sections = [_as_looks(maps)] if are_looks(maps) else [_section(one) for one in maps]
    if len(maps) > 1 and sum(section.height for section in sections) > TALLEST:
        sections = [_section(_mean(one)) for one in maps]
    heights = [section.height for section in sections]
    below = textwrap.wrap(told, 120)
    ends = [0.4, 0.1 + 0.19 * len(below)]
    figure = Figure(figsize=(WIDTH, sum(heights) + sum(ends)), layout="constrained")
    head, *places, foot = figure.subfigures(
        len(sections) + 2, 1, squeeze=False, height_ratios=[ends[0], *heights, ends[1]]
    )[:, 0]
    head.text(0.01, 0.8, title, fontsize=12, fontweight="bold", va="top")
    foot.text(0.01, 0.95, "\n".join(below), fontsize=8.5, color=QUIET, va="top")
    for place, section in zip(places, sections):
        _draw(place, section)
    return shown_in_notebooks(figure)


@dataclass(frozen=True)
class Section:
    """Panels of one size. Args: panels: name -> (rows, columns); cell: inches of a step, across and down."""

    name: str
    panels: list[tuple[str, np.ndarray]]
    rows: list[str]
    columns: list[str]
    across: int
    cell: tuple[float, float]

    @property
    def height(self) -> float:
        """Inches, with its labels."""
        down = ceil(len(self.panels) / self.across)
        labels = 0.25 + min(1.6, 0.075 * max((len(_short(c, LETTERS)) for c in self.columns), default=1))
        return 0.4 + down * (0.3 + max(0.5, self.cell[1] * len(self.rows)) + labels)


def _mean(one: AttentionMap) -> AttentionMap:
    heads = len(one.weights)
    name = f"{one.layer}, mean of {heads} heads" if heads > 1 else one.layer
    return replace(one, layer=name, weights=one.weights.mean(dim=0, keepdim=True))


def _section(one: AttentionMap) -> Section:
    """One layer, with a panel a head."""
    heads = [(f"head {k + 1}" if len(one.weights) > 1 else "", w) for k, w in enumerate(one.weights.numpy())]
    cells = {n: ((WIDTH - 1.2) / n - 0.9) / max(1, len(one.columns)) for n in ACROSS if n <= len(heads) or n == 1}
    across = next((n for n, cell in cells.items() if cell >= LEAST_CELL), 1)
    cell = min(CELL, cells[across])
    return Section(one.layer, heads, one.rows, one.columns, across, (cell, cell))


def are_looks(maps: Sequence[AttentionMap]) -> bool:
    """Whether these are looks of a single step at one thing, such as those of a reader at a story."""
    return all(len(one.rows) == len(one.weights) == 1 and one.columns == maps[0].columns for one in maps)


def _as_looks(maps: Sequence[AttentionMap]) -> Section:
    """What is seen downwards, one look after the other across."""
    together = np.stack([one.weights[0, 0].numpy() for one in maps], axis=1)  # (seen, looks)
    looks = [f"look {k + 1}" for k in range(len(maps))]
    return Section(maps[0].rows[0], [("", together)], maps[0].columns, looks, 1, (LOOK, CELL))


def _draw(place: Any, section: Section) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    place.suptitle(_short(section.name, WIDE_LABEL), x=0.01, ha="left", fontsize=10, fontweight="bold")
    down = ceil(len(section.panels) / section.across)
    panels = place.subplots(down, section.across, squeeze=False)
    most = max(float(weights.max(initial=0)) for _, weights in section.panels) or 1.0
    colours = LinearSegmentedColormap.from_list("weights", ["#ffffff", BLUE, "#002b49"])
    for k, panel in enumerate(panels.ravel()):
        if k >= len(section.panels):
            panel.set_visible(False)
            continue
        name, weights = section.panels[k]
        aspect = section.cell[1] / section.cell[0]
        drawn = panel.imshow(weights, cmap=colours, vmin=0, vmax=most, aspect=aspect, interpolation="nearest")
        panel.grid(False)
        panel.set_anchor("W")
        if name:
            panel.set_title(name, fontsize=8.5, fontweight="normal", loc="left")
        if weights.size <= MOST_WRITTEN and section.cell[0] >= LOOK:
            for (row, column), value in np.ndenumerate(weights):
                ink = ink_on(colours(value / most)[:3])
                panel.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=ink)
        upright = section.cell[0] < LOOK
        _named(panel.xaxis, section.columns, section.cell[0], LETTERS, rotation=90 if upright else 0)
        letters = WIDE_LABEL if section.across == 1 else LETTERS
        _named(panel.yaxis, section.rows if k % section.across == 0 else [], section.cell[1], letters)
    beside = {"cax": panels[0, 0].inset_axes((1.02, 0, 0.02, 1))} if panels.size == 1 else {"aspect": 12 * down}
    bar(place, list(panels.ravel()), drawn, "weight", low=0.0, **beside)


def _named(axis: Any, labels: Sequence[str], cell: float, letters: int, **options: Any) -> None:
    """Name the steps, where there is room for all; else every second, third, ..."""
    every = max(1, ceil(len(labels) / LABELS), ceil(0.09 / cell)) if labels else 1
    at = list(range(0, len(labels), every))
    size = max(5.5, min(7.5, 72 * cell * every * 0.75))
    axis.set_ticks(at, [_short(labels[k], letters) for k in at], fontsize=size, **options)
    axis.set_tick_params(length=0, pad=2)


def _short(label: str, letters: int) -> str:
    """A step's name as it is drawn: white space by its sign, a long one cut."""
    label = {" ": "␣", "\n": "⏎", "\t": "⇥", "": "(nothing)"}.get(label, label.replace("\n", "⏎"))
    return label if len(label) <= letters else label[: letters - 1] + "…"
