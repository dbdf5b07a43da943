"""Picture: seconds beside the ordinary loop's, as bars."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from figures import ORDINARY
from workloads import WORKLOADS

from deepglass.report.pictures import save
from deepglass.report.pictures.figure import QUIET, SKY, VERMILLION, new_figure, paper

LONGEST = 3.0  # times the ordinary loop: a longer bar is cut, and its figure says how long it is
LINE = 0.27  # inches


def draw(kept: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write one panel for each workload in which somebody can be held against the ordinary loop."""
    shares = {name: shares_of(name, kept[name]) for name in WORKLOADS if name in kept}
    shown = {name: found for name, found in shares.items() if len(found) > 1}
    if not shown:
        return
    heights = [len(found) for found in shown.values()]
    with paper():
        figure, panels = new_figure(
            7.5, sum(heights) * LINE + 0.75 * len(shown), len(shown), height_ratios=[h + 1 for h in heights]
        )
        for panel, (name, found) in zip(panels, shown.items()):
            _bars(panel, WORKLOADS[name].title, found)
        panels[-1].set_xlabel(f"time, in the ordinary loop's: shorter is faster; cut at {LONGEST:.0f}")
    save(figure, path, "Time beside the ordinary PyTorch loop's")


def shares_of(name: str, kept: Mapping[str, Any]) -> dict[str, float]:
    """Time by contestant, in that of the ordinary loop, the quickest first; nothing without an ordinary loop."""
    seconds = WORKLOADS[name].bars(kept["played"])
    ordinary = seconds.get(ORDINARY)
    if not ordinary:
        return {}
    return {who: value / ordinary for who, value in sorted(seconds.items(), key=lambda entry: entry[1])}


def _bars(panel: Any, title: str, shares: Mapping[str, float]) -> None:
    names = [name.replace("`", "") for name in shares]
    colours = [VERMILLION if name.startswith("Deepglass") else QUIET if name == ORDINARY else SKY for name in shares]
    panel.barh(names, [min(v, LONGEST) for v in shares.values()], color=colours, height=0.7)
    for place, value in enumerate(shares.values()):
        panel.annotate(
            f"{value:.2f}",
            (min(value, LONGEST), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    panel.axvline(1, color=QUIET, linewidth=0.8, zorder=0)
    panel.set_xlim(0, LONGEST * 1.08)
    panel.invert_yaxis()
    panel.grid(False, axis="y")
    panel.tick_params(axis="y", length=0, labelsize=8.5)
    panel.set_title(title)
