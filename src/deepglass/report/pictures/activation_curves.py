"""Activation curves: activations and their slopes, with what is flat set apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deepglass.inside.activation_curve import ActivationCurve
from deepglass.report.pictures.figure import BLUE, QUIET, VERMILLION, WIDTH, new_figure, on_paper, shown_in_notebooks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 4
FLAT = "#e8eaed"


@on_paper
def activation_curves(curves: Sequence[ActivationCurve]) -> Figure:
    """Draw each activation in a panel of its own: its value, its slope, and grey where the slope is nearly gone."""
    across = min(ACROSS, len(curves))
    rows = -(-len(curves) // across)
    figure, panels = new_figure(WIDTH, 0.6 + (3.6 if across == 1 else 2.0) * rows, rows, across)
    for panel, curve in zip(panels, curves):
        x = curve.x.numpy()
        panel.fill_between(
            x,
            0,
            1,
            where=curve.flat.numpy(),
            transform=panel.get_xaxis_transform(),
            color=FLAT,
            linewidth=0,
            step="mid",
        )
        panel.axhline(0, color=QUIET, linewidth=0.6)
        panel.axvline(0, color=QUIET, linewidth=0.6)
        panel.plot(x, curve.values.numpy(), color=BLUE)
        panel.plot(x, curve.slopes.numpy(), color=VERMILLION, linewidth=1.3, linestyle=(0, (4, 2)))
        low, high = np.nanmin([curve.values.min(), -0.3]), np.nanmax([curve.values.max(), 1.3])
        panel.set_ylim(max(low, -2.2) - 0.1, min(high, 3.2) + 0.1)
        panel.set_title(curve.name, fontsize=9.5)
        panel.tick_params(labelsize=7.5)
    for panel in panels[len(curves) :]:
        panel.set_axis_off()
    figure.supxlabel(
        "Blue: what it makes of x; dashed: its slope; grey: the slope is under 5 % of the largest, hardly any gradient passes.",
        x=0.01, ha="left", fontsize=8.5, color=QUIET,
    )  # fmt: skip
    return shown_in_notebooks(figure)
