"""Dreams: an image and noise on their way to what a unit looks for, and what the unit gives at every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepglass.data import Field
from deepglass.inside.dreaming import Dream
from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import CLASS_COLOURS, QUIET, new_figure, on_paper
from deepglass.report.pictures.saliency import shown_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOLD = "Made from the network alone: what it looks for, or over-reads. No picture like these is in the data."


@on_paper
def dreams_picture(rows: Mapping[str, Dream], field: Field, title: str, said: str) -> Figure:
    """Draw a row for each start: the image after some steps, and the values by step."""
    kept = next(iter(rows.values())).steps
    widths = [*([1.0] * len(kept)), 1.5]
    figure, axes = new_figure(
        1.9 * sum(widths) + 0.8, 2.2 * len(rows) + 0.7, len(rows), len(kept) + 1, width_ratios=widths
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(TOLD, x=0.01, ha="left", fontsize=8.5, color=QUIET)
    for row, (start, one) in enumerate(rows.items()):
        *panels, curve = axes[row * (len(kept) + 1) : (row + 1) * (len(kept) + 1)]
        for panel, step, image in zip(panels, kept, one.images):
            shown = shown_image(field, image[None])
            panel.imshow(shown, interpolation="nearest", **({"cmap": "gray"} if shown.ndim == 2 else {}))
            bare(panel)
            panel.set_title(f"step {step}" if step else start, fontsize=9.5, fontweight="normal")
        curve.plot(range(len(one.values)), one.values.numpy(), color=CLASS_COLOURS[0])
        curve.set_title(f"{said} gives", fontsize=9.5, fontweight="normal")
        curve.set_xlabel("step")
    return figure
