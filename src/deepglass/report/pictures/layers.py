"""Layers: what every layer gives for one example: maps as tiles, units as bars or a strip of colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.inside import Activation
from deepglass.inside.activations import HANDS_ON
from deepglass.plurals import counted
from deepglass.report.pictures.colours import bar, bare, gap_of, reach, signed, strip, tiles
from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, VERMILLION
from deepglass.report.words import short

MOST_LAYERS = 16  # of more, evenly spread ones
ACROSS = 12  # maps side by side
MOST_MAPS = 24  # of a layer among others
MOST_ALONE = 96  # of a layer that is shown alone
MOST_BARS = 24  # units that are drawn as bars
A_ROW = 64  # units side by side in a strip
BESIDE = 0.34  # inches of a layer's title


def shown_layers(heard: dict[str, Activation]) -> list[Activation]:
    """The layers that are drawn: not those that only hand on, and of too many evenly spread ones."""
    telling = [one for one in heard.values() if one.kind not in HANDS_ON] or list(heard.values())
    if len(telling) <= MOST_LAYERS:
        return telling
    at = np.linspace(0, len(telling) - 1, MOST_LAYERS).round().astype(int)
    return [telling[i] for i in at]


def layers_height(heard: dict[str, Activation]) -> float:
    """Inches that `layers` needs."""
    shown = shown_layers(heard)
    return 0.75 + sum(_height(one, len(shown) == 1) for one in shown)


def layers(place: Any, heard: dict[str, Activation], outputs: Sequence[str] = (), unit: int | None = None) -> None:
    """Draw the layers one below the other.

    Args: outputs: names for the units of the last layer. unit: of a layer that is shown alone, to be framed.
    """
    shown = shown_layers(heard)
    alone = len(shown) == 1
    few = f" ({len(shown)} of {len(heard)}, evenly spread)" if len(shown) == MOST_LAYERS < len(heard) else ""
    title = (
        f"What the layer {shown[0].layer} gives"
        if alone
        else f"What each layer gives, from the input to the output{few}"
    )
    place.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    place.supxlabel(
        "White is 0, orange above, blue below; every layer has its own scale, at its right.", x=0.01, ha="left",
        fontsize=8.5, color=QUIET,
    )  # fmt: skip
    heights = [_height(one, alone) for one in shown]
    panels = place.subplots(len(shown), 1, squeeze=False, height_ratios=heights)[:, 0]
    last = next(reversed(heard.values()), None)
    for panel, one in zip(panels, shown):
        names = list(outputs) if last is not None and one.values.shape == last.values.shape else []
        _layer(place, panel, one, names if len(names) == one.units and one is shown[-1] else [], alone, unit)


def _numbers(one: Activation) -> np.ndarray:
    """(units, ...) of the first example; of solid maps the slice in the middle."""
    values = one.by_unit()[0].float().numpy()
    while values.ndim > 3:
        values = values[:, values.shape[1] // 2]
    return values[:, 0, 0] if values.ndim == 3 and values.shape[1:] == (1, 1) else values


def _layer(place: Any, panel: Any, one: Activation, names: list[str], alone: bool, unit: int | None) -> None:
    values = _numbers(one)
    most = reach(values)
    options = {"cmap": signed(), "vmin": -most, "vmax": most, "interpolation": "nearest"}
    if values.ndim == 1 and len(values) <= MOST_BARS:
        _bars(panel, values, names)
        panel.set_title(_title(one, values, len(values)), fontsize=9.5, fontweight="normal")
        return
    if values.ndim == 3:
        chosen = values[: MOST_ALONE if alone else MOST_MAPS]
        picture = panel.imshow(tiles(chosen, min(ACROSS, len(chosen))), **options)
        count = len(chosen)
        if unit is not None and unit < count:
            _frame(panel, unit, min(ACROSS, count), *chosen.shape[1:])
    elif values.ndim == 2:  # units and their steps
        count = len(values)
        picture = panel.imshow(values, aspect="auto", **options)
    else:
        count = len(values)
        picture = panel.imshow(strip(values, min(A_ROW, count)), **options)
    bare(panel)
    panel.set_anchor("W")
    if values.ndim == 2:
        panel.set_xlabel("steps", fontsize=8, loc="left")
        panel.set_ylabel("units", fontsize=8)
    panel.set_title(_title(one, values, count), fontsize=9.5, fontweight="normal")
    bar(place, panel, picture, fraction=0.03, aspect=8)


def _frame(panel: Any, unit: int, across: int, height: int, width: int) -> None:
    """A frame around the tile of a unit."""
    from matplotlib.patches import Rectangle

    gap = gap_of(height, width)
    corner = ((unit % across) * (width + gap) + gap / 2 - 0.5, (unit // across) * (height + gap) + gap / 2 - 0.5)
    panel.add_patch(Rectangle(corner, width + gap, height + gap, fill=False, edgecolor=TEXT, linewidth=2.2))


def _bars(panel: Any, values: np.ndarray, names: list[str]) -> None:
    panel.bar(range(len(values)), values, color=[VERMILLION if v > 0 else BLUE for v in values], width=0.7)
    panel.axhline(0, color=QUIET, linewidth=0.8)
    panel.set_xticks(
        range(len(values)), [short(n, 14) for n in names] or [str(i) for i in range(len(values))], fontsize=8
    )
    panel.set_xlim(-0.6, max(len(values), 8) - 0.4)
    panel.tick_params(axis="y", labelsize=7.5)
    panel.tick_params(axis="x", length=0)
    panel.locator_params(axis="y", nbins=4)
    panel.grid(False, axis="x")
    panel.margins(y=0.12)


def _title(one: Activation, values: np.ndarray, count: int) -> str:
    many = "" if one.units == 1 else "s"
    some = f"the first {count} of " if count < one.units else ""
    silent = float((values == 0).mean())
    said = f", {silent:.0%} of the numbers are 0".replace("%", " %") if silent > 0 else ""
    size = "×".join(map(str, values.shape[1:]))
    what = {1: f"unit{many}", 2: f"unit{many}, {counted(values.shape[-1], 'step')}", 3: f"map{many} of {size}"}[
        values.ndim
    ]
    return f"{one.layer}  ({one.kind}): {some}{one.units} {what}{said}"


def _height(one: Activation, alone: bool) -> float:
    shape = one.by_unit().shape[1:]  # (units, ...)
    if len(shape) >= 3 and any(side > 1 for side in shape[1:]):
        count = min(shape[0], MOST_ALONE if alone else MOST_MAPS)
        tall = shape[-2] / shape[-1]
        side = min(0.72, 0.72 * max(0.3, tall)) if tall < 1 else 0.72
        return BESIDE + 0.1 + side * -(-count // ACROSS) * (1.35 if count <= ACROSS // 2 else 1.0)
    if len(shape) == 2:
        return BESIDE + 1.0
    return BESIDE + (1.0 if shape[0] <= MOST_BARS else 0.17 * max(2, -(-shape[0] // A_ROW)))
