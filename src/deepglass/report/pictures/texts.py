"""Texts: how long they are, which tokens are frequent, what is unknown, and examples as they stand in the data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, GREEN, ORANGE, QUIET, TEXT, VERMILLION
from deepglass.report.words import short

if TYPE_CHECKING:
    from deepglass.data.portrait_texts import TextPortrait

LINE, BOLD_LINE = 138, 112  # letters that fit across the picture beside the name of a field
LINES = 3  # of one text
VISIBLE = {"\n": "line end", " ": "blank", "\t": "tab"}
LINE_END = "↵"
BINS = 40


def examples_height(examples: list[list[tuple[str, str]]]) -> float:
    """Inches that `text_examples_rows` takes."""
    lines = sum(len(_wrapped(text)) for row in examples for _, text in row[:-1])
    lines += sum(len(_wrapped(row[-1][1], bold=len(row) > 1)) for row in examples)
    return 0.45 + 0.165 * lines + 0.1 * len(examples)


def text_example_rows(place: Any, examples: list[list[tuple[str, str]]]) -> None:
    """Write some examples, each with its fields one below the other; long texts are cut after three lines."""
    panel = place.subplots()
    panel.axis("off")
    down = 0.0
    for row in examples:
        for place_in_row, (name, text) in enumerate(row, 1):
            bold = len(row) > 1 and place_in_row == len(row)  # what is to be learned
            lines = _wrapped(text, bold=bold)
            weight = "bold" if bold else "normal"
            panel.text(0, down, short(name, 12), color=QUIET, fontsize=8, va="top")
            for line in lines:
                panel.text(0.095, down, line, color=TEXT, fontsize=8, va="top", fontweight=weight)
                down += 1
        down += 0.6
    panel.set_xlim(0, 1)
    panel.set_ylim(max(1.0, down), 0)
    panel.set_title("Examples")


def text_panels(place: Any, portrait: TextPortrait) -> None:
    """Lengths, where they differ, frequent tokens and unknown ones of a field, side by side."""
    differ = len(portrait.lengths) > 0 and bool(portrait.lengths.min() < portrait.lengths.max())
    panels = place.subplots(1, 2 + differ, width_ratios=[1.15, 1, 0.85][-2 - differ :])
    for panel, draw in zip(panels, [_lengths, _frequent, _unknown][-2 - differ :]):
        draw(panel, portrait)
    if not differ and len(portrait.lengths):
        said = f"% of all {portrait.unit}s; each text has {portrait.lengths[0]:,}"
        panels[0].set_xlabel(said, fontsize=8.5)
        panels[0].set_title(f"{short(portrait.name, 14)}: most frequent")


def _lengths(panel: Any, portrait: TextPortrait) -> None:
    lengths = portrait.lengths
    most = int(lengths.max(initial=1))
    step = max(1, -(-(most + 1) // BINS))
    counts, _, _ = panel.hist(lengths, bins=np.arange(-0.5, most + step + 0.5, step), color=BLUE, alpha=0.75)
    cut = float((lengths > portrait.kept).mean()) if len(lengths) else 0.0
    if cut:
        panel.axvline(portrait.kept, color=VERMILLION, linewidth=1.6)
        panel.set_ylim(0, 1.35 * max(counts))  # room for the words above the bars
        left = portrait.kept > most / 2
        panel.annotate(
            f"kept are {portrait.kept:,};\n{100 * cut:.2g} % are longer", (portrait.kept, 0.97),
            xycoords=("data", "axes fraction"), xytext=(-5 if left else 5, 0), textcoords="offset points",
            ha="right" if left else "left", va="top", fontsize=8, color=VERMILLION,
        )  # fmt: skip
    median = f"{np.median(lengths):,.0f}" if len(lengths) else "0"
    panel.set_xlabel(f"{portrait.unit}s in a text (median {median}, at most {most:,})", fontsize=8.5)
    panel.set_ylabel("texts", fontsize=8.5)
    panel.locator_params(axis="x", nbins=5, integer=True)
    panel.locator_params(axis="y", nbins=5)
    panel.set_title(f"{short(portrait.name, 14)}: lengths")


def _frequent(panel: Any, portrait: TextPortrait) -> None:
    names = [VISIBLE.get(token, short(token, 14)) for token, _ in portrait.frequent]
    shares = [100 * share for _, share in portrait.frequent]
    panel.barh(range(len(names)), shares, color=GREEN, height=0.7)
    panel.set_yticks(range(len(names)), names, fontsize=7.5)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")
    panel.locator_params(axis="x", nbins=4)
    panel.set_xlabel(f"% of all {portrait.unit}s", fontsize=8.5)
    panel.set_title("Most frequent")


def _unknown(panel: Any, portrait: TextPortrait) -> None:
    """The share of unknown tokens of each split, in percent, and how large the vocabulary is."""
    splits = list(portrait.unknown)
    shares = [100 * portrait.unknown[s] for s in splits]
    colours = {"training": BLUE, "validation": ORANGE}
    panel.barh(range(len(splits)), shares, color=[colours[s] for s in splits], height=0.55)
    for i, share in enumerate(shares):
        panel.annotate(
            f"{share:.2g} %", (share, i), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5
        )
    panel.set_yticks(range(len(splits)), splits, fontsize=8.5)
    panel.set_ylim(max(2, len(splits)) + 0.6, -0.6)
    panel.set_xlim(0, 1.4 * max([*shares, 1.0]))
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")
    panel.locator_params(axis="x", nbins=4)
    panel.set_xlabel(f"% of the {portrait.unit}s are unknown", fontsize=8.5)
    said = f"{portrait.known:,} different {portrait.unit}s are known"
    if portrait.once >= 0.01:
        said += f";\n{portrait.once:.0%} of those seen stand\nthere once"
    panel.annotate(said, (0.03, 0.06), xycoords="axes fraction", fontsize=8, color=QUIET, va="bottom")
    panel.set_title("Unknown")


def _wrapped(text: str, *, bold: bool = False) -> list[str]:
    plain = " ".join(text.strip().replace("\n", f" {LINE_END} ").split()) or "(empty)"
    return textwrap.wrap(
        plain, BOLD_LINE if bold else LINE, max_lines=LINES, placeholder=" ...", break_long_words=True
    ) or ["(empty)"]
