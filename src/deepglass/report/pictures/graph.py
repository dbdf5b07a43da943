"""Graph: boxes and arrows of a computation, downwards, with the shape of what goes along each arrow."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from deepglass.errors import SettingError
from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import BLUE, GREEN, ORANGE, QUIET, on_paper, shown_in_notebooks
from deepglass.report.pictures.laid_out import Laid, laid_out
from deepglass.report.pictures.unfolded import unfolded, unfolded_height
from deepglass.report.words import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.networks.graph import Graph, Node

MOST_NODES = 260  # boxes that are drawn; a picture of more is metres long
ROW, COLUMN = 0.62, 2.1  # inches from box to box
BOX = (1.8, 0.34)  # inches
NAME = 26  # characters
LETTERS = 13  # of a line, an inch
SIGNS = {
    "add": "+",
    "iadd": "+",
    "sub": "−",
    "mul": "×",
    "div": "÷",
    "truediv": "÷",
    "cat": "join",
    "neg": "−",
    "square": "( )²",
}


@on_paper
def graph_picture(graph: Graph, title: str) -> Figure:
    """Draw a graph. Raises: SettingError, when it has too many boxes."""
    from matplotlib.figure import Figure

    if len(graph.nodes) > MOST_NODES:
        raise SettingError(
            f"This graph has {len(graph.nodes)} boxes, and a picture at most {MOST_NODES}. Take fewer layers."
        )
    laid = laid_out([node.parents for node in graph.nodes])
    width, height = max(6.0, (laid.width + 1) * COLUMN), laid.depth * ROW + 0.2
    lines = [line for said in str(graph).split("; ") for line in textwrap.wrap(said, int(LETTERS * width))]
    above, below = 0.4 + 0.17 * len(lines), unfolded_height(graph)
    whole = height + above + below
    figure = Figure(figsize=(width, whole))
    figure.text(0.1 / width, 1 - 0.1 / whole, title, fontsize=12, fontweight="bold", va="top")
    figure.text(0.1 / width, 1 - 0.36 / whole, "\n".join(lines), fontsize=8.5, color=QUIET, va="top")
    if below:
        unfolded(figure.add_axes((0, 0, 1, below / whole)), graph, width)
    panel = figure.add_axes((0, below / whole, 1, height / whole))
    bare(panel)
    middle = (laid.width + 1) * COLUMN / 2
    panel.set_xlim(middle - width / 2, middle + width / 2)
    panel.set_ylim(height, 0)
    _arrows(panel, graph, laid)
    for node, place in zip(graph.nodes, laid.places):
        _box(panel, node, *_inches(place))
    return shown_in_notebooks(figure)


def _inches(place: tuple[float, float]) -> tuple[float, float]:
    return (place[0] + 0.5) * COLUMN, place[1] * ROW + 0.35


def _box(panel: Any, node: Node, x: float, y: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    function = node.kind in ("function", "loss")
    colour = GREEN if node.kind == "input" else ORANGE if node.recurrent else BLUE if node.parameters else QUIET
    wide, high = (0.9, 0.28) if function else BOX
    style = f"round,pad=0,rounding_size={0.13 if function else 0.05}"
    corner = (x - wide / 2, y - high / 2)
    panel.add_patch(
        FancyBboxPatch(corner, wide, high, boxstyle=style, facecolor="white", edgecolor=colour, linewidth=1.2, zorder=3)
    )
    if function:
        panel.text(x, y, SIGNS.get(node.name, node.name), ha="center", va="center", fontsize=8.5, zorder=4)
        return
    panel.text(x, y - 0.07, short(node.name, NAME), ha="center", va="center", fontsize=7.5, fontweight="bold", zorder=4)
    told = "given" if node.kind == "input" else node.kind
    told += f", {node.parameters:,} weights" if node.parameters else ""
    panel.text(x, y + 0.085, told, ha="center", va="center", fontsize=6.5, color=QUIET, zorder=4)
    if node.recurrent:  # the arrow from a layer to itself
        panel.annotate(
            "", (x + wide / 2, y + 0.1), (x + wide / 2, y - 0.1), zorder=2,
            arrowprops={"arrowstyle": "->", "color": ORANGE, "linewidth": 1.2, "connectionstyle": "arc3,rad=-1.8"},
        )  # fmt: skip


def _arrows(panel: Any, graph: Graph, laid: Laid) -> None:
    """Each arrow through the places that are kept free for it, and the shape once below its box."""
    told: set[int] = set()
    for (parent, child), way in laid.ways.items():
        points = [_inches(laid.places[parent]), *map(_inches, way), _inches(laid.places[child])]
        points[0] = (points[0][0], points[0][1] + 0.17)
        points[-1] = (points[-1][0], points[-1][1] - 0.18)
        panel.plot(*zip(*points), color=QUIET, linewidth=0.8, zorder=1, solid_joinstyle="round")
        panel.annotate("", points[-1], points[-2], arrowprops={"arrowstyle": "->", "color": QUIET, "linewidth": 0.8})
        if parent not in told:
            told.add(parent)
            shape = "×".join(map(str, graph.nodes[parent].shape)) or "1"
            over = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
            panel.text(
                points[0][0] + 0.06,
                points[0][1] + 0.04,
                shape,
                fontsize=6.5,
                color=QUIET,
                va="top",
                zorder=2,
                bbox=over,
            )
