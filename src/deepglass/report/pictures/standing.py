"""Standing: a score beside those of simple models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepglass.report.pictures.figure import QUIET, VERMILLION, new_figure, on_paper
from deepglass.report.words import metric_word, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Standing:
    """One model's score; `interval` is where the true value may lie, None where that is not known."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    own: bool = False  # of the network that the report is about


@on_paper
def standings(rows: Sequence[Standing], metric: str, unit: str = "") -> Figure:
    """Draw scores as dots with their intervals, one model a line."""
    figure, (panel,) = new_figure(7.0, 1.15 + 0.36 * len(rows))
    for place, row in enumerate(rows):
        colour = VERMILLION if row.own else QUIET
        if row.interval is not None:
            panel.plot(
                row.interval, [place, place], color=colour, linewidth=2.6 if row.own else 1.6, solid_capstyle="butt"
            )
        panel.plot(
            [row.value], [place], "o", color=colour, markersize=8, markerfacecolor=colour if row.own else "white"
        )
        panel.annotate(
            score(metric, row.value),
            (row.value, place),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            fontweight="bold" if row.own else "normal",
        )
    panel.set_yticks(range(len(rows)), [row.name for row in rows])
    for label, row in zip(panel.get_yticklabels(), rows):
        label.set_fontweight("bold" if row.own else "normal")
    panel.set_ylim(len(rows) - 0.4, -0.75)
    panel.margins(x=0.08)
    panel.grid(False, axis="y")
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel(metric_word(metric) + (f" in {unit}" if unit else "") + " on the validation split")
    bars = "; bars are 95 % intervals" if any(row.interval for row in rows) else ""
    word = metric_word(metric)
    panel.set_title(f"{word[:1].upper()}{word[1:]} beside simple models{bars}")
    return figure
