"""Exciting: the examples for which one unit gives most."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from deepglass.inside import Exciting, columns_of
from deepglass.inside.columns import values_of
from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import QUIET, TEXT, VERMILLION
from deepglass.report.pictures.saliency import shown_image
from deepglass.report.words import number, short

MOST_CELLS = 7  # columns of a table that fit beside each other
LETTERS = 140
COLUMNS = 0, 8, 16, 27  # where the cells of a table of texts begin, of 100


def exciting_height(seen: Any) -> float:
    """Inches that `exciting_pictures` needs."""
    image = any(f.kind == "image" for f in seen.fields.values())
    return 2.25 if image else 0.95 + 0.24 * (len(seen.exciting.ids) + 1)


def exciting_pictures(place: Any, seen: Any) -> None:
    """Draw the examples of a `Seen` that excite its unit most, the strongest first."""
    found: Exciting = seen.exciting
    place.suptitle(
        f"What excites unit {found.unit} of {found.layer} most, in the {found.split} split", x=0.01, ha="left",
        fontsize=11, fontweight="bold",
    )  # fmt: skip
    gives = "the unit gives" if not found.places.shape[1] else "the highest of its map is"
    told = (
        f"Of {found.looked_at:,} examples; over all of them {gives} {number(found.mean)} on average, and more than 0 for "
        f"{found.active:.0%}".replace("%", " %")
    )
    spot = "; the ring is where its map is highest" if found.places.shape[1] == 2 and _image(seen) else ""
    place.supxlabel("\n".join(textwrap.wrap(f"{told}{spot}.", LETTERS)), x=0.01, ha="left", fontsize=8.5, color=QUIET)
    if _image(seen):
        _images(place, seen, found)
    elif any(f.kind == "text" for f in seen.fields.values()):
        _texts(place.subplots(), seen, found)
    else:
        _rows(place.subplots(), seen, found)


def _image(seen: Any) -> str:
    return next((n for n, f in seen.fields.items() if f.kind == "image"), "")


def _images(place: Any, seen: Any, found: Exciting) -> None:
    name = _image(seen)
    panels = np.ravel(place.subplots(1, max(6, len(found.ids)), squeeze=False))
    for i, panel in enumerate(panels):
        bare(panel)
        if i >= len(found.ids):
            continue
        picture = shown_image(seen.fields[name], seen.others[name][i].cpu())
        panel.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        if found.places.shape[1] == 2:
            down, along = (float(share) * side - 0.5 for share, side in zip(found.places[i], picture.shape[:2]))
            panel.plot(
                [along],
                [down],
                "o",
                markersize=11,
                markerfacecolor="none",
                markeredgecolor=VERMILLION,
                markeredgewidth=1.5,
            )
        panel.set_title(
            f"{short(seen.truths[i], 9)}\n{number(float(found.values[i]))}", fontsize=9, fontweight="normal"
        )
        panel.set_xlabel(f"#{int(found.ids[i])}", fontsize=7.5, color=QUIET)


def _rows(panel: Any, seen: Any, found: Exciting) -> None:
    """The examples as a table: number, what the unit gives, what they are, and their first columns."""
    named = [(n, i, c) for n, f in seen.fields.items() for i, (c, _, _) in enumerate(columns_of(f))][:MOST_CELLS]
    heads = ["example", f"unit {found.unit}", short(seen.target, 14), *[short(c, 13) for _, _, c in named]]
    panel.axis("off")
    panel.set_xlim(0, len(heads))
    panel.set_ylim(len(found.ids) + 0.1, -1)
    for column, head in enumerate(heads):
        panel.text(column + 0.9, -0.5, head, ha="right", va="center", fontsize=8.5, color=QUIET)
    for row in range(len(found.ids)):
        cells: list[Any] = [f"#{int(found.ids[row])}", float(found.values[row]), seen.truths[row]]
        cells += [values_of(seen.fields[n], seen.others[n][row].cpu())[i] for n, i, _ in named]
        for column, cell in enumerate(cells):
            text = short(cell, 13) if isinstance(cell, str) else number(cell)
            bold = "bold" if column == 1 else "normal"
            panel.text(column + 0.9, row + 0.5, text, ha="right", va="center", fontsize=9, color=TEXT, fontweight=bold)
        panel.plot([0, len(heads)], [row, row], color="#dfe1e5", linewidth=0.6)


def _texts(panel: Any, seen: Any, found: Exciting) -> None:
    """The examples as a table: number, what the unit gives, what they are, and how their text begins."""
    name, field = next((n, f) for n, f in seen.fields.items() if f.kind == "text")
    panel.axis("off")
    panel.set_xlim(0, 100)
    panel.set_ylim(len(found.ids) + 0.1, -1)
    for left, head in zip(COLUMNS, ("example", f"unit {found.unit}", short(seen.target, 14), name)):
        panel.text(left, -0.5, head, va="center", fontsize=8.5, color=QUIET)
    for row, text in enumerate(field.decode(seen.others[name])):
        cells = (
            f"#{int(found.ids[row])}",
            number(float(found.values[row])),
            seen.truths[row],
            short(text.replace("\n", " "), 92),
        )
        for left, cell in zip(COLUMNS, cells):
            panel.text(left, row + 0.5, cell, va="center", fontsize=8.5, color=TEXT)
        panel.plot([0, 100], [row, row], color="#dfe1e5", linewidth=0.6)
