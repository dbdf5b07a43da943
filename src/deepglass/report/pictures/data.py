"""Data: one picture of a Dataset: its examples, distributions, balance, links with the target, and augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data.portrait import Portrait
from deepglass.report.pictures.augmented import augmented, height_of
from deepglass.report.pictures.columns import (
    MOST_LINKS,
    distribution_rows,
    distributions,
    links,
    pixel_links,
    pixel_values,
)
from deepglass.report.pictures.figure import BLUE, ORANGE, QUIET, TEXT, on_paper, shown_in_notebooks
from deepglass.report.pictures.mosaic import mosaic
from deepglass.report.pictures.series import correlation_panel, series_height, series_rows
from deepglass.report.pictures.signals import lengths_differ, lengths_panel, rows_height, spectra_panel, waveform_rows
from deepglass.report.pictures.stroke_portrait import caption_rows, points_panel, stroke_rows, strokes_panel
from deepglass.report.pictures.stroke_portrait import rows_height as drawings_height
from deepglass.report.pictures.texts import examples_height, text_example_rows, text_panels
from deepglass.report.words import number, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

WIDTH = 9.5  # inches
LETTERS = 104  # that fit across a table of examples
MOST_CLASSES = 20  # bars of the balance; of more, the largest and the smallest
SPLIT_COLOURS = {"train": BLUE, "validation": ORANGE}


@on_paper
def portrait_picture(portrait: Portrait) -> Figure:
    """Draw a portrait: what there is of heading, examples, distributions, target, links and augmentation, downwards."""
    from matplotlib.figure import Figure

    sections = _sections(portrait)
    figure = Figure(figsize=(WIDTH, sum(height for height, _ in sections)), layout="constrained")
    places = figure.subfigures(len(sections), 1, squeeze=False, height_ratios=[height for height, _ in sections])
    for place, (_, draw) in zip(places[:, 0], sections):
        draw(place, portrait)
    return shown_in_notebooks(figure)


def _sections(portrait: Portrait) -> list[tuple[float, Callable[[Any, Portrait], None]]]:
    """The height in inches of each section, and what draws it."""
    sections: list[tuple[float, Callable[[Any, Portrait], None]]] = [(0.62, _heading)]
    if portrait.pictures:
        tile = 5.6 / max(1, max(len(row) for row in _image_rows(portrait)[1]))
        shape = portrait.pictures[0][1][0].shape if portrait.pictures[0][1] else (1, 1, 1)
        tall = min(tile, 0.62) * len(_image_rows(portrait)[1]) * min(1.6, shape[-2] / shape[-1])
        sections.append((max(2.1, 0.55 + tall), _examples))
        sections.append((3.0, _pixels))
    if portrait.captions:
        sections.append((2.3, _captions))
    if portrait.text_rows:
        sections.append((examples_height(portrait.text_rows), lambda place, p: text_example_rows(place, p.text_rows)))
    sections += [(2.5, lambda place, _, one=one: text_panels(place, one)) for one in portrait.texts]  # type: ignore[misc]
    if portrait.strokes is not None:
        sections.append((drawings_height(portrait.strokes), _drawings))
        sections.append((max(2.4, 0.9 + 0.2 * min(MOST_CLASSES, len(portrait.classes))), _points))
    if portrait.signals is not None and portrait.signals.waveforms:
        sections.append((rows_height(portrait.signals), _waveforms))
        sections.append((max(2.6, 0.9 + 0.2 * min(MOST_CLASSES, len(portrait.classes))), _sounds))
    if portrait.series is not None:
        sections.append((series_height(portrait.series), _series))
        if len(portrait.series.correlation):
            sections.append((2.4, _seasons))
    if portrait.rows:
        sections.append((0.62 + 0.24 * len(portrait.rows), _table))
    if portrait.columns:
        sections.append((0.45 + 1.3 * distribution_rows(portrait), distributions))
    linked = sum(c.link is not None for c in portrait.columns)
    if linked or (not _shows_target_above(portrait) and (portrait.balance or portrait.target_values)):
        bars = max(min(linked, MOST_LINKS), min(MOST_CLASSES, len(portrait.classes)))
        sections.append((max(2.6, 1.1 + 0.23 * bars), _target))
    if portrait.changes:
        sections.append((height_of(portrait), augmented))
    return sections


def _heading(place: Any, portrait: Portrait) -> None:
    place.text(0.01, 0.9, short(portrait.name, 60), fontsize=16, fontweight="bold", va="top")
    splits = portrait.splits
    train, validation = (splits.get(name, 0) for name in ("train", "validation"))
    said = f"{sum(splits.values()):,} examples: {train:,} to train on, {validation:,} for validation"
    said += f", {splits['test']:,} behind glass" if splits.get("test") else ""
    if portrait.sampled < portrait.open:
        said += f". Drawn from {portrait.sampled:,} of the first two, evenly spread"
    place.text(0.01, 0.32, said + ".", fontsize=9.5, color=QUIET, va="top")


def _image_rows(portrait: Portrait) -> tuple[list[str], list[list[np.ndarray]]]:
    """The labels and the images of each row: a class each, or ten examples each where there are none."""
    if portrait.classes and len(portrait.pictures[0][1]) > 0 and portrait.codes is not None:
        kept = [(name, images) for name, images in portrait.pictures if images]
        return [name for name, _ in kept], [images for _, images in kept]
    images = [image for _, row in portrait.pictures for image in row]
    labels = [label for label, row in portrait.pictures for _ in row]
    starts = range(0, len(images), 10)
    return [f"from {labels[i]}" if labels[i] else "" for i in starts], [images[i : i + 10] for i in starts]


def _examples(place: Any, portrait: Portrait) -> None:
    """Images, a row for each class, beside the number of examples of each."""
    names, rows = _image_rows(portrait)
    canvas, down, _ = mosaic(rows, portrait.top)
    left, right = place.subplots(1, 2, width_ratios=[2, 1])
    left.imshow(canvas, interpolation="nearest", aspect="equal")
    left.set_yticks([(i + 0.46) * down for i in range(len(rows))], [short(n, 18) for n in names])
    left.set_xticks([])
    left.tick_params(length=0)
    left.grid(False)
    left.spines[:].set_visible(False)
    few = f", {len(names)} of {len(portrait.classes)} classes" if 0 < len(names) < len(portrait.classes) else ""
    left.set_anchor("NW")
    left.set_title(f"Examples{few}")
    _target_panel(right, portrait)


def _waveforms(place: Any, portrait: Portrait) -> None:
    assert portrait.signals is not None
    waveform_rows(place, portrait.signals)


def _captions(place: Any, portrait: Portrait) -> None:
    caption_rows(place, portrait.captions, portrait.top)


def _drawings(place: Any, portrait: Portrait) -> None:
    assert portrait.strokes is not None
    stroke_rows(place, portrait.strokes)


def _points(place: Any, portrait: Portrait) -> None:
    assert portrait.strokes is not None
    panels = list(np.ravel(place.subplots(1, 3, squeeze=False)))
    points_panel(panels[0], portrait.strokes)
    strokes_panel(panels[1], portrait.strokes)
    _target_panel(panels[2], portrait)


def _series(place: Any, portrait: Portrait) -> None:
    assert portrait.series is not None
    series_rows(place, portrait.series)


def _seasons(place: Any, portrait: Portrait) -> None:
    assert portrait.series is not None
    correlation_panel(place, portrait.series)


def _sounds(place: Any, portrait: Portrait) -> None:
    assert portrait.signals is not None
    draw = [lengths_panel] if lengths_differ(portrait.signals) else []
    panels = list(np.ravel(place.subplots(1, len(draw) + 2, squeeze=False)))
    for one in (*draw, spectra_panel):
        one(panels.pop(0), portrait.signals)
    _target_panel(panels.pop(), portrait)


def _shows_target_above(portrait: Portrait) -> bool:
    """Whether the target stands beside pictures, drawings or signals already."""
    waves = portrait.signals is not None and bool(portrait.signals.waveforms)
    return bool(portrait.pictures) or portrait.strokes is not None or waves


def _pixels(place: Any, portrait: Portrait) -> None:
    left, right = place.subplots(1, 2, width_ratios=[1.2, 1])
    pixel_values(left, portrait)
    if portrait.pixel_links is None:
        right.set_visible(False)
    else:
        pixel_links(place, right, portrait)


def _table(place: Any, portrait: Portrait) -> None:
    """Some rows as text: the target, in bold, stands last; columns that do not fit are left out and counted."""
    cells = [[_cell(value) for value in row] for row in portrait.rows]
    names = [short(n, 16) for n in portrait.row_names]
    widths = [2 + max(len(names[j]), *(len(row[j]) for row in cells)) for j in range(len(names))]
    has_target = bool(portrait.target) and len(names) > len(portrait.columns)
    shown = _that_fit(widths, has_target)
    panel = place.subplots()
    panel.axis("off")
    panel.set_xlim(0, LETTERS)
    panel.set_ylim(len(cells) + 0.3, -1)
    at = 0.0
    for j in shown:
        at += widths[j]
        target = has_target and j == len(names) - 1
        style = {"fontweight": "bold"} if target else {}
        panel.text(at, -0.5, names[j], ha="right", va="center", fontsize=8.5, color=TEXT if target else QUIET, **style)
        for i, row in enumerate(cells):
            panel.text(at, i + 0.5, row[j], ha="right", va="center", fontsize=9, **style)
    for i in range(len(cells) + 1):
        panel.plot([0, at], [i, i], color="#dfe1e5" if i else QUIET, linewidth=0.6)
    left_out = len(names) - len(shown)
    few = f" ({left_out} columns left out)" if left_out else ""
    panel.set_title(f"Examples{few}")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 4) if np.isfinite(value) else "missing"
    return short(value, 16)


def _that_fit(widths: list[int], has_target: bool) -> list[int]:
    room = LETTERS - (widths[-1] if has_target else 0)
    shown: list[int] = []
    for j in range(len(widths) - has_target):
        room -= widths[j]
        if room < 0:
            break
        shown.append(j)
    return [*shown, len(widths) - 1] if has_target else shown


def _target(place: Any, portrait: Portrait) -> None:
    linked = any(c.link is not None for c in portrait.columns)
    shows_target = not _shows_target_above(portrait)
    panels = list(np.ravel(place.subplots(1, linked + shows_target, squeeze=False)))
    if shows_target:
        _target_panel(panels.pop(0), portrait)
    if linked:
        links(panels.pop(0), portrait)


def _target_panel(panel: Any, portrait: Portrait) -> None:
    if portrait.balance:
        _balance(panel, portrait)
    elif portrait.target_values:
        _target_values(panel, portrait)
    else:
        panel.set_visible(False)


def _balance(panel: Any, portrait: Portrait) -> None:
    """Examples of each class, training and validation one after the other."""
    counts = {split: np.asarray(c) for split, c in portrait.balance.items()}
    total = np.sum(list(counts.values()), axis=0)
    order = np.arange(len(total))
    if len(order) > MOST_CLASSES:
        ranked = np.argsort(-total, kind="stable")
        order = np.concatenate([ranked[: MOST_CLASSES // 2], ranked[-(MOST_CLASSES // 2) :]])
    start = np.zeros(len(order))
    for split, colour in SPLIT_COLOURS.items():
        part = counts.get(split, np.zeros_like(total))[order]
        panel.barh(range(len(order)), part, left=start, color=colour, height=0.66, label=split)
        start = start + part
    for place, code in enumerate(order):
        said = " + ".join(f"{int(c[code]):,}" for c in counts.values())
        panel.annotate(said, (total[code], place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    panel.set_yticks(range(len(order)), [short(portrait.classes[i], 18) for i in order], fontsize=9)
    panel.set_ylim(max(len(order), 4 - bool(portrait.pictures)) - 0.45, -0.55)
    panel.set_xlim(0, 1.35 * max(1, total.max(initial=0)))
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")
    panel.locator_params(axis="x", nbins=4)
    fewest, most = (int(total.min()), int(total.max())) if len(total) else (0, 0)
    ratio = f";\nthe largest class {most / fewest:.1f} times the smallest" if fewest and most > 1.1 * fewest else ""
    few = f"; {len(total) - len(order)} in between left out" if len(order) < len(total) else ""
    panel.set_title(f"{len(total)} classes")
    panel.set_xlabel(f"examples: training + validation{ratio}{few}", fontsize=8.5)
    panel.legend(loc="lower right", bbox_to_anchor=(1.02, 0.985), ncols=2, fontsize=8, handlelength=1, columnspacing=1)


def _target_values(panel: Any, portrait: Portrait) -> None:
    values = {s: v[np.isfinite(v)] for s, v in portrait.target_values.items()}
    everything = np.concatenate(list(values.values())) if values else np.zeros(0)
    if not len(everything):
        panel.set_visible(False)
        return
    low, high = everything.min(), everything.max()
    edges = np.linspace(low, high if high > low else low + 1, 31)
    for (split, colour), line in zip(SPLIT_COLOURS.items(), ("-", (0, (5, 1.5)))):
        part = values.get(split, np.zeros(0))
        if len(part):
            shares = np.histogram(part, bins=edges)[0] / len(part)
            panel.stairs(shares, edges, color=colour, fill=True, alpha=0.2)
            panel.stairs(shares, edges, color=colour, linestyle=line, linewidth=1.7, label=f"{split} ({len(part):,})")
    panel.set_ylim(bottom=0)
    panel.set_ylabel("share of the split", fontsize=9)
    panel.set_xlabel(portrait.target + (f" ({portrait.unit})" if portrait.unit else ""), fontsize=9)
    panel.set_title(f"{short(portrait.target)}: what is to be predicted")
    panel.legend(fontsize=8.5)
