"""Captioned: images with what is said of them below, and where somebody knows better, with what is true."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from deepglass.report.pictures.figure import GREEN, QUIET, TEXT, VERMILLION, new_figure, on_paper
from deepglass.report.pictures.mosaic import picture_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 3
LETTERS = 40  # of a line below an image
LINES = 4  # at most, of one sentence


@on_paper
def captioned_pictures(
    images: Sequence[Any], said: Sequence[str], true: Sequence[str], right: Sequence[bool], *, top: float = 255.0
) -> Figure:
    """Draw images (channels, height, width) with what was said of each: green where it is right, else with what is true above."""
    across = min(ACROSS, len(images))
    down = -(-len(images) // across)
    figure, panels = new_figure(across * 3.15, down * 2.9, down, across)
    for spare in panels[len(images) :]:
        spare.set_visible(False)
    for i, panel in enumerate(panels[: len(images)]):
        show_captioned(panel, images[i], said[i], top=top, colour=GREEN if right[i] else VERMILLION)
        if not right[i]:
            panel.set_title(
                _lines(f"true: {true[i]}", LETTERS), fontsize=8, fontweight="normal", color=QUIET, loc="center"
            )
    return figure


def show_captioned(
    panel: Any, image: Any, said: str, *, top: float = 255.0, letters: int = LETTERS, colour: str = TEXT
) -> None:
    """Draw one image with its sentence below, in lines of so many letters."""
    shown = (picture_of(image) / (top or 1)).clip(0, 1)
    panel.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    panel.set_xticks([])
    panel.set_yticks([])
    panel.grid(False)
    panel.spines[:].set_visible(False)
    panel.set_xlabel(_lines(said, letters), fontsize=8.5, color=colour, labelpad=4)


def _lines(text: str, letters: int) -> str:
    lines = wrap(text, letters) or ["(nothing)"]
    return "\n".join(lines[:LINES]) + (" …" if len(lines) > LINES else "")
