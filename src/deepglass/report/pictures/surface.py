"""Surface: what a network of two inputs answers everywhere between and around its examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.contents import Points, Surface
from deepglass.report.pictures.figure import CLASS_COLOURS, MARKERS, TEXT, new_figure, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PALEST = 0.12  # share of a class's colour where it barely wins
STRONGEST = 0.62  # and where it is certain: still light enough for points to be seen on it


@on_paper
def decision_surface(surface: Surface, classes: Sequence[Any] = (), *, target: str = "", unit: str = "") -> Figure:
    """Draw a surface with the examples on it: training ones as small dots, validation ones larger, ringed in black.

    For classes the colour is the most probable one, paler where it is less certain, with a line where the answer
    changes. For a number the colour is its value.
    """
    figure, (panel,) = new_figure(7.6, 5.6)
    panel.grid(False)
    if surface.values.ndim == 3:
        _classes(panel, surface, classes)
        panel.set_title("The most probable class; paler where less certain")
        panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=9, handletextpad=0.3)
    else:
        _numbers(figure, panel, surface, f"{target} in {unit}" if unit else target)
        panel.set_title(f"Predicted {target}: points are true values in the same colours")
    panel.set_xlabel(surface.names[0])
    panel.set_ylabel(surface.names[1])
    panel.set_xlim(surface.x[0], surface.x[-1])
    panel.set_ylim(surface.y[0], surface.y[-1])
    return figure


def _classes(panel: Any, surface: Surface, classes: Sequence[Any]) -> None:
    from matplotlib.colors import to_rgb

    values = np.nan_to_num(surface.values)
    count = values.shape[2]
    palette = np.array([to_rgb(CLASS_COLOURS[i % len(CLASS_COLOURS)]) for i in range(count)])
    winner = values.argmax(axis=2)
    lead = (values.max(axis=2) - 1 / count) / (1 - 1 / count) if count > 1 else np.ones(winner.shape)
    strength = PALEST + (STRONGEST - PALEST) * lead.clip(0, 1)[..., None]
    panel.imshow(palette[winner] * strength + 1 - strength, extent=_extent(surface), origin="lower", aspect="auto")
    for code in range(count if count > 2 else 1):
        others = np.delete(values, code, axis=2).max(axis=2)
        margin = values[..., code] - others
        if margin.min() < 0 < margin.max():
            panel.contour(surface.x, surface.y, margin, levels=[0], colors=TEXT, linewidths=1)
    names = [short(c) for c in classes] or [str(i) for i in range(count)]
    for points, size, edge, width in ((surface.train, 16, "white", 0.5), (surface.validation, 34, "black", 1.0)):
        for code in range(count):
            _scatter(
                panel, points, points.targets == code, palette[code], MARKERS[code % len(MARKERS)], size, edge, width
            )
    for code in range(count):
        marker = MARKERS[code % len(MARKERS)]
        panel.plot([], [], marker, color=palette[code], markersize=7, label=names[code])
    if len(surface.validation.targets):
        panel.plot([], [], "o", markerfacecolor="none", markeredgecolor="black", markersize=7, label="validation")


def _numbers(figure: Any, panel: Any, surface: Surface, label: str) -> None:
    everything = np.concatenate([surface.values.ravel(), surface.train.targets, surface.validation.targets]).astype(
        float
    )
    finite = everything[np.isfinite(everything)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0, 1)
    options = {"cmap": "viridis", "vmin": low, "vmax": high}
    picture = panel.imshow(surface.values, extent=_extent(surface), origin="lower", aspect="auto", **options)
    for points, size, edge in ((surface.train, 16, "white"), (surface.validation, 36, "black")):
        panel.scatter(*points.inputs.T, c=points.targets, s=size, edgecolors=edge, linewidths=0.7, **options)
    bar = figure.colorbar(picture, ax=panel)
    bar.set_label(label)
    bar.outline.set_visible(False)


def _scatter(
    panel: Any, points: Points, chosen: Any, colour: Any, marker: str, size: int, edge: str, width: float
) -> None:
    x, y = points.inputs[chosen].T
    panel.scatter(x, y, color=[colour], marker=marker, s=size, edgecolors=edge, linewidths=width)


def _extent(surface: Surface) -> tuple[float, ...]:
    half_x = (surface.x[-1] - surface.x[0]) / (len(surface.x) - 1) / 2
    half_y = (surface.y[-1] - surface.y[0]) / (len(surface.y) - 1) / 2
    return surface.x[0] - half_x, surface.x[-1] + half_x, surface.y[0] - half_y, surface.y[-1] + half_y
