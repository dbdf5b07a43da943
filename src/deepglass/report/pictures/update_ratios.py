"""Update ratios: by what share of its length a step changes the weights of each layer, beside the usual one in a thousand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepglass.probes import Evidence
from deepglass.report.pictures.figure import QUIET, VERMILLION, WIDTH, new_figure, on_paper, shown_in_notebooks
from deepglass.report.pictures.looks import layers_with, names_of, numbers, over_looks, plainly

if TYPE_CHECKING:
    from matplotlib.figure import Figure

USUAL = 1e-3
SOURCE = (
    "Karpathy, CS231n, Neural Networks Part 3, “Ratio of weights:updates”"  # a rule of thumb: "somewhere around 1e-3"
)
MOST_LAYERS = 12


@on_paper
def update_ratios(evidence: Evidence) -> Figure | None:
    """Draw norm of the update over norm of the weights, a line for each layer; None where no step was measured."""
    from matplotlib import colormaps

    layers = layers_with(evidence, "update_ratio", MOST_LAYERS)
    if not layers:
        return None
    steps, values = numbers(evidence, "update_ratio", layers)
    above = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    if not np.isfinite(above).any():
        return None
    figure, (panel,) = new_figure(WIDTH, 3.6)
    for i, name in enumerate(names_of(layers)):
        colour = colormaps["cividis"](0.88 * i / max(1, len(layers) - 1))
        panel.plot(above[i], marker="o", markersize=4, color=colour, label=name)
    panel.axhline(USUAL, color=VERMILLION, linewidth=1.3, linestyle=(0, (4, 3)))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    panel.text(
        0.01,
        USUAL,
        "1e-3",
        transform=panel.get_yaxis_transform(),
        va="center",
        fontsize=8.5,
        color=VERMILLION,
        bbox=box,
    )
    panel.set_yscale("log")
    plainly(panel.yaxis, min(USUAL, float(np.nanmin(above))), max(USUAL, float(np.nanmax(above))))
    over_looks(panel, steps)
    panel.set_ylabel("update / weights")
    panel.set_title("How far a step moves the weights of each layer, as a share of their length")
    panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5, title="layer", title_fontsize=9)
    figure.supxlabel(f"Dashed: about 1e-3 is usual ({SOURCE}).", x=0.01, ha="left", fontsize=8, color=QUIET)
    return shown_in_notebooks(figure)
