"""Through time: states, gates and the reach of gradients of recurrent layers, all above the same steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.inside.through_time import ThroughTime
from deepglass.report.pictures.colours import bar, reach, signed
from deepglass.report.pictures.figure import BLUE, QUIET, VERMILLION, on_paper
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATES, REACH, GATE = 2.2, 1.5, 1.1  # inches of a panel
MOST_WORDS = 60  # below which every step is named
LOWEST = 1e-16  # of a norm that is drawn: what is below has no part in a sum of float64 numbers around 1


@on_paper
def through_time_picture(layers: Sequence[ThroughTime], words: Sequence[str], title: str) -> Figure:
    """Draw each layer: its states as colours, the norm of dh(T)/ds(t), and how many units have which gate how far open.

    Args: words: one for each step, or nothing: steps are then counted from 1.
    """
    from matplotlib.figure import Figure

    heights = [STATES + REACH + GATE * len(one.gates) + 0.6 for one in layers]
    steps = max(one.steps for one in layers)
    figure = Figure(figsize=(min(15.0, 7.0 + 0.09 * steps), 0.5 + sum(heights)), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    places = figure.subfigures(len(layers), 1, squeeze=False, height_ratios=heights)[:, 0]
    for place, one in zip(places, layers):
        place.suptitle(f"{one.layer} ({one.kind}), {one.states.shape[1]} units", x=0.01, ha="left", fontsize=10.5)
        panels = place.subplots(
            2 + len(one.gates),
            1,
            squeeze=False,
            sharex=True,
            height_ratios=[STATES, REACH, *[GATE] * len(one.gates)],
        )[:, 0]
        _states(place, panels[0], one)
        _reach(panels[1], one)
        for panel, gate in zip(panels[2:], one.gates):
            _gate(place, panel, one, gate)
        _steps(panels, one, list(words)[::-1] if one.backwards else list(words))
    return figure


def _states(place: Any, panel: Any, one: ThroughTime) -> None:
    most = reach(one.states.numpy())
    extent = (0.5, one.steps + 0.5, one.states.shape[1] - 0.5, -0.5)
    options = {"cmap": signed(), "vmin": -most, "vmax": most, "aspect": "auto", "interpolation": "nearest"}
    picture = panel.imshow(one.states.numpy().T, extent=extent, **options)
    panel.grid(False)
    panel.yaxis.get_major_locator().set_params(integer=True)
    panel.set_ylabel("unit", fontsize=8.5)
    panel.set_title("What each unit gives after each step", fontsize=9.5, fontweight="normal")
    bar(place, panel, picture)


def _reach(panel: Any, one: ThroughTime) -> None:
    values = np.maximum(one.reach.numpy(), LOWEST)
    panel.axhline(1.0, color=QUIET, linewidth=0.8)
    panel.plot(np.arange(len(values)), values, color=BLUE)
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    panel.yaxis.set_minor_formatter(lambda value, place: "")
    first, last = float(values.min()), float(values.max())
    panel.set_ylim(min(0.1, first / 2), max(10.0, last * 2))
    panel.set_ylabel("norm", fontsize=8.5)
    panel.set_title(
        f"How much of a small change after each step is left at the end: {one.reach[0]:.2g} from before the first",
        fontsize=9.5,
        fontweight="normal",
    )


def _gate(place: Any, panel: Any, one: ThroughTime, gate: str) -> None:
    shares = one.histogram(gate).numpy()
    extent = (0.5, one.steps + 0.5, 0.0, 1.0)
    options = {"cmap": "Greys", "vmin": 0.0, "vmax": max(0.5, float(shares.max())), "aspect": "auto"}
    picture = panel.imshow(shares, extent=extent, origin="lower", interpolation="nearest", **options)
    middle = (one.gates[gate].mean(dim=1)).numpy()
    panel.plot(np.arange(1, one.steps + 1), middle, color=VERMILLION, linewidth=1.2)
    panel.grid(False)
    panel.set_ylim(0, 1)
    panel.set_yticks([0, 1], ["shut", "open"], fontsize=8)
    panel.set_title(
        f"{gate} gate: share of the units that have it so far open, and the mean, {middle.mean():.2f} in all",
        fontsize=9.5,
        fontweight="normal",
    )
    bar(place, panel, picture, low=0.0)


def _steps(panels: Sequence[Any], one: ThroughTime, words: Sequence[str]) -> None:
    for panel in panels:
        panel.set_xlim(-0.5, one.steps + 0.5)
    last = panels[-1]
    if len(words) == one.steps <= MOST_WORDS:
        letters = all(len(word) == 1 for word in words)
        places = range(1, one.steps + 1)
        last.set_xticks(places, [short(word, 14) for word in words], rotation=0 if letters else 90, fontsize=8)
    else:
        last.set_xlabel("step" + (", from the end" if one.backwards else ""), fontsize=8.5)
