"""Profile: where the time of a training goes: its parts as one bar, its layers, and its operations below the machine's roof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import (
    BLUE,
    GREEN,
    MARKERS,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    TEXT,
    VERMILLION,
    YELLOW,
    ink_on,
    on_paper,
    shown_in_notebooks,
)
from deepglass.report.words import number, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 10.0  # inches
MOST_LAYERS = 14  # the slowest
NAMED = 7  # operations that are numbered
COLOURS = {
    "data": ORANGE, "forward": BLUE, "backward": VERMILLION, "update": GREEN, "guard and records": PURPLE, "probes": SKY,
    "measuring": YELLOW,
}  # fmt: skip
OTHER = "#5B5B5B"
LOWEST = 1e-4  # of the lower end of the roof: operations below it, on single numbers, are drawn at the edge
WORTH_A_DOT = 0.001  # share of the time
WORTH_A_WORD = 0.09  # of the bar: room for a name and a number


@dataclass(frozen=True)
class Dot:
    """An operation. Args: intensity: operations a byte. rate: operations a second. share: of the time, 0 to 1."""

    name: str
    layer: str
    part: str
    intensity: float
    rate: float
    share: float


@dataclass(frozen=True)
class Roofline:
    """Operations below what the machine can do: operations a second by precision, and bytes a second."""

    dots: Sequence[Dot]
    peaks: Mapping[str, float]
    bandwidth: float


@on_paper
def profile_picture(
    title: str, parts: Mapping[str, float], layers: Mapping[str, tuple[float, float]], roofline: Roofline
) -> Figure:
    """Draw a profile. Args: parts: seconds of a step. layers: seconds forward and backward."""
    from matplotlib.figure import Figure

    rows = max(3, min(len(layers), MOST_LAYERS))
    figure = Figure(figsize=(WIDTH, 6.4 + 0.24 * rows), layout="constrained")
    bar, below, roof = figure.subplots(3, 1, height_ratios=[1.0, 0.6 + 0.24 * rows, 4.4])
    figure.suptitle(short(title, 100), x=0.01, ha="left", fontsize=13, fontweight="bold")
    _parts(bar, parts)
    _layers(below, layers)
    _roof(roof, roofline)
    return shown_in_notebooks(figure)


def _parts(panel: Any, parts: Mapping[str, float]) -> None:
    whole, left = sum(parts.values()), 0.0
    for name, seconds in parts.items():
        share, colour = seconds / whole, COLOURS.get(name, OTHER)
        panel.barh(0, share, left=left, color=colour, height=0.8, label=f"{name} {share:.1%}")
        if share >= WORTH_A_WORD:
            said = f"{name}\n{share:.0%}"
            panel.text(left + share / 2, 0, said, ha="center", va="center", fontsize=8.5, color=ink_on(colour))
        left += share
    panel.set_title("Share of the time, with what comes once an epoch")
    panel.set_xlim(0, 1)
    panel.axis("off")
    panel.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=4, fontsize=8.5)


def _layers(panel: Any, layers: Mapping[str, tuple[float, float]]) -> None:
    shown = sorted(layers.items(), key=lambda item: -sum(item[1]))[:MOST_LAYERS][::-1]
    unit, factor = ("ms", 1e3) if max((sum(s) for _, s in shown), default=0.0) >= 1e-3 else ("microseconds", 1e6)
    places = np.arange(len(shown))
    for at, (word, colour) in enumerate((("forward", BLUE), ("backward", VERMILLION))):
        values = [seconds[at] * factor for _, seconds in shown]
        starts = [seconds[0] * factor * at for _, seconds in shown]
        panel.barh(places, values, left=starts, color=colour, height=0.7, label=word)
    panel.set_yticks(places, ["loss and others" if name == "-" else short(name, 34) for name, _ in shown], fontsize=8.5)
    panel.grid(axis="y", visible=False)
    panel.set_xlabel(f"{unit} of a step")
    few = f" (the slowest {MOST_LAYERS} of {len(layers)})" if len(layers) > MOST_LAYERS else ""
    panel.set_title(f"Operations of each layer{few}")
    if shown:
        panel.legend(loc="lower right", fontsize=8.5)


def _roof(panel: Any, roofline: Roofline) -> None:
    dots = [dot for dot in roofline.dots if dot.share >= WORTH_A_DOT]
    peaks = {name: peak / 1e9 for name, peak in roofline.peaks.items()}
    slope, top = roofline.bandwidth / 1e9, max(peaks.values())
    ends = [dot.intensity for dot in dots] + [top / slope, 1.0]
    low, high = min(ends) / 3, max(ends) * 6
    places = np.geomspace(low, high, 200)
    for (name, peak), style in zip(sorted(peaks.items(), key=lambda item: -item[1]), ("--", "-")):
        panel.plot(places, np.minimum(peak, slope * places), color=TEXT, linestyle=style, linewidth=1.4)
        text = f"{name}: {number(peak)} GFLOP/s"
        panel.annotate(text, (high, peak), (-2, 3), textcoords="offset points", ha="right", fontsize=8.5, color=QUIET)
    lowest = slope * low * LOWEST
    for at, part in enumerate(dict.fromkeys(dot.part for dot in dots)):
        mine = [dot for dot in dots if dot.part == part]
        panel.scatter(
            [dot.intensity for dot in mine], [max(lowest, dot.rate / 1e9) for dot in mine],
            s=[25 + 700 * dot.share for dot in mine], color=COLOURS.get(part, OTHER), alpha=0.75,
            marker=MARKERS[at % len(MARKERS)], edgecolor="white", linewidth=0.6, label=part, zorder=3,
        )  # fmt: skip
    panel.set_xscale("log")
    panel.set_yscale("log")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter(lambda value, place: f"{value:g}")
    panel.set_xlim(low, high)
    panel.set_ylim(max(lowest, min([dot.rate / 1e9 for dot in dots] + [slope * low])) / 3, top * 4)
    panel.set_xlabel("operations a byte")
    panel.set_ylabel("GFLOP/s")
    panel.set_title(f"Operations below the machine's roof: memory gives {number(slope)} GB/s (the slope)")
    _names(panel, dots[:NAMED], lowest)


def _names(panel: Any, dots: Sequence[Dot], lowest: float) -> None:
    """Number the operations that take most, and say beside the panel what they are."""
    from matplotlib.lines import Line2D

    panel.add_artist(panel.legend(loc="lower right", fontsize=8.5, markerscale=0.8))
    words: list[str] = []
    taken: list[tuple[float, float]] = []
    for at, dot in enumerate(dots, start=1):
        where = dot.intensity, max(lowest, dot.rate / 1e9)
        offset = _free(panel.transData.transform(where), 9 + 12 * dot.share**0.5, taken)
        panel.annotate(
            str(at), where, offset, textcoords="offset points", ha="center", va="center", fontsize=8.5, fontweight="bold",
            zorder=4,
        )  # fmt: skip
        words.append(
            f"{at}  {short(dot.name, 26)} {dot.share:.0%}" + (f"\n    {short(dot.layer, 26)}" if dot.layer else "")
        )
    bare = [Line2D([], [], linestyle="") for _ in words]
    panel.legend(
        bare, words, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=8.5, title="most of the time", alignment="left",
        title_fontsize=8.5, handlelength=0, handletextpad=0,
    )  # fmt: skip


def _free(centre: Any, away: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """In points from a dot, the first of eight places for a number that no other number has taken."""
    places = [(away * np.cos(a), away * np.sin(a)) for a in np.radians([90, 0, 180, -90, 45, 135, -45, -135])]
    for x, y in places:
        at = float(centre[0]) + x, float(centre[1]) + y
        if all(abs(at[0] - ox) > 9 or abs(at[1] - oy) > 9 for ox, oy in taken):
            break
    taken.append(at)
    return float(x), float(y)
