"""Proved: the pairs of trainings behind a proof, and the interval that they give, a row of two panels for each remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepglass.report.diagnosis import Pairs
from deepglass.report.pictures.figure import BLUE, GREEN, ORANGE, QUIET, VERMILLION, WIDTH, new_figure, on_paper
from deepglass.report.words import metric_word, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SPAN = 5  # margins that an axis shows at least, so that noise does not look large
WORDS = {"helped": "helped", "no_difference": "did nothing", "hurt": "did harm", "undecided": "undecided"}
COLOURS = {"helped": GREEN, "no_difference": QUIET, "hurt": VERMILLION, "undecided": ORANGE}


@on_paper
def proved(tried: Sequence[Pairs]) -> Figure:
    """Draw each remedy: its trainings beside those without it, a line a seed; and their differences with the interval.

    The grey band holds the differences that are too small to matter.
    """
    shown = [remedy for remedy in tried if remedy.control]
    if not shown:
        figure, panels = new_figure(WIDTH, 1.2)
        panels[0].set_axis_off()
        panels[0].text(0.5, 0.5, "No pair of trainings came to an end.", ha="center", va="center", color=QUIET)
        return figure
    figure, panels = new_figure(WIDTH, 3.3 * len(shown), len(shown), 2)
    for remedy, left, right in zip(shown, panels[::2], panels[1::2]):
        _draw_pairs(left, remedy)
        _draw_differences(right, remedy)
    return figure


def _draw_pairs(panel: Any, remedy: Pairs) -> None:
    for before, after in zip(remedy.control, remedy.remedy):
        panel.plot([0, 1], [before, after], color=QUIET, linewidth=0.8, alpha=0.6, zorder=1)
    for place, values, colour in ((0, remedy.control, ORANGE), (1, remedy.remedy, BLUE)):
        panel.plot([place] * len(values), values, "o", color=colour, markersize=6, alpha=0.85)
    panel.set_xticks([0, 1], ["as it was", "changed"])
    panel.set_xlim(-0.4, 1.4)
    panel.margins(y=0.12)
    _at_least(panel, SPAN * remedy.margin)
    panel.set_ylabel(f"validation {metric_word(remedy.metric)}")
    panel.set_title(short(remedy.named, 56), fontsize=10)
    panel.grid(axis="x", visible=False)


def _draw_differences(panel: Any, remedy: Pairs) -> None:
    differences = [after - before for before, after in zip(remedy.control, remedy.remedy)]
    panel.axhspan(-remedy.margin, remedy.margin, color=QUIET, alpha=0.15, linewidth=0)
    panel.axhline(0, color=QUIET, linewidth=1)
    count = len(differences)
    places = [0.25 * (i + 0.5) / count - 0.125 for i in range(count)]
    panel.plot(places, differences, "o", color=QUIET, markersize=5, alpha=0.8)
    if remedy.interval is not None and remedy.effect is not None:
        low, high = remedy.interval
        reach = [[remedy.effect - low], [high - remedy.effect]]
        colour = COLOURS[remedy.verdict]
        panel.errorbar([0.5], [remedy.effect], yerr=reach, fmt="D", color=colour, capsize=7, markersize=7, linewidth=2)
    panel.set_xticks([0, 0.5], [f"{count} pair{'s' * (count != 1)}", "mean, 95 % interval"])
    panel.set_xlim(-0.3, 0.8)
    panel.margins(y=0.12)
    _at_least(panel, SPAN * remedy.margin)
    panel.annotate(
        "too small to matter",
        (0.41, remedy.margin),
        xycoords=("axes fraction", "data"),
        ha="left",
        va="bottom",
        fontsize=8,
        color=QUIET,
    )
    panel.set_ylabel("difference")
    panel.set_title(WORDS[remedy.verdict].capitalize(), fontsize=11)
    panel.grid(axis="x", visible=False)


def _at_least(panel: Any, span: float) -> None:
    low, high = panel.get_ylim()
    if high - low < span:
        middle = (low + high) / 2
        panel.set_ylim(middle - span / 2, middle + span / 2)
