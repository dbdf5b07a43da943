"""Mosaic: many small images as one, in rows, with white gaps: far quicker to draw than a panel for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LARGEST = 128  # pixels a side of a tile; larger images are made smaller by averaging


def mosaic(
    rows: Sequence[Sequence[Any]], top: float | None = None, bottom: float | None = None
) -> tuple[np.ndarray, int, int]:
    """Put raw images (channels, height, width) side by side, on one common scale from `bottom` to `top`.

    Without them: from 0, or the darkest value where that is negative, to the brightest.
    Returns: the picture (height, width, 3) from 0 to 1, and how many of its pixels a tile takes down and across.
    """
    tiles = [[_smaller(picture_of(raw)) for raw in row] for row in rows]
    all_tiles = [tile for row in tiles for tile in row]
    low = bottom if bottom is not None else min(0.0, *(float(t.min()) for t in all_tiles))
    high = top if top is not None and top > low else max(float(t.max()) for t in all_tiles)
    height, width = all_tiles[0].shape[:2]
    gap = max(1, round(0.07 * max(height, width)))
    down, across = height + gap, width + gap
    canvas = np.ones((len(tiles) * down - gap, max(map(len, tiles)) * across - gap, 3))
    for i, row in enumerate(tiles):
        for j, tile in enumerate(row):
            shown = ((tile - low) / max(high - low, 1e-12)).clip(0, 1)
            shown = shown[..., None] if shown.ndim == 2 else shown
            canvas[i * down : i * down + height, j * across : j * across + width] = shown
    return canvas, down, across


def picture_of(raw: Any) -> np.ndarray:
    """Turn channels-first values into (height, width) or (height, width, 3)."""
    values = np.asarray(raw, dtype=float)
    if values.ndim == 3 and values.shape[0] == 3:
        return values.transpose(1, 2, 0)
    if values.ndim == 3:
        return values[0] if values.shape[0] in (1, 2) else values[:3].transpose(1, 2, 0)
    return values


def _smaller(picture: np.ndarray) -> np.ndarray:
    step = -(-max(picture.shape[:2]) // LARGEST)
    if step == 1:
        return picture
    height, width = (max(step, side // step * step) for side in picture.shape[:2])
    cut = picture[:height, :width]
    blocks = cut.reshape(
        cut.shape[0] // step or 1, -1, cut.shape[1] // step or 1, min(step, cut.shape[1]), *cut.shape[2:]
    )
    return np.asarray(blocks.mean(axis=(1, 3)))
