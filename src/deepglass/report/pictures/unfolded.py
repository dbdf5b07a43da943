"""Unfolded: recurrent layers with a copy for each step in time, side by side, all with the same weights.

Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 10.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import GREEN, ORANGE, QUIET
from deepglass.report.words import short

if TYPE_CHECKING:
    from deepglass.networks.graph import Graph, Node

MOST_STEPS = 4  # columns that are drawn before the last one
RADIUS = 0.21
BACKWARDS = "backwards"  # in the name of a layer that reads from the end


def unfolded_height(graph: Graph) -> float:
    """Inches that `unfolded` needs; 0 without a recurrent layer."""
    return 1.3 + 0.85 * len(graph.recurrent) if graph.recurrent else 0.0


def unfolded(panel: Any, graph: Graph, width: float) -> None:
    """Draw the recurrent layers of a graph, the first at the bottom, over a panel of so many inches."""
    layers = [node for node in graph.nodes if node.recurrent]
    steps = _steps(graph, layers[0])
    bare(panel)
    panel.set_xlim(0, width)
    panel.set_ylim(0, unfolded_height(graph))
    columns = [1.9 + (width - 2.5) * i / max(1, len(steps) - 1) for i in range(len(steps))]
    panel.text(
        0.1, unfolded_height(graph) - 0.12, "Unfolded in time: at every step the same weights θ",
        fontsize=9.5, fontweight="bold", va="top",
    )  # fmt: skip
    panel.text(0.1, unfolded_height(graph) - 0.34, "h(t) = f(h(t−1), x(t); θ)", fontsize=9, color=QUIET, va="top")
    for x, step in zip(columns, steps):
        panel.text(x, 0.25, f"x({step})" if step else "…", ha="center", va="center", fontsize=9, color=GREEN)
    for row, layer in enumerate(layers):
        _row(panel, layer, row, columns, steps)


def _row(panel: Any, layer: Node, row: int, columns: list[float], steps: list[int]) -> None:
    from matplotlib.patches import Circle

    y, back = 0.95 + 0.85 * row, BACKWARDS in layer.name
    below = 0.25 + 0.15 if row == 0 else y - 0.85 + RADIUS
    panel.text(0.1, y + 0.05, short(layer.name, 24), fontsize=8, fontweight="bold", va="center")
    panel.text(0.1, y - 0.13, f"{layer.kind}, θ: {layer.parameters:,}", fontsize=7.5, color=QUIET, va="center")
    arrow = {"arrowstyle": "->", "color": ORANGE, "linewidth": 1.3}
    for i, (x, step) in enumerate(zip(columns, steps)):
        if step:
            panel.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor=ORANGE, linewidth=1.3, zorder=3))
            panel.annotate("", (x, y - RADIUS), (x, below), arrowprops={**arrow, "color": QUIET, "linewidth": 0.8})
        panel.text(x, y, f"h({step})" if step else "…", ha="center", va="center", fontsize=7.5, zorder=4)
        if i:
            ends = (columns[i - 1] + RADIUS, y), (x - RADIUS, y)
            start, end = ends[::-1] if back else ends
            panel.annotate("", end, start, arrowprops=arrow)
            panel.text((ends[0][0] + ends[1][0]) / 2, y + 0.06, "θ", ha="center", fontsize=8.5, color=ORANGE)


def _steps(graph: Graph, layer: Node) -> list[int]:
    """The steps that stand as columns, from 1; 0 for those left out between. As many as the layer is given."""
    given = next((graph.nodes[p].shape for p in layer.parents), ())
    count = max(1, given[0] if len(given) > 1 else 1)
    if count <= MOST_STEPS + 1:
        return list(range(1, count + 1))
    return [*range(1, MOST_STEPS), 0, count]
