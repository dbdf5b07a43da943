"""Portrait of strokes and of captions: some drawings of each class, how many points they have; some images with their sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.versions import spread

CLASSES = 6  # of which drawings are shown, at most
A_CLASS = 8  # drawings of each class, and of a row where there is none
ROWS = 3  # without classes
CAPTIONED = 6  # images that are shown with what is said of them


@dataclass(frozen=True)
class StrokesPortrait:
    """What pictures of drawings show.

    Args:
        rows: class, or nothing, and drawings of it, each (points, 3) in raw units.
        points: of each sampled drawing, (drawings,); `used` of a drawing at most.
        strokes: of each sampled drawing, (drawings,).
    """

    rows: list[tuple[str, list[np.ndarray]]]
    points: np.ndarray
    strokes: np.ndarray
    used: int


def strokes_portrait(
    one: Field, values: Mapping[str, Any], inputs: Mapping[str, Field], truth: np.ndarray | None, classes: list[str]
) -> StrokesPortrait:
    """Gather it from raw values by field. Args: truth: class codes of the examples (n,), where there are classes to learn."""
    raw = values[one.name]
    for beside in inputs.values():
        if truth is None and beside.kind == "category":
            truth = np.asarray(beside.encoding["index"])[np.asarray(values[beside.name]).astype(int)]
            classes = [str(c) for c in beside.classes]
    drawings = raw if isinstance(raw, Ragged) else Ragged.of(list(raw))
    lifted = torch.zeros(len(drawings)).index_add(0, drawings.owners, drawings.values[:, 2].float())
    rows: list[tuple[str, np.ndarray]] = []
    if classes and truth is not None:
        for code in np.unique(np.linspace(0, len(classes) - 1, min(CLASSES, len(classes))).round().astype(int)):
            rows.append((classes[code], spread(np.flatnonzero(truth == code), A_CLASS)))
    else:
        chosen = spread(np.arange(len(drawings)), ROWS * A_CLASS)
        rows = [("", chosen[start : start + A_CLASS]) for start in range(0, len(chosen), A_CLASS)]
    return StrokesPortrait(
        rows=[(name, [drawings[int(i)].numpy() for i in ids]) for name, ids in rows if len(ids)],
        points=drawings.lengths.numpy(),
        strokes=lifted.numpy(),
        used=one.shape[0],
    )


def captioned(images: np.ndarray, captions: Any) -> list[tuple[np.ndarray, str]]:
    """Some images (n, channels, height, width) with what is said of them, evenly spread."""
    return [(images[i], str(captions[int(i)])) for i in spread(np.arange(len(images)), CAPTIONED)]
