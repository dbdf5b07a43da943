"""Likeliest: new examples with a bar for each of their likeliest labels, as in a famous figure of 2012.

Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012, figure 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import BLUE, ORANGE, WIDTH, on_paper, shown_in_notebooks
from deepglass.report.pictures.mosaic import picture_of
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 4  # examples side by side
PICTURE = 1.7  # inches of a picture
BAR = 0.24  # inches of a label
NAME = 24  # characters of a label or a file


@on_paper
def likeliest_picture(
    images: Sequence[np.ndarray] | None, names: Sequence[str], labels: np.ndarray, chances: np.ndarray, title: str
) -> Figure:
    """Draw examples. Shapes: labels and chances (examples, top). Args: images: (channels, height, width) each, or None."""
    from matplotlib.figure import Figure

    rows, top = -(-len(labels) // ACROSS), labels.shape[1]
    heights = ([PICTURE] if images is not None else []) + [BAR * top + 0.25]
    figure = Figure(figsize=(WIDTH, 0.5 + rows * (sum(heights) + 0.35)), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    panels = figure.subplots(rows * len(heights), ACROSS, squeeze=False, height_ratios=heights * rows)
    for panel in panels.ravel():
        panel.set_axis_off()
    for i in range(len(labels)):
        above = panels[(i // ACROSS) * len(heights), i % ACROSS]
        below = panels[(i // ACROSS) * len(heights) + len(heights) - 1, i % ACROSS]
        if images is not None:
            _image(above, images[i])
        above.set_title(short(names[i], NAME), fontsize=9, fontweight="normal")
        _bars(below, labels[i], chances[i])
    return shown_in_notebooks(figure)


def _image(panel: Any, image: np.ndarray) -> None:
    picture = picture_of(image)
    low, high = float(picture.min()), float(picture.max())
    panel.set_axis_on()
    panel.imshow((picture - low) / max(high - low, 1e-12), cmap="gray")
    bare(panel)


def _bars(panel: Any, labels: np.ndarray, chances: np.ndarray) -> None:
    """One bar a label, the likeliest on top and in orange; the label stands in the bar's row."""
    panel.barh(range(len(labels)), chances, color=[ORANGE] + [BLUE] * (len(labels) - 1), alpha=0.55, height=0.86)
    for k, (label, chance) in enumerate(zip(labels, chances)):
        panel.text(0.02, k, short(str(label), NAME), va="center", fontsize=8.5)
        panel.text(1.0, k, f"{chance:.3f}", va="center", ha="right", fontsize=8.5)
    panel.set_xlim(0, 1)
    panel.set_ylim(len(labels) - 0.4, -0.6)
