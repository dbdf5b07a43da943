"""Filling: the holes of a series with what was hidden there and what it was filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, new_figure, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.report.fillings import Fillings

ACROSS = 2


@on_paper
def filling_picture(found: Fillings) -> Figure:
    """Draw some windows: what was known as a line with dots, and at each hidden step the truth and what was put there."""
    rows = -(-len(found.shown) // ACROSS)
    figure, panels = new_figure(9.5, 0.4 + 2.3 * rows, rows, ACROSS)
    name = f"{short(found.variable, 24)}{f' ({short(found.unit, 16)})' if found.unit else ''}"
    for i, panel in enumerate(panels):
        if i >= len(found.shown):
            panel.axis("off")
            continue
        one = found.shown[i]
        steps = np.arange(1, len(one.known) + 1)
        panel.plot(steps, one.known, color=QUIET, linewidth=1.0, marker=".", markersize=3.5, label="known")
        panel.plot(steps, one.hidden, "o", color=TEXT, markersize=6, markerfacecolor="none", label="hidden")
        panel.plot(steps, one.filled, "o", color=BLUE, markersize=3.8, label="filled")
        panel.set_title(f"example {one.example}", fontsize=9, fontweight="normal")
        panel.tick_params(labelsize=8)
        if i % ACROSS == 0:
            panel.set_ylabel(name)
        if i >= len(panels) - ACROSS:
            panel.set_xlabel("time step of the window")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, loc="outside upper right", ncols=len(labels), handlelength=1.6)
    return figure
