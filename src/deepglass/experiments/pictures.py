"""Pictures of experiments: curves of several sides over the epochs, and their last scores with every seed as a dot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.experiments.arms import Arm
from deepglass.report.pictures.figure import CLASS_COLOURS, QUIET, new_figure, on_paper
from deepglass.report.words import metric_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Look = tuple[str, str]  # metric, part


@on_paper
def curves(sides: Mapping[str, Arm], looks: Sequence[Look] = (("loss", "validation"),), *, log: bool = False) -> Figure:
    """Draw a panel for each metric: the mean over the seeds of every side, and the range of the seeds behind it."""
    figure, panels = new_figure(4.9 * len(looks) + 1.2, 3.6, 1, len(looks))
    for panel, (metric, part) in zip(panels, looks):
        for colour, (name, arm) in zip(CLASS_COLOURS * 2, sides.items()):
            values = arm.curve(metric, part)
            epochs = np.arange(1, values.shape[1] + 1)
            panel.plot(epochs, values.mean(axis=0), color=colour, label=name, marker="o" if len(epochs) < 20 else "")
            panel.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, linewidth=0)
        panel.set_xlabel("epoch")
        panel.set_ylabel(metric_word(metric))
        panel.set_title(f"{metric_word(metric)}, {part}")
        if log:
            _logarithmic(panel)
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@on_paper
def scores(values: Mapping[str, np.ndarray], name: str, *, x_name: str = "") -> Figure:
    """Draw a column of dots for each side, one a seed, with the mean as a line."""
    figure, (panel,) = new_figure(1.6 + 0.95 * max(4, len(values)), 3.4)
    for place, found in enumerate(values.values()):
        found = np.asarray(found, dtype=float)
        panel.plot(np.full(len(found), place), found, "o", color=CLASS_COLOURS[0], alpha=0.65)
        panel.hlines(found.mean(), place - 0.28, place + 0.28, color=CLASS_COLOURS[4], linewidth=2.2)
    panel.set_xticks(range(len(values)), list(values))
    panel.set_xlabel(x_name)
    panel.set_title(f"{name}: a dot a seed, the line their mean")
    return figure


@on_paper
def lines(
    series: Mapping[str, tuple[np.ndarray, np.ndarray]], x_name: str, y_name: str, *, log: bool = False
) -> Figure:
    """Draw several lines (x, y) in one panel."""
    figure, (panel,) = new_figure(7.6, 3.8)
    for colour, (name, (x, y)) in zip(CLASS_COLOURS, series.items()):
        panel.plot(x, y, color=colour, label=name)
    panel.set_xlabel(x_name)
    panel.set_ylabel(y_name)
    if log:
        _logarithmic(panel)
    panel.legend()
    return figure


@on_paper
def fits(x: np.ndarray, y: np.ndarray, slopes: Mapping[str, float], title: str) -> Figure:
    """Draw points, and a line through the origin for each slope."""
    figure, (panel,) = new_figure(7.6, 3.8)
    panel.plot(x, y, ".", color=QUIET, markersize=4)
    ends: Any = np.array([x.min(), x.max()])
    for colour, (name, slope) in zip(CLASS_COLOURS, slopes.items()):
        panel.plot(ends, slope * ends, color=colour, label=f"{name}: slope {slope:.2f}")
    panel.set_xlabel("x")
    panel.set_ylabel("y")
    panel.set_title(title)
    panel.legend()
    return figure


def _logarithmic(panel: Any) -> None:
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    panel.yaxis.set_minor_formatter(lambda value, place: "")
