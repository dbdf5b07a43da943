"""Gradient flow: how large the gradient is in each layer, from the input to the output, at several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.plurals import counted
from deepglass.probes import Evidence
from deepglass.report.pictures.figure import QUIET, WIDTH, new_figure, on_paper, shown_in_notebooks
from deepglass.report.pictures.looks import layers_with, names_of, numbers, plainly, spread

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LAYERS = 40
TIMES = 5
ROOM = 60  # characters that stand beside one another; more names are turned
# quantity -> title of its panel
PANELS = {
    "gradient_norm": "Gradient of each layer's parameters (norm)",
    "backward_rms": "Gradient that arrives at each layer's output (root mean square)",
}


@on_paper
def gradient_flow(evidence: Evidence) -> Figure | None:
    """Draw the gradients through the depth, a line for each of some looks; None where no gradient was measured."""
    found = {}
    for quantity, title in PANELS.items():
        layers = layers_with(evidence, quantity, MOST_LAYERS)
        if len(layers) > 1:
            found[title] = (layers, *numbers(evidence, quantity, layers))
    if not found:
        return None
    figure, panels = new_figure(WIDTH, 3.5 * len(found), len(found), 1)
    for panel, (title, (layers, steps, values)) in zip(panels, found.items()):
        _draw(panel, layers, steps, values)
        panel.set_title(title)
    return shown_in_notebooks(figure)


def _draw(panel: Any, layers: list[str], steps: np.ndarray, values: np.ndarray) -> None:
    from matplotlib import colormaps

    chosen = spread(range(len(steps)), TIMES)
    above = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    for order, look in enumerate(chosen):
        colour = colormaps["cividis"](0.88 - 0.88 * order / max(1, len(chosen) - 1))  # later is darker
        said = counted(steps[look], "step")
        panel.plot(above[:, look], marker="o", markersize=4, color=colour, label=said)
    if np.isfinite(above).any():
        panel.set_yscale("log")
        plainly(panel.yaxis, np.nanmin(above), np.nanmax(above))
    else:
        panel.text(0.5, 0.5, "all gradients are 0 or not finite", transform=panel.transAxes, ha="center", color=QUIET)
    names = names_of(layers)
    turned = sum(map(len, names)) > ROOM
    way = {"rotation": 35, "ha": "right"} if turned else {}
    panel.set_xticks(range(len(names)), names, fontsize=8.5, **way)
    panel.set_xlabel("layer, from the input to the output")
    panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9, title="after", title_fontsize=9)
