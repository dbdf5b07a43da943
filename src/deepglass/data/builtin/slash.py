"""Slash: four drawings of four pixels, the smallest image classification there is."""

import numpy as np

from deepglass.data.builtin.drawn import LICENCE
from deepglass.data.source import Source, categories, images

# Ink is 1 and paper is -1, as the eye sees it: top row, then bottom row.
DRAWINGS = [
    [[1, -1], [-1, 1]],  # a clean backslash
    [[-1, 1], [1, -1]],  # a clean slash
    [[1, 1], [-1, 1]],  # a backslash with a blot
    [[-1, -1], [1, -1]],  # a slash with half its ink
]
STROKES = ("\\", "/")


def slash() -> Source:
    """Return two backslashes and two slashes, the first of each clean and the second one poor.

    Shapes: image (4, 1, 2, 2) float32 of -1 and 1, stroke (4,): "\\\\" or "/".
    Source: drawn by hand. Of the 16 sign patterns as weights, two get all four drawings right.
    """
    drawings = np.array(DRAWINGS, dtype=np.float32)[:, None]
    return Source(
        name="slash",
        fields={"image": images(drawings), "stroke": categories([0, 1, 0, 1], STROKES)},
        inputs=("image",),
        targets=("stroke",),
        splits={"train": np.arange(4), "validation": np.arange(0), "test": np.arange(0)},
        notes=("Pixels are 1 for ink and -1 for paper.", "Four examples: all of them are for training."),
        facts={
            "description": "4 drawings of a slash or a backslash, 2x2 pixels",
            "licence": LICENCE,
            "source": "drawn by hand for an exercise on the smallest image classifier",
        },
    )
