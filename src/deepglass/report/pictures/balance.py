"""Balance: how many examples each class has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepglass.report.pictures.figure import BLUE, QUIET, new_figure, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 40  # bars; of more classes the largest and the smallest are shown


@on_paper
def class_balance(counts: Mapping[str, int]) -> Figure:
    """Draw the number of examples of each class as bars."""
    items = list(counts.items())
    left_out = 0
    if len(items) > MOST:
        ranked = sorted(items, key=lambda item: -item[1])
        left_out = len(items) - MOST
        items = [*ranked[: MOST // 2], *ranked[-MOST // 2 :]]
    figure, (panel,) = new_figure(7.0, max(1.5, 0.8 + 0.25 * len(items)))
    places = range(len(items))
    panel.barh(places, [n for _, n in items], color=BLUE, height=0.7)
    for place, (_, count) in zip(places, items):
        panel.annotate(f"{count:,}", (count, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
    panel.set_yticks(places, [short(name, 28) for name, _ in items])
    panel.invert_yaxis()
    panel.grid(False, axis="y")
    panel.margins(x=0.1, y=0.02)
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel("examples for training and validation")
    most, fewest = max(counts.values(), default=0), min(counts.values(), default=0)
    ratio = f"; the largest is {most / fewest:.1f} times the smallest" if fewest and most > fewest else ""
    panel.set_title(f"{len(counts)} classes{ratio}")
    if left_out:
        panel.text(
            1, 0, f"{left_out} in between left out", transform=panel.transAxes, ha="right", color=QUIET, fontsize=9
        )
    return figure
