"""Forecast: forecasts beside what came, how the error grows with the steps ahead, and where in time it was off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, QUIET, TEXT, VERMILLION, new_figure, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.report.forecasts import Forecasts

ACROSS = 2
MOST_POINTS = 3000  # of the residuals, evenly spread
LINES: tuple[Any, ...] = ((0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 3)))


@on_paper
def forecast_picture(found: Forecasts) -> Figure:
    """Draw some windows with their forecasts, the error of each step ahead beside simple models, and residuals over time."""
    rows = -(-len(found.shown) // ACROSS)
    figure, panels = new_figure(9.5, 2.4 * (rows + 1), rows + 1, ACROSS)
    windows, below = panels[: rows * ACROSS], panels[rows * ACROSS :]
    name = f"{short(found.variable, 24)}{f' ({short(found.unit, 16)})' if found.unit else ''}"
    for i, panel in enumerate(windows):
        if i >= len(found.shown):
            panel.axis("off")
            continue
        _window(panel, found, i)
        if i % ACROSS == 0:
            panel.set_ylabel(name)
    handles, labels = windows[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, loc="outside upper right", ncols=len(labels), handlelength=1.6)
    _steps(below[0], found, name)
    _residuals(below[1], found)
    return figure


def _window(panel: Any, found: Forecasts, place: int) -> None:
    one = found.shown[place]
    past, ahead = (axis_of(times, found.dates) for times in (one.past_times, one.times))
    joined = [past[-1], *ahead]
    panel.plot(past, one.past, color=QUIET, linewidth=1.2, label="known before")
    panel.plot(joined, [one.past[-1], *one.truth], color=TEXT, linewidth=1.4, label="what came")
    if one.quantiles is not None and one.quantiles.shape[1] > 1:
        low, high = one.quantiles[:, 0], one.quantiles[:, -1]
        label = f"{found.levels[0]:g} to {found.levels[-1]:g} quantile"
        panel.fill_between(ahead, low, high, color=BLUE, alpha=0.22, linewidth=0, label=label)
    panel.plot(ahead, one.value, color=BLUE, linewidth=1.8, marker="o" if len(ahead) == 1 else None, label="forecast")
    panel.axvline(past[-1], color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)))
    if place == 0:
        panel.set_title("Forecasts and what came")
    dated(panel, found.dates)


def _steps(panel: Any, found: Forecasts, name: str) -> None:
    steps = np.arange(1, len(found.by_step) + 1)
    mark = "o" if len(steps) <= 12 else None
    panel.plot(steps, found.by_step, color=BLUE, linewidth=2.2, marker=mark, label="this network")
    for i, (title, errors) in enumerate(found.beside.items()):
        colour = CLASS_COLOURS[(i + 1) % len(CLASS_COLOURS)]
        panel.plot(
            steps,
            errors,
            color=colour,
            linewidth=1.4,
            linestyle=LINES[i % len(LINES)],
            marker=mark,
            markersize=3,
            label=title,
        )
    panel.set_ylim(0, None)
    panel.set_xlabel("steps ahead")
    panel.set_ylabel(f"mean error of {name}")
    panel.set_title("Error by step ahead")
    panel.legend(fontsize=8, loc="best")


def _residuals(panel: Any, found: Forecasts) -> None:
    some = np.linspace(0, len(found.starts) - 1, min(len(found.starts), MOST_POINTS)).round().astype(int)
    panel.axhline(0, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    panel.plot(axis_of(found.starts[some], found.dates), found.residuals[some], color=VERMILLION, linewidth=0.9)
    panel.set_xlabel("where the forecast begins")
    panel.set_title("Forecast minus truth through time")
    dated(panel, found.dates)


def axis_of(times: np.ndarray, dates: bool) -> np.ndarray:
    """Times for an axis: dates as datetime64, numbers as they are."""
    if not dates:
        return times
    return np.asarray((times * 86_400).round().astype("int64").astype("datetime64[s]"))


def dated(panel: Any, dates: bool) -> None:
    panel.tick_params(labelsize=8)
    if dates:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=2, maxticks=8)
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(ConciseDateFormatter(locator))
