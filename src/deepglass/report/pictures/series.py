"""Series: lines through time, and how a series goes with itself some steps before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, QUIET, TEXT, VERMILLION
from deepglass.report.pictures.forecast import axis_of, dated
from deepglass.report.words import short

if TYPE_CHECKING:
    from deepglass.data.portrait_series import SeriesPortrait

ROW = 0.95  # inches of a variable
MOST_NAMES = 6  # variables that get a colour of their own


def series_height(portrait: SeriesPortrait) -> float:
    """Inches that the lines take."""
    return 0.75 + ROW * max(1, len(portrait.variables) or len(portrait.examples))


def series_rows(place: Any, portrait: SeriesPortrait) -> None:
    """Draw one long series, a row a variable, or some series of each class, a row a class."""
    if portrait.examples:
        _examples(place, portrait)
        return
    panels = np.ravel(place.subplots(len(portrait.variables), 1, squeeze=False, sharex=True))
    for i, (panel, (name, (times, values))) in enumerate(zip(panels, portrait.variables.items())):
        panel.plot(axis_of(times, portrait.dates), values, color=BLUE if i == 0 else QUIET, linewidth=0.8)
        panel.set_ylabel(short(name, 14), fontsize=8.5, rotation=0, ha="right", va="center")
        dated(panel, portrait.dates)
        if portrait.border is not None:
            panel.axvline(axis_of(np.array([portrait.border]), portrait.dates)[0], color=VERMILLION, linewidth=1.2)
    several = f", the first of {portrait.several} pieces" if portrait.several > 1 else ""
    right = "; right of the line it is for validation" if portrait.border is not None else ""
    panels[0].set_title(f"The series{several}{right}")


def correlation_panel(place: Any, portrait: SeriesPortrait) -> None:
    """Draw how the variable to be forecast goes with itself some steps before, with its season marked."""
    panel = place.subplots(1, 1)
    lags = np.arange(len(portrait.correlation))
    panel.axhline(0, color=QUIET, linewidth=0.8)
    panel.vlines(lags, 0, portrait.correlation, color=BLUE, linewidth=min(3.0, 300 / max(1, len(lags))))
    name = short(portrait.learned, 24)
    season = "no season was found"
    if portrait.period > 1:
        season = f"a season of {portrait.period} steps"
        panel.axvline(portrait.period, color=VERMILLION, linewidth=1.4)
    panel.set_title(f"How {name} goes with itself some steps before: {season}")
    panel.set_xlabel("steps before (a straight trend taken off)")
    panel.set_ylabel("correlation")
    panel.set_xlim(-0.5, len(lags) - 0.5)


def _examples(place: Any, portrait: SeriesPortrait) -> None:
    most = max(len(series) for _, series in portrait.examples)
    panels = place.subplots(len(portrait.examples), most, squeeze=False, sharey=True)
    for row, (label, series) in zip(panels, portrait.examples):
        for panel in row[len(series) :]:
            panel.axis("off")
        for panel, values in zip(row, series):
            for i, variable in enumerate(np.atleast_2d(values.T)):
                panel.plot(variable, color=CLASS_COLOURS[i % len(CLASS_COLOURS)], linewidth=1.0)
            panel.tick_params(labelsize=7)
        row[0].set_ylabel(short(label, 14), fontsize=8.5, rotation=0, ha="right", va="center")
    names = portrait.names if 1 < len(portrait.names) <= MOST_NAMES else []
    panels[0][0].set_title("Some series" + (f" ({', '.join(short(n, 12) for n in names)})" if names else ""))
    for name, line in zip(names, panels[0][0].get_lines()):
        line.set_label(short(name, 12))
    if names:
        panels[0][0].legend(fontsize=7, loc="best", labelcolor=TEXT)
