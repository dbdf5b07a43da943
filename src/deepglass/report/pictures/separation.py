"""Separation: the score of a linear model on each layer, and every layer's examples as points of a plane."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.inside.separation import Separated, Separation
from deepglass.plurals import counted
from deepglass.report.pictures.embedding import MOST_CLASSES
from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, MARKERS, QUIET, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PLANES = 8
COLUMNS = 4
TOLD = (
    "Above: the linear model that tells the answer from a layer's numbers. Below: the layers' two strongest directions."
)


@on_paper
def separation_picture(found: Separation, classes: Sequence[str], target: str, title: str) -> Figure:
    """Draw the scores above, and below up to eight layers, evenly chosen, the last among them."""
    from matplotlib.figure import Figure as Page

    chosen = [found.layers[k] for k in _chosen(len(found.layers))]
    columns = min(COLUMNS, len(chosen))
    rows = ceil(len(chosen) / columns)
    page: Any = Page(figsize=(max(7.0, 2.7 * columns + 1.6), 2.9 + 2.6 * rows), layout="constrained")
    page.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    page.supxlabel(TOLD, x=0.01, ha="left", fontsize=8.5, color=QUIET)
    above, below = page.subfigures(2, 1, height_ratios=(2.6, 2.6 * rows))
    _scores(above.subplots(), found)
    panels = list(below.subplots(rows, columns, squeeze=False).ravel())
    for panel, one in zip(panels, chosen):
        _plane(panel, one, found, classes)
    for panel in panels[len(chosen) :]:
        panel.set_axis_off()
    if classes:
        handles, names = panels[0].get_legend_handles_labels()
        below.legend(handles, names, loc="outside right upper", fontsize=8, title=short(target, 20) or None)
    return page


def _chosen(count: int) -> list[int]:
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, MOST_PLANES))})


def _scores(panel: Any, found: Separation) -> None:
    names = [one.layer for one in found.layers]
    scores = [one.score for one in found.layers]
    panel.plot(range(len(names)), scores, "o-", color=BLUE)
    for k, score in enumerate(scores):
        panel.annotate(f"{score:.3f}", (k, score), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    panel.axhline(found.chance, color=QUIET, linestyle=":", linewidth=1)
    turned = len(names) > COLUMNS and max(map(len, names)) > 4
    panel.set_xticks(range(len(names)), [short(name, 16) for name in names], rotation=30 if turned else 0, fontsize=8)
    panel.set_ylabel(f"{found.metric}, linear model")
    panel.margins(y=0.2)


def _plane(panel: Any, one: Separated, found: Separation, classes: Sequence[str]) -> None:
    x, y = one.points[:, 0].numpy(), one.points[:, 1].numpy()
    if classes:
        codes = np.minimum(found.targets.numpy(), MOST_CLASSES)
        for code in range(min(len(classes), MOST_CLASSES + 1)):
            own = codes == code
            colour, marker = (
                CLASS_COLOURS[code % len(CLASS_COLOURS)],
                MARKERS[(code + code // len(CLASS_COLOURS)) % len(MARKERS)],
            )
            name = short(classes[code], 16) if code < MOST_CLASSES else "others"
            panel.scatter(x[own], y[own], s=12, color=colour, marker=marker, linewidths=0, alpha=0.8, label=name)
    else:
        panel.scatter(x, y, c=found.targets.numpy(), s=12, cmap="viridis", linewidths=0)
    panel.set_title(f"{short(one.layer, 16)}: {counted(one.numbers, 'number')}", fontsize=9, fontweight="normal")
    panel.set_xticks([])
    panel.set_yticks([])
    panel.grid(False)
