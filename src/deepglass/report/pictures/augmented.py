"""Augmented: training examples beside what augmentation makes of them."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from deepglass.data.portrait import Portrait
from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, VERMILLION
from deepglass.report.pictures.mosaic import mosaic
from deepglass.report.pictures.signals import version_rows
from deepglass.report.words import short

MOST_NUMBERS = 14  # of a row
LETTERS = 44  # of a line in the list of changes
LINE = 11.2  # points from one to the next


def augmented(place: Any, portrait: Portrait) -> None:
    """Draw examples as they are beside those of the first epochs, and list what was changed."""
    left, right = place.subplots(1, 2, width_ratios=[1.75, 1])
    place.suptitle(
        "Augmentation, of training examples only: as the first epochs of seed 0 see them",
        x=0.01, ha="left", fontsize=11, fontweight="bold",
    )  # fmt: skip
    if portrait.versions and portrait.versions[0].own.ndim == 3:
        _images(left, portrait)
    elif portrait.versions and portrait.versions[0].own.ndim == 2:
        version_rows(left, portrait)
    elif portrait.versions:
        _numbers(left, portrait)
    else:
        left.set_visible(False)
    _list(right, portrait)


def _images(panel: Any, portrait: Portrait) -> None:
    rows = [[v.own, *v.changed] for v in portrait.versions]
    darkest = min(0.0, *(float(v.own.min()) for v in portrait.versions))
    canvas, down, across = mosaic(rows, portrait.top, darkest)
    panel.imshow(canvas, interpolation="nearest")
    panel.set_anchor("NW")
    panel.set_yticks([(i + 0.46) * down for i in range(len(rows))], [short(v.label, 14) for v in portrait.versions])
    names = ["as it is", *(f"epoch {e}" for e in range(1, len(rows[0])))]
    panel.set_xticks([(j + 0.46) * across for j in range(len(names))], names, fontsize=9)
    panel.xaxis.tick_top()
    panel.get_xticklabels()[0].set_fontweight("bold")
    panel.tick_params(length=0)
    panel.grid(False)
    panel.spines[:].set_visible(False)
    panel.axvline(across - 0.5 - (across - canvas.shape[1] // len(names)) / 2, color=TEXT, linewidth=1)


def _numbers(panel: Any, portrait: Portrait) -> None:
    count = min(MOST_NUMBERS, len(portrait.versions[0].own))
    names = portrait.version_names or [str(i) for i in range(count)]
    few = portrait.versions[:2] if count > 8 else portrait.versions
    for row, version in enumerate(few):
        place = row * (count + 1.5) + (count - 1) / 2
        panel.annotate(short(version.label, 14), (1.02, place), xycoords=("axes fraction", "data"), va="center",
                       fontsize=9, fontweight="bold")  # fmt: skip
        for j in range(count):
            height = row * (count + 1.5) + j
            panel.plot([c[j] for c in version.changed], [height] * len(version.changed), "o", color=BLUE,
                       markersize=5, alpha=0.6, markeredgewidth=0)  # fmt: skip
            panel.plot(version.own[j], height, "|", color=VERMILLION, markersize=9, markeredgewidth=2.2)
    panel.set_ylim(len(few) * (count + 1.5) - 1, -1)
    ticks = [(i * (count + 1.5) + j, short(names[j], 18)) for i in range(len(few)) for j in range(count)]
    panel.set_yticks([t for t, _ in ticks], [n for _, n in ticks], fontsize=7.5)
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")
    panel.set_xlabel("encoded value; vermillion: as it is, blue: epochs 1 to 5", fontsize=9)


def _list(panel: Any, portrait: Portrait) -> None:
    panel.axis("off")
    lines: list[tuple[str, bool]] = []
    for name, description in portrait.changes:
        lines.append((name, True))
        lines += [(text, False) for text in textwrap.wrap(description, LETTERS)]
    if portrait.variants > 1:
        places = f"{portrait.variants:,} combinations of mirroring, crop and shift for each image"
        lines += [("", False), *((text, False) for text in textwrap.wrap(places, LETTERS))]
    for i, (text, strong) in enumerate(lines):
        panel.annotate(text, (0.02, 1), xycoords="axes fraction", xytext=(0, -LINE * i), textcoords="offset points",
                       va="top", fontsize=8.5, fontweight="bold" if strong else "normal",
                       color=TEXT if strong else QUIET)  # fmt: skip


def height_of(portrait: Portrait) -> float:
    """Inches that the section takes."""
    words = sum(1 + len(textwrap.wrap(d, LETTERS)) for _, d in portrait.changes) + 3
    if portrait.versions and portrait.versions[0].own.ndim == 3:
        _, height, width = np.asarray(portrait.versions[0].own).shape
        drawn = 5.3 / 6 * height / width * len(portrait.versions)
    elif portrait.versions and portrait.versions[0].own.ndim == 2:
        drawn = 0.5 * len(portrait.versions)
    elif portrait.versions:
        count = min(MOST_NUMBERS, len(portrait.versions[0].own))
        drawn = 0.15 * (count + 1.5) * (2 if count > 8 else len(portrait.versions))
    else:
        drawn = 0.5
    return max(0.75 + drawn, 0.6 + 0.155 * words)
