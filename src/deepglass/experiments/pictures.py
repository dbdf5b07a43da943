"""Pictures of experiments: curves of several sides over the epochs, and their last scores with every seed as a dot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.experiments.arms import Arm
from deepglass.report.pictures.figure import CLASS_COLOURS, MARKERS, QUIET, new_figure, on_paper
from deepglass.report.words import metric_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLOSE = 0.05  # of an axis, within which two numbers below it would touch
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
            logarithmic(panel)
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
def pairs(values: Mapping[str, Mapping[str, np.ndarray]], title: str) -> Figure:
    """Draw a row for each name, with the mean of every side as a mark and a line between them; seeds are small dots."""
    figure, (panel,) = new_figure(7.6, 1.6 + 0.42 * len(values))
    sides = list(next(iter(values.values())))
    for row, by_side in enumerate(values.values()):
        means = [float(np.mean(by_side[side])) for side in sides]
        panel.hlines(row, min(means), max(means), color=QUIET, linewidth=1.4, zorder=1)
        for colour, marker, side, mean in zip(CLASS_COLOURS, MARKERS, sides, means):
            panel.plot(by_side[side], np.full(len(by_side[side]), row), ".", color=colour, alpha=0.5)
            panel.plot(mean, row, marker, color=colour, markersize=9, label=side if not row else "")
    panel.set_yticks(range(len(values)), list(values))
    panel.invert_yaxis()
    panel.set_xlabel(title)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside upper center", ncols=len(sides))
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
        logarithmic(panel)
    panel.legend()
    return figure


@on_paper
def sweep(panels: Mapping[str, Mapping[str, Mapping[Any, np.ndarray]]], x_name: str, *, log: str = "") -> Figure:
    """Draw a panel for each measure: every side as a line through its means, with every seed as a dot.

    Args:
        panels: what is measured -> side -> x, a number -> a value a seed. One that is no number is a cross at the bottom.
        log: the axes that go by powers of ten: "x", "y" or "xy".
    """
    figure, axes = new_figure(max(6.4, 4.6 * len(panels)), 4.0, 1, len(panels), sharey=True)
    for panel, (title, sides) in zip(axes, panels.items()):
        lost = []
        for colour, (name, by_x) in zip(CLASS_COLOURS * 2, sides.items()):
            panel.plot(list(by_x), [np.mean(v) for v in by_x.values()], color=colour, label=name, marker="_")
            for x, values in by_x.items():
                panel.plot(np.full(len(values), x), values, "o", color=colour, alpha=0.6, markersize=5)
                lost += [(x, colour)] * bool(np.isnan(values).any())
        for x, colour in lost:
            panel.plot(x, 0, "x", color=colour, markersize=9, clip_on=False, transform=panel.get_xaxis_transform())
        for axis in log:
            getattr(panel, f"set_{axis}scale")("log")
            getattr(panel, f"{axis}axis").set_major_formatter(lambda value, place: _number(value))
        _mark(panel, sorted({x for by_x in sides.values() for x in by_x}), "x" in log)
        panel.set_xlabel(x_name)
        panel.set_title(title)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@on_paper
def images(rows: Mapping[str, Sequence[tuple[str, np.ndarray]]]) -> Figure:
    """Draw rows of small pictures, each with its title; white is 0, blue above it and red below."""
    columns = max(map(len, rows.values()))
    figure, axes = new_figure(1.35 * columns + 1.2, 1.6 * len(rows), len(rows), columns)
    for k, (name, pictures) in enumerate(rows.items()):
        for panel in axes[k * columns : (k + 1) * columns]:
            panel.set_axis_off()
        for panel, (title, picture) in zip(axes[k * columns :], pictures):
            largest = float(np.abs(picture).max()) or 1.0
            panel.imshow(picture, cmap="RdBu", vmin=-largest, vmax=largest)
            panel.set_title(title, fontsize=8, fontweight="normal")
        axes[k * columns].text(-0.12, 0.5, name, transform=axes[k * columns].transAxes, ha="right", va="center")
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


def _mark(panel: Any, places: Sequence[float], log: bool) -> None:
    """Write the places that were measured below the axis, but for those too close to the one before."""
    at = np.log(places) if log else np.array(places, dtype=float)
    kept = [0]
    for k in range(1, len(at)):
        if at[k] - at[kept[-1]] > CLOSE * (at[-1] - at[0]):
            kept.append(k)
    panel.set_xticks([places[k] for k in kept], [_number(places[k]) for k in kept])
    panel.minorticks_off()


def _number(value: float) -> str:
    return f"{value:,g}" if abs(value) < 1e6 else f"{value:.0e}"


def logarithmic(panel: Any) -> None:
    """Let the upright axis go by powers of ten, with plain numbers."""
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    panel.yaxis.set_minor_formatter(lambda value, place: "")
