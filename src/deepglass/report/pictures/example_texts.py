"""Example texts: texts that were answered wrongly, whole, their words on the colour of what each did for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deepglass.report.pictures.examples import Example
from deepglass.report.pictures.figure import on_paper
from deepglass.report.pictures.words import Coloured, words_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TOLD = (
    "The words are on the colour of what each did for the answer that was given: orange spoke for it, blue against it. Each text "
    "has a scale of its own, and white is 0."
)


@on_paper
def example_texts(examples: Sequence[Example], texts: Mapping[int, Sequence[Coloured]]) -> Figure:
    """Draw texts one below the other, with the truth and what was answered. Args: texts: those of each example, by its number."""
    drawn = []
    for example in examples:
        sure = f" ({example.probability:.2f})" if example.probability is not None else ""
        head = f"#{example.id}   true {example.truth},   said {example.given}{sure}"
        first, *others = texts[example.id]  # of a story and its question, say
        drawn.append(Coloured(f"{head}   {first.heading}" if others else head, first.words, first.values, first.apart))
        drawn += others
    return words_picture(drawn, "", TOLD)
