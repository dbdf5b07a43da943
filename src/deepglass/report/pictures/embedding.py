"""Embedding: the examples as a layer sees them, as points on a plane, coloured by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.inside import Embedding
from deepglass.inside.of_data import INPUT
from deepglass.report.pictures.colours import bar
from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, MARKERS, QUIET, TEXT
from deepglass.report.words import short

HEIGHT = 5.0  # inches
NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
NEIGHBOURS = "Who stands beside whom tells something; how far apart groups stand, and how wide they are, tells little."
STRAIGHT = "A flat shadow of the layer: what lies together in it may still be apart in the directions left out."
MOST_CLASSES = 16  # colours and signs that can be told apart; of more, the last share one


def embedding_points(
    place: Any,
    laid: Embedding,
    targets: np.ndarray | None = None,
    classes: Sequence[str] = (),
    target: str = "",
    example: int | None = None,
) -> None:
    """Draw the points. Args: targets: a code into `classes`, or a number, of each; example: one to be ringed."""
    points = laid.points.numpy()
    seen_by = "as it comes in" if laid.layer == INPUT else f"as {laid.layer} sees it"
    name = NAMES.get(laid.method, laid.method)
    of = f"{len(points):,} of {laid.examples:,}" if len(points) < laid.examples else f"All {len(points):,}"
    place.suptitle(
        f"The {laid.split} split {seen_by}: {laid.features:,} numbers as 2, by {name}", x=0.01, ha="left",
        fontsize=11, fontweight="bold",
    )  # fmt: skip
    told = STRAIGHT if laid.explained is not None else NEIGHBOURS
    place.supxlabel(f"{of} examples. {told}", x=0.01, ha="left", fontsize=8.5, color=QUIET)
    panel = place.subplots()
    x, y = points[:, 0], points[:, 1]
    if targets is None:
        panel.scatter(x, y, s=18, color=BLUE)
    elif len(classes):
        _classes(panel, x, y, np.asarray(targets), classes)
    else:
        picture = panel.scatter(x, y, c=targets, s=22, cmap="viridis", edgecolors="white", linewidths=0.4)
        bar(place, panel, picture, short(target, 30))
    at = np.flatnonzero(laid.ids.numpy() == (-1 if example is None else example))
    if len(at):
        panel.plot(
            x[at], y[at], "o", markersize=15, markerfacecolor="none", markeredgecolor=TEXT, markeredgewidth=1.8,
            label=f"this example (#{example})", linestyle="None",
        )  # fmt: skip
    if len(classes):
        panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=9, title=short(target, 24) or None)
    elif len(at):
        panel.legend(loc="best", fontsize=9)
    if laid.explained is not None:
        first, second = (f"{share:.0%}".replace("%", " %") for share in laid.explained)
        panel.set_xlabel(f"first direction ({first} of the variance)")
        panel.set_ylabel(f"second direction ({second})")
    else:
        panel.set_xticks([])
        panel.set_yticks([])
        panel.grid(False)


def _classes(panel: Any, x: np.ndarray, y: np.ndarray, codes: np.ndarray, classes: Sequence[str]) -> None:
    for code, name in enumerate(classes):
        own = np.minimum(codes, MOST_CLASSES) == code if code < MOST_CLASSES else codes >= MOST_CLASSES
        if code > MOST_CLASSES:
            break
        said = (
            short(name, 20)
            if code < MOST_CLASSES or len(classes) == MOST_CLASSES + 1
            else f"{len(classes) - MOST_CLASSES} others"
        )
        colour = CLASS_COLOURS[code % len(CLASS_COLOURS)]
        marker = MARKERS[(code + code // len(CLASS_COLOURS)) % len(MARKERS)]
        panel.scatter(x[own], y[own], s=26, color=colour, marker=marker, edgecolors="white", linewidths=0.4, label=said)
