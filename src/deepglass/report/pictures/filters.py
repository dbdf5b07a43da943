"""Filters: the weights of a layer as small pictures: what each of its units looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.inside import Filters
from deepglass.report.pictures.colours import SCALE, bar, bare, reach, signed, tiles
from deepglass.report.pictures.figure import QUIET, on_paper, shown_in_notebooks
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 12  # kernels side by side
MOST_TILES = 24  # of a layer with one channel, or of a dense layer over an image
MOST_ROWS = 4  # filters of a layer with many channels, a row each
MOST_UNITS = 64  # rows of a table of weights
MOST_NAMED = 24  # inputs of a dense layer that are named
BESIDE = 0.34  # inches of a layer's title
LONG = 8  # weights along a signal from which a kernel is drawn as a curve: a row of cells would be a hair line
OF_A_CELL = 0.86  # share of its cell that a curve fills, the rest parts it from its neighbours
ABOVE, BELOW = SCALE[-2], SCALE[1]


def filters_height(found: dict[str, Filters], shape: tuple[int, ...], unit: int | None = None) -> float:
    """Inches that `filter_pictures` needs."""
    return 0.7 + sum(_height(one, shape, unit) for one in found.values())


def filter_pictures(
    place: Any,
    found: dict[str, Filters],
    shape: tuple[int, ...] = (),
    names: tuple[str, ...] = (),
    unit: int | None = None,
) -> None:
    """Draw the weights of some layers. Args: shape: of one input example; names: of its columns; unit: show its filter alone."""
    place.suptitle("Filters: the weights, one picture for each", x=0.01, ha="left", fontsize=11, fontweight="bold")
    place.supxlabel(
        "Orange: more here excites the unit; blue: more here calms it; white: it does not look here.", x=0.01, ha="left",
        fontsize=8.5, color=QUIET,
    )  # fmt: skip
    heights = [_height(one, shape, unit) for one in found.values()]
    panels = place.subplots(len(found), 1, squeeze=False, height_ratios=heights)[:, 0]
    for panel, one in zip(panels, found.values()):
        kernels, across, title = _laid_out(one, shape, unit)
        most = reach(kernels)
        options = {"cmap": signed(), "vmin": -most, "vmax": most, "interpolation": "nearest"}
        bare(panel)
        if kernels.ndim == 2:
            picture = panel.imshow(kernels, aspect="auto", **options)
            panel.set_ylabel("units", fontsize=8)
            if kernels.shape[1] <= MOST_NAMED:
                shown = list(names) if len(names) == kernels.shape[1] else [str(i) for i in range(kernels.shape[1])]
                panel.set_xticks(range(len(shown)), [short(n, 16) for n in shown], fontsize=8)
                panel.tick_params(length=0)
        elif _are_curves(kernels):
            _curves(panel, kernels[:, 0], across, most)
            panel.set_title(f"{title}; up to {most:.2g} above and below 0", fontsize=9.5, fontweight="normal")
            continue
        else:
            picture = panel.imshow(tiles(kernels, across), **options)
        panel.set_anchor("W")
        panel.set_title(title, fontsize=9.5, fontweight="normal")
        bar(place, panel, picture, fraction=0.03, aspect=8)


@on_paper
def before_and_after(
    before: dict[str, Filters], after: dict[str, Filters], shape: tuple[int, ...], title: str
) -> Figure:
    """Draw the filters of some layers twice, each layer before above after. Args: shape: of one input example."""
    from matplotlib.figure import Figure

    found = {one.layer: one for name in after for one in (before[name], after[name])}
    figure = Figure(figsize=(9.5, filters_height(found, shape) + 0.3), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[0.3, filters_height(found, shape)])[:, 0]
    above.text(0.01, 0.5, title, fontsize=12, fontweight="bold", va="center")
    filter_pictures(below, found, shape)
    return shown_in_notebooks(figure)


def _laid_out(one: Filters, shape: tuple[int, ...], unit: int | None) -> tuple[np.ndarray, int, str]:
    """The kernels (count, height, width) or a table (units, inputs), how many stand side by side, and a title."""
    values = one.values.float().numpy()
    head = f"{one.layer}  ({one.kind}): "
    if unit is not None:
        values, head = values[unit : unit + 1], head + f"unit {unit} of {len(values)}: "
    if values.ndim == 2:
        if len(shape) == 3 and np.prod(shape) == values.shape[1]:
            images = values.reshape(len(values), *shape).mean(axis=1)[:MOST_TILES]
            return images, ACROSS, head + _some(len(images), len(values), "units") + ", each a weight for every pixel"
        table = values[:MOST_UNITS]
        return table, 0, head + _some(len(table), len(values), "units") + ", a row each, with a weight for every input"
    if values.ndim == 3:  # of a signal: kernels one pixel high
        values = values[:, :, None]
    count, channels = values.shape[:2]
    size = "×".join(map(str, values.shape[2:]))
    if channels == 1:
        kernels = values[:MOST_TILES, 0]
        return kernels, ACROSS, head + _some(len(kernels), count, f"filters of {size}")
    across = min(channels, ACROSS)
    rows = values[:MOST_ROWS, :across]
    each = "a row each, " if len(rows) > 1 else ""
    title = _some(len(rows), count, f"filters of {size}") + f", {each}with {_some(across, channels, 'channels')}"
    return rows.reshape(-1, *values.shape[2:]), across, head + title


def _are_curves(kernels: np.ndarray) -> bool:
    return kernels.ndim == 3 and kernels.shape[1] == 1 and kernels.shape[2] >= LONG


def _curves(panel: Any, kernels: np.ndarray, across: int, most: float) -> None:
    """Draw kernels of a signal as curves over its samples, `across` in a row, on one scale. Shapes: kernels (count, samples)."""
    for i, kernel in enumerate(kernels):
        row, column = divmod(i, across)
        x = column + np.linspace(0, OF_A_CELL, len(kernel))
        y = kernel / most * OF_A_CELL / 2
        panel.fill_between(x, -row, y - row, where=y >= 0, interpolate=True, color=ABOVE, linewidth=0)
        panel.fill_between(x, -row, y - row, where=y <= 0, interpolate=True, color=BELOW, linewidth=0)
        panel.plot(x[[0, -1]], [-row, -row], color=QUIET, linewidth=0.5)
    panel.set_xlim(0, across)
    panel.set_ylim(-len(kernels) // across + 0.5, 0.5)


def _some(shown: int, count: int, what: str) -> str:
    if count == 1:
        return f"1 {what[:-1] if what.endswith('s') else what.replace('filters', 'filter')}"
    return f"{count} {what}" if shown == count else f"the first {shown} of {count} {what}"


def _height(one: Filters, shape: tuple[int, ...], unit: int | None) -> float:
    kernels, across, _ = _laid_out(one, shape, unit)
    if kernels.ndim == 2:
        return BESIDE + 0.3 + min(2.6, max(0.8, 0.055 * len(kernels)))
    rows = -(-len(kernels) // across)
    if _are_curves(kernels):
        return BESIDE + 0.1 + 0.5 * rows
    return BESIDE + 0.1 + rows * 0.66 * min(1.0, kernels.shape[1] / kernels.shape[2] + 0.25)
