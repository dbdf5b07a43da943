"""Looks: what pictures of evidence share: which layers and looks are drawn, their numbers, and the axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.inside.activations import HANDS_ON
from deepglass.probes import Evidence
from deepglass.probes.quantities import OF_A_LAYER
from deepglass.report.words import short

OF_OUTPUTS = (
    "activations",
    "saturation",
    "backward",
)  # sections that layers that only hand on repeat from the one before
MOST_LOOKS = 24  # looks that are drawn side by side; of more, evenly spread ones
NAME = 22  # characters of a layer's name


def layers_with(evidence: Evidence, quantity: str, most: int) -> list[str]:
    """The layers that have a quantity, from the input to the output; of more than `most`, evenly spread ones.

    Raises: SettingError, when there is no such quantity.
    """
    outputs = quantity in OF_A_LAYER and OF_A_LAYER[quantity][0] in OF_OUTPUTS
    names = [
        layer.name
        for layer in evidence.layers
        if len(evidence.series(quantity, layer.name)) and not (outputs and layer.kind in HANDS_ON)
    ]
    return spread(names, most)


def numbers(evidence: Evidence, quantity: str, layers: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The steps (looks,) at which a quantity was measured, and its numbers (layers, looks), nan where a layer has none.

    Lists, such as quantiles, add an axis at the end. A number that came out as nan is inf here, so that the two differ.
    """
    found = {name: dict(evidence.series(quantity, name)) for name in layers}
    steps = spread(sorted({step for values in found.values() for step in values}), MOST_LOOKS)
    first = next((v for values in found.values() for v in values.values()), 0.0)
    shape = (len(layers), len(steps), *np.shape(first))
    values = np.full(shape, np.nan)
    for i, name in enumerate(layers):
        for j, step in enumerate(steps):
            if step in found[name]:
                values[i, j] = np.nan_to_num(found[name][step], nan=np.inf, posinf=np.inf, neginf=-np.inf)
    return np.array(steps, dtype=int), values


def spread(things: Sequence[Any], most: int) -> list[Any]:
    """At most that many of some things, evenly spread, the first and the last among them.

    >>> spread([0, 1, 2, 3, 4, 5, 6], 3)
    [0, 3, 6]
    """
    if len(things) <= most:
        return list(things)
    return [things[i] for i in np.unique(np.linspace(0, len(things) - 1, most).round().astype(int))]


def over_looks(panel: Any, steps: np.ndarray, labels: int = 12, *, named: bool = True) -> None:
    """Make the axis of a panel one of looks, each as wide as the next, named by the steps taken before."""
    at = spread(range(len(steps)), labels)
    panel.set_xticks(at, [f"{steps[i]:,}" for i in at])
    if named:
        panel.set_xlabel("steps taken; each look is as wide as the next, so the beginning is stretched")


def plainly(axis: Any, low: float, high: float) -> None:
    """Name the places of a logarithmic axis by plain numbers: 1, 2 and 5 of each power where there are few powers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0,) if high > 300 * low else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def names_of(layers: Sequence[str]) -> list[str]:
    return [short(name or "network", NAME) for name in layers]
