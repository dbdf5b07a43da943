"""Columns: how the values of each column are distributed, and how strongly it goes with the target."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.data.links import MEASURES
from deepglass.data.portrait import Portrait, PortraitColumn
from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, QUIET, TEXT
from deepglass.report.words import short

ACROSS = 4
MOST = 12  # columns whose distribution is drawn; of more, those that go best with the target
MOST_LINKS = 16
MOST_CLASSES = 6  # of the target that get a line each
MOST_BARS = 6  # categories of a column
BINS = 24
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1.5, 1)),
    (0, (6, 1.5, 1.5, 1.5)),
    (0, (3, 3)),
    (0, (8, 2)),
)  # a second sign
FAR = 8.0  # times the middle 98 % of the values: a wider range is cut, so that the rest can be seen
STEEP = 50.0  # times the smallest share: beyond, the shares of pixel values are drawn on a logarithmic scale
SIGNS = {"r": "|r|", "eta": "η", "V": "V"}


def chosen_columns(portrait: Portrait) -> list[PortraitColumn]:
    """The columns that are drawn, in their own order."""
    columns = portrait.columns
    best = sorted(range(len(columns)), key=lambda i: -(columns[i].link or 0.0))[:MOST]
    return [columns[i] for i in sorted(best)]


def distribution_rows(portrait: Portrait) -> int:
    return -(-len(chosen_columns(portrait)) // ACROSS)


def distributions(place: Any, portrait: Portrait) -> None:
    """Draw a small histogram of each column, one line a class where these are few."""
    columns = chosen_columns(portrait)
    by_class = portrait.codes is not None and 1 < len(portrait.classes) <= MOST_CLASSES
    names = portrait.classes if by_class else []
    codes = portrait.codes if by_class else None
    panels = place.subplots(distribution_rows(portrait), ACROSS, squeeze=False).ravel()
    for panel in panels[len(columns) :]:
        panel.set_visible(False)
    for panel, column in zip(panels, columns):
        (_bars if column.classes else _histogram)(panel, column, codes, len(names))
        link = f"   {SIGNS[column.measure]} {column.link:.2f}" if column.link is not None else ""
        unit = f" ({short(column.unit, 8)})" if column.unit else ""
        panel.set_title(short(column.name, 20) + unit, fontsize=9)
        panel.annotate(
            link, (1, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points", ha="right",
            fontsize=8, color=QUIET,
        )  # fmt: skip
        panel.tick_params(labelsize=7.5, length=2)
    few = f" (the {len(columns)} strongest of {portrait.all_columns})" if len(columns) < portrait.all_columns else ""
    what = f"Columns in each class of {short(portrait.target)}" if names else "Columns"
    place.suptitle(what + few, x=0.01, ha="left", fontsize=11, fontweight="bold")
    if names:
        from matplotlib.lines import Line2D

        signs = [Line2D([], [], color=CLASS_COLOURS[i], linestyle=LINES[i], linewidth=2) for i in range(len(names))]
        place.legend(
            signs, [short(n, 16) for n in names], loc="upper right", ncols=len(names), fontsize=9,
            handlelength=2.4, borderaxespad=0.1,
        )  # fmt: skip


def _histogram(panel: Any, column: PortraitColumn, codes: np.ndarray | None, classes: int) -> None:
    known = np.isfinite(column.values)
    values = column.values[known]
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.grid(False)
    if not len(values):
        return
    edges, beyond = _edges(values)
    if codes is None:
        panel.hist(values, bins=edges, color=BLUE, alpha=0.85)
    for code in range(classes):
        part = values[codes[known] == code] if codes is not None else values
        if len(part):
            shares = np.histogram(part, bins=edges)[0] / len(part)
            panel.stairs(shares, edges, fill=True, color=CLASS_COLOURS[code], alpha=0.22)
            panel.stairs(shares, edges, color=CLASS_COLOURS[code], linestyle=LINES[code], linewidth=1.5)
    panel.set_ylim(bottom=0)
    panel.locator_params(axis="x", nbins=2 if column.date else 4)
    if column.date:
        panel.xaxis.set_major_formatter(lambda days, _: str(np.datetime64(int(days), "D")))
    missing = int((~known).sum())
    said = [f"{beyond} beyond"] * bool(beyond) + [f"{missing} missing"] * bool(missing)
    if said:
        panel.text(1, 0.98, ", ".join(said), transform=panel.transAxes, ha="right", va="top", fontsize=7.5, color=QUIET)


def _edges(values: np.ndarray) -> tuple[np.ndarray, int]:
    """The edges of a histogram, a bar for each whole number where these are few, and how many values lie beyond."""
    low, high, beyond = _range(values)
    if np.all(values == np.round(values)) and high - low <= BINS:
        return np.arange(np.floor(low), high + 2) - 0.5, beyond
    return np.linspace(low, high, BINS + 1), beyond


def _range(values: np.ndarray) -> tuple[float, float, int]:
    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = (float(v) for v in np.quantile(values, [0.01, 0.99]))
    if high - low > FAR * (inner_high - inner_low) > 0:
        return inner_low, inner_high, int(((values < inner_low) | (values > inner_high)).sum())
    return (low, high, 0) if high > low else (low - 0.5, high + 0.5, 0)


def _bars(panel: Any, column: PortraitColumn, codes: np.ndarray | None, classes: int) -> None:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.classes))
    order = np.argsort(-counts, kind="stable")[:MOST_BARS]
    start = np.zeros(len(order))
    for code in range(max(1, classes)):
        chosen = column.values if codes is None else column.values[codes == code]
        part = np.bincount(chosen[chosen >= 0], minlength=len(column.classes))[order]
        colour = CLASS_COLOURS[code] if codes is not None else BLUE
        panel.barh(range(len(order)), part, left=start, color=colour, height=0.72, edgecolor="white", linewidth=0.6)
        start = start + part
    panel.set_yticks(range(len(order)), [short(column.classes[i], 11) for i in order])
    panel.set_ylim(max(len(order), 3) - 0.4, -0.6)
    panel.grid(False, axis="y")
    panel.locator_params(axis="x", nbins=4)
    more = len(column.classes) - len(order)
    if more > 0:
        panel.text(1, 0.02, f"{more} more", transform=panel.transAxes, ha="right", fontsize=7.5, color=QUIET)


def links(panel: Any, portrait: Portrait) -> None:
    """Draw how strongly each column goes with the target, the strongest first, and say by which measure."""
    linked = sorted((c for c in portrait.columns if c.link is not None), key=lambda c: -(c.link or 0.0))
    shown = linked[:MOST_LINKS]
    places = range(len(shown))
    panel.barh(places, [c.link for c in shown], color=BLUE, height=0.66)
    for y, column in zip(places, shown):
        panel.annotate(
            f"{column.link:.2f}" + (f" {SIGNS[column.measure]}" if len(measures(shown)) > 1 else ""),
            (column.link, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5,
        )  # fmt: skip
    panel.set_yticks(places, [short(c.name, 24) for c in shown], fontsize=9)
    panel.set_ylim(max(len(shown), 3) - 0.4, -0.6)
    panel.set_xlim(0, 1.12)
    panel.set_xticks([0, 0.25, 0.5, 0.75, 1])
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")
    few = f" ({len(shown)} of {len(linked)} columns)" if len(shown) < len(linked) else ""
    panel.set_title(f"What goes with {short(portrait.target)}{few}")
    words = [line for m in measures(shown) for line in textwrap.wrap(MEASURES[m], 62, subsequent_indent="     ")]
    panel.set_xlabel("\n".join(words), fontsize=8, color=QUIET, loc="left")


def measures(columns: Sequence[PortraitColumn]) -> list[str]:
    return [m for m in MEASURES if any(c.measure == m for c in columns)]


def pixel_links(figure: Any, panel: Any, portrait: Portrait) -> None:
    """Draw how strongly each pixel goes with the target, as colour."""
    picture = panel.imshow(portrait.pixel_links, cmap="cividis", vmin=0, interpolation="nearest")
    panel.set_xticks([])
    panel.set_yticks([])
    panel.grid(False)
    panel.spines[:].set_visible(False)
    panel.set_title(f"Where {short(portrait.target, 14)} shows")
    bar = figure.colorbar(picture, ax=panel, fraction=0.046, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)
    panel.set_xlabel("\n".join(textwrap.wrap(MEASURES[portrait.measure], 44)), fontsize=8, color=QUIET)


def pixel_values(panel: Any, portrait: Portrait) -> None:
    """Draw how the raw values of the pixels are distributed, one line a channel."""
    pixels = np.asarray(portrait.pixels, dtype=float)
    edges = _edges(pixels.ravel())[0]
    colours = {1: [TEXT], 3: ["#D55E00", "#009E73", "#0072B2"]}.get(len(pixels), list(CLASS_COLOURS))
    names = {1: [""], 3: ["red", "green", "blue"]}.get(len(pixels), [f"channel {i}" for i in range(len(pixels))])
    every = [np.histogram(channel, bins=edges)[0] / len(channel) for channel in pixels]
    for shares, colour, name, line in zip(every, colours, names, (*LINES, *LINES)):
        panel.stairs(shares, edges, color=colour, linestyle=line, linewidth=1.6, label=name)
        panel.stairs(shares, edges, color=colour, fill=True, alpha=0.12)
    some = np.concatenate(every)[np.concatenate(every) > 0]
    log = len(some) > 0 and some.max() > STEEP * some.min()
    panel.set_yscale("log" if log else "linear")
    panel.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    panel.yaxis.set_minor_formatter(lambda value, _: "")
    panel.set_ylabel("share of the pixels" + (", logarithmic" if log else ""), fontsize=9)
    panel.set_xlabel("raw value", fontsize=9)
    panel.set_title("Values of the pixels")
    if len(pixels) > 1:
        panel.legend(fontsize=8.5)
