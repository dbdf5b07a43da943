"""Layer map: one quantity of every layer over the whole training, as colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.errors import RunError, SettingError
from deepglass.names import find
from deepglass.probes import Evidence
from deepglass.probes.quantities import OF_A_LAYER
from deepglass.report.pictures.colours import bar, signed
from deepglass.report.pictures.figure import QUIET, VERMILLION, WIDTH, ink_on, new_figure, on_paper, shown_in_notebooks
from deepglass.report.pictures.looks import layers_with, names_of, numbers, over_looks, plainly
from deepglass.report.words import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LAYERS = 40
WRITTEN = 14  # looks up to which each number is written into its cell
NO_NUMBERS = ("activation_quantiles", "fingerprint")  # lists and marks, which no colour can show
SMALLEST = 1e-12  # of the largest number: what is below has the lowest colour of a logarithmic scale


@on_paper
def layer_map(evidence: Evidence, quantity: str = "gradient_norm") -> Figure:
    """Draw a quantity of `deepglass.probes.quantities` for every layer (down) at every look (across).

    Shares run from 0 to 1, signed numbers around 0; all others are on a logarithmic scale. What is nan or infinite is
    marked; a layer without the quantity is not there.
    Raises: UnknownName, when no layer could have it; SettingError, for one that is no number; RunError, when it was not measured.
    """
    find("quantity of a layer", quantity, dict.fromkeys(OF_A_LAYER, str))
    if quantity in NO_NUMBERS:
        raise SettingError(f"{quantity} is no number that a colour could show. Take another, such as activation_std.")
    layers = layers_with(evidence, quantity, MOST_LAYERS)
    if not layers:
        raise RunError(
            f"{quantity} was not measured here. A training that is kept is looked into unless recipe.probes=false; "
            f"measured: {', '.join(n for n in OF_A_LAYER if n not in NO_NUMBERS and evidence.has(n)) or 'nothing'}."
        )
    steps, values = numbers(evidence, quantity, layers)
    figure, (panel,) = new_figure(WIDTH, 1.25 + 0.28 * len(layers))
    colours, scale = _scale(values)
    edges = {"vmin": scale.vmin, "vmax": scale.vmax} if scale.__class__.__name__ == "Normalize" else {"norm": scale}
    drawn = np.where(np.isfinite(values), values, np.nan)
    floor = scale.vmin if "norm" in edges else -np.inf
    picture = panel.imshow(np.maximum(drawn, floor), cmap=colours, aspect="auto", interpolation="nearest", **edges)
    _write(panel, values, colours, scale)
    over_looks(panel, steps)
    panel.set_yticks(range(len(layers)), names_of(layers), fontsize=8.5)
    panel.tick_params(length=0)
    panel.grid(False)
    panel.spines[:].set_visible(False)
    panel.set_title(f"{quantity.replace('_', ' ').capitalize()}: {_brief(quantity)}", fontsize=10.5)
    bar(figure, panel, picture, fraction=0.03, pad=0.015) if "norm" not in edges else _log_bar(figure, panel, picture)
    return shown_in_notebooks(figure)


def _brief(quantity: str) -> str:
    return OF_A_LAYER[quantity][1].split(";")[0].replace("_", " ")


def _scale(values: np.ndarray) -> tuple[Any, Any]:
    """The colours for these numbers, and how a number becomes a place among them."""
    from matplotlib import colormaps
    from matplotlib.colors import LogNorm, Normalize

    plain = colormaps["cividis"]  # the same for any colour vision
    known = values[np.isfinite(values)]
    if not known.size:
        return plain, Normalize(0, 1)
    low, high = float(known.min()), float(known.max())
    if low < 0:
        return signed(), Normalize(-max(-low, high), max(-low, high))
    above = known[known > 0]
    if not above.size or (high <= 1 and low == 0):  # shares, and counts that stayed at 0
        return plain, Normalize(0, 1)
    low = max(float(above.min()), SMALLEST * high)
    return plain, LogNorm(low, high) if high > low else LogNorm(low / 2, high * 2)


def _write(panel: Any, values: np.ndarray, colours: Any, scale: Any) -> None:
    """Write the numbers into their cells, and mark what is none."""
    few = values.shape[1] <= WRITTEN
    middle = {"ha": "center", "va": "center", "fontsize": 7.5, "in_layout": False}
    for (row, look), value in np.ndenumerate(values):
        if np.isinf(value):
            panel.text(look, row, "not finite" if few else "×", color=VERMILLION, **middle)
        elif few and not np.isnan(value):
            ink = ink_on(colours(float(scale(max(value, scale.vmin))))[:3])
            panel.text(look, row, number(float(value), 2), color=ink, **middle)


def _log_bar(figure: Any, panel: Any, picture: Any) -> None:
    made = figure.colorbar(picture, ax=panel, fraction=0.03, pad=0.015)
    made.outline.set_visible(False)
    made.ax.tick_params(labelsize=7.5, length=2, color=QUIET)
    plainly(made.ax.yaxis, picture.norm.vmin, picture.norm.vmax)
