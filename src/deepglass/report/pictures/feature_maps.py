"""Feature maps: what every layer gives for one example, as a picture of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepglass.inside import Activation
from deepglass.report.pictures.figure import WIDTH, on_paper, shown_in_notebooks
from deepglass.report.pictures.layers import layers, layers_height

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@on_paper
def feature_maps(heard: dict[str, Activation], outputs: Sequence[str] = ()) -> Figure:
    """Draw the layers one below the other, as `run.look` does. Args: outputs: names for the units of the last layer."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, layers_height(heard)), layout="constrained")
    layers(figure.subfigures(1, 1), heard, outputs)
    return shown_in_notebooks(figure)
