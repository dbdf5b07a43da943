"""Activation bands: between which numbers what a layer gives lies, over the training, a panel for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepglass.probes import Evidence
from deepglass.probes.quantities import QUANTILES
from deepglass.report.pictures.figure import BLUE, QUIET, WIDTH, on_paper, shown_in_notebooks
from deepglass.report.pictures.looks import layers_with, names_of, numbers, over_looks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LAYERS = 12
ACROSS = 3
BANDS = (
    (0, 6, 0.18),
    (1, 5, 0.25),
    (2, 4, 0.4),
)  # places of the quantiles between which it is filled, and how strongly
SPOKEN = ", ".join(f"{100 * (QUANTILES[high] - QUANTILES[low]):.0f}" for low, high, _ in BANDS)  # per cent


@on_paper
def activation_bands(evidence: Evidence) -> Figure | None:
    """Draw the quantiles of what each layer gives for the same examples, look by look; None where none were measured."""
    from matplotlib.figure import Figure

    layers = layers_with(evidence, "activation_quantiles", MOST_LAYERS)
    if not layers:
        return None
    steps, values = numbers(evidence, "activation_quantiles", layers)  # (layers, looks, quantiles)
    values = np.where(np.isfinite(values), values, np.nan)
    rows = -(-len(layers) // ACROSS)
    height = 0.7 + 1.75 * rows
    height = 0.7 + 1.75 * rows
    figure = Figure(
        figsize=(WIDTH, height)
    )  # with fixed margins: to lay out many panels takes longer than to draw them
    figure.subplots_adjust(0.05, 0.6 / height, 0.99, 1 - 0.25 / height, wspace=0.17, hspace=0.42)
    panels = figure.subplots(rows, ACROSS, squeeze=False).ravel()
    kinds = {layer.name: layer.kind for layer in evidence.layers}
    x = np.arange(len(steps))
    for i, (panel, name, shown) in enumerate(zip(panels, layers, names_of(layers))):
        for low, high, strength in BANDS:
            panel.fill_between(x, values[i, :, low], values[i, :, high], color=BLUE, alpha=strength, linewidth=0)
        panel.plot(x, values[i, :, len(QUANTILES) // 2], color=BLUE, marker="o", markersize=2.5, linewidth=1.4)
        panel.axhline(0, color=QUIET, linewidth=0.7)
        over_looks(panel, steps, 6, named=False)
        panel.set_title(f"{shown}  ({kinds[name]})", fontsize=9, fontweight="normal")
        panel.tick_params(labelsize=7.5)
    for panel in panels[len(layers) :]:
        panel.set_axis_off()
    figure.supxlabel(
        f"steps taken; the bands hold {SPOKEN} % of a layer's numbers, the line is their median",
        y=0.08 / height,
        fontsize=8.5,
        color=QUIET,
    )
    return shown_in_notebooks(figure)
