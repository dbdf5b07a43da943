"""Examples: single examples drawn as what they are, with the truth and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data import Field
from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, VERMILLION, new_figure, on_paper
from deepglass.report.pictures.mosaic import picture_of
from deepglass.report.pictures.signals import waveform
from deepglass.report.words import number, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BARS = 10  # columns of a row; of more, those furthest from the ordinary
MOST_NAMED = 60  # numbers without names beyond which a vector is drawn as a line
SCALE_WORDS = {
    "standard": "Bars: standard deviations from the training mean",
    "unit": "Bars: share of the training range",
    "imagenet": "Bars: standard deviations from the mean of ImageNet",
    "centred": "Bars: from black at -1 to white at 1",
    "none": "Bars: the values as they are",
}


@dataclass(frozen=True)
class Example:
    """One example to draw. `probability` is what was given to the answer, None where there is none."""

    id: int
    raw: np.ndarray
    truth: str
    given: str
    probability: float | None = None
    loss: float | None = None


def example_pictures(examples: Sequence[Example], field: Field) -> Figure:
    """Draw examples in a grid, by the kind of their input: images, waveforms, lines, or bars with column names."""
    raw = np.asarray(examples[0].raw)
    if field.kind == "image":
        return images(examples, top=field.encoding.get("top"))
    if field.kind == "signal":
        return signals(examples, field)
    named = field.kind == "table" or "columns" in field.encoding
    if field.kind in ("number", "table") and (named or raw.size <= MOST_NAMED):
        return rows(examples, field)
    return lines(examples)


@on_paper
def images(examples: Sequence[Example], *, top: float | None = None) -> Figure:
    """Draw images on one common scale from 0 (or the darkest value, if negative) to `top`."""
    pictures = [picture_of(e.raw) for e in examples]
    low = min(0.0, *(float(p.min()) for p in pictures))
    high = top if top is not None and top > low else max(float(p.max()) for p in pictures)
    figure, panels = _grid(len(examples), 6, 1.5, 2.05)
    for panel, picture, example in zip(panels, pictures, examples):
        shown = ((picture - low) / max(high - low, 1e-12)).clip(0, 1)
        panel.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        panel.set_xticks([])
        panel.set_yticks([])
        panel.grid(False)
        panel.spines[:].set_visible(True)
        panel.spines[:].set_color("#c4c7cb")
        _caption(panel, example)
    return figure


@on_paper
def rows(examples: Sequence[Example], field: Field) -> Figure:
    """Draw rows of numbers and categories: a bar tells how unusual a value is, the text what it is."""
    columns = _columns(field, np.asarray(examples[0].raw).size)
    shown = min(MOST_BARS, len(columns))
    figure, panels = _grid(len(examples), 3, 3.3, 0.95 + 0.23 * shown)
    reach = max(1.0, *(abs(_height(c, v)) for e in examples for c, v in zip(columns, np.ravel(e.raw))))
    for panel, example in zip(panels, examples):
        values = np.ravel(example.raw)
        heights = [_height(c, v) for c, v in zip(columns, values)]
        chosen = sorted(sorted(range(len(columns)), key=lambda i: -abs(heights[i]))[:shown])
        panel.barh(range(shown), [heights[i] for i in chosen], color=BLUE, height=0.62)
        panel.axvline(0, color=QUIET, linewidth=0.8)
        texts = [f"{short(columns[i]['name'], 17)}  {_said(columns[i], values[i])}" for i in chosen]
        panel.set_yticks(range(shown), texts, fontsize=8)
        panel.set_ylim(shown - 0.4, -0.6)
        panel.set_xlim(-1.05 * reach, 1.05 * reach)
        panel.tick_params(axis="y", length=0)
        panel.tick_params(axis="x", labelsize=7.5)
        panel.grid(False, axis="y")
        panel.spines["left"].set_visible(False)
        _caption(panel, example)
    more = f"; the {shown} furthest out of {len(columns)} columns" if shown < len(columns) else ""
    figure.supxlabel(SCALE_WORDS[field.encoding.get("scaling", "standard")] + more, fontsize=9, color=QUIET)
    return figure


@on_paper
def lines(examples: Sequence[Example]) -> Figure:
    """Draw long vectors as lines, all on one scale."""
    figure, panels = _grid(len(examples), 3, 3.3, 1.9, sharey=True)
    for panel, example in zip(panels, examples):
        panel.plot(np.ravel(example.raw), color=BLUE, linewidth=1)
        panel.tick_params(labelsize=7.5)
        _caption(panel, example)
    return figure


@on_paper
def signals(examples: Sequence[Example], field: Field) -> Figure:
    """Draw signals over seconds, each on its own scale, as the network was given them."""
    lanes = field.shape[0]
    figure, panels = _grid(len(examples), 3, 3.3, 1.25 + 0.35 * lanes, sharex=True)
    for panel, example in zip(panels, examples):
        waveform(panel, example.raw, field.rate, field.channels)
        _caption(panel, example)
    figure.supxlabel("seconds", fontsize=9, color=QUIET)
    return figure


def _grid(count: int, across: int, width: float, height: float, **options: Any) -> tuple[Figure, list[Any]]:
    across = min(across, count)
    down = -(-count // across)
    figure, panels = new_figure(max(2.4, across * width), down * height, down, across, **options)
    for spare in panels[count:]:
        spare.set_visible(False)
    return figure, panels[:count]


def _caption(panel: Any, example: Example) -> None:
    sure = f" ({example.probability:.2f})" if example.probability is not None else ""
    panel.set_title(f"true {short(example.truth, 16)}", fontsize=9, fontweight="normal", color=TEXT, pad=17, loc="left")
    panel.annotate(
        f"said {short(example.given, 14)}{sure}",
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        color=VERMILLION,
        fontsize=9,
        fontweight="bold",
    )
    panel.annotate(
        f"#{example.id}", (1, 1), xycoords="axes fraction", xytext=(0, 19),
        textcoords="offset points", ha="right", color=QUIET, fontsize=7.5,
    )  # fmt: skip


def _columns(field: Field, size: int) -> list[Mapping[str, Any]]:
    """Name, offset and scale of each number of a row, or the classes of a category."""
    listed = field.encoding.get("columns", [])
    if field.kind == "table":
        return list(listed)
    names = listed if len(listed) == size else [f"{field.name}[{i}]" for i in range(size)]
    offset = np.broadcast_to(np.asarray(field.encoding["offset"], dtype=float), field.shape).ravel()
    scale = np.broadcast_to(np.asarray(field.encoding["scale"], dtype=float), field.shape).ravel()
    return [{"name": n, "kind": "number", "offset": o, "scale": s} for n, o, s in zip(names, offset, scale)]


def _height(column: Mapping[str, Any], value: Any) -> float:
    if "classes" in column:  # of a category or a boolean none is more unusual than the other
        return 0.0
    height = (float(value) - column.get("first", 0.0) - column["offset"]) / column["scale"]
    return height if np.isfinite(height) else 0.0


def _said(column: Mapping[str, Any], value: Any) -> str:
    if "classes" not in column:
        if np.isnan(value):
            return "missing"
        return str(np.datetime64(int(value), "D")) if column["kind"] == "date" else number(float(value))
    names = column.get("all") or column["classes"]
    return short(names[int(value)], 12) if 0 <= int(value) < len(names) else "unknown"
