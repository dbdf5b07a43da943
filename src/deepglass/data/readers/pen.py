"""Pen: the way from strokes as points on paper to the offsets that a drawing is kept as, and back."""

from collections.abc import Sequence

import numpy as np


def offsets_of(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Turn strokes into offsets: float64 (points, 3) of dx, dy, and 1 where the pen is lifted after this point.

    The first offset leads from the middle of the drawing's bounding box to its first point: where a drawing lies on its page
    does not count, where in it the pen begins does.
    Shapes: each stroke (points, 2) of x and y, at least one of them not empty.

    >>> offsets_of([np.array([[0.0, 0.0], [2.0, 0.0]])]).tolist()
    [[-1.0, 0.0, 0.0], [2.0, 0.0, 1.0]]
    """
    points = np.concatenate(strokes).astype(np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    lifted = np.zeros(len(points))
    lifted[np.cumsum([len(s) for s in strokes]) - 1] = 1
    return np.column_stack([np.diff(points, axis=0, prepend=middle[None]), lifted])


def strokes_of(offsets: np.ndarray) -> list[np.ndarray]:
    """Turn offsets (points, 3) back into strokes, each (points, 2) of x and y around the middle."""
    rows = np.asarray(offsets, dtype=np.float64).reshape(-1, 3)
    ends = np.flatnonzero(rows[:, 2] > 0.5) + 1
    parts = np.split(np.cumsum(rows[:, :2], axis=0), ends)
    return [part for part in parts if len(part)]


def simplified(stroke: np.ndarray, tolerance: float) -> np.ndarray:
    """Leave out points of a stroke (points, 2) as long as none lies further than `tolerance` from what remains.

    Source: Ramer, "An Iterative Procedure for the Polygonal Approximation of Plane Curves", 1972; Douglas and Peucker, 1973.
    """
    kept = np.zeros(len(stroke), dtype=bool)
    kept[[0, -1]] = True
    parts = [(0, len(stroke) - 1)]
    while parts:
        start, end = parts.pop()
        if end - start < 2:
            continue
        away = _distances(stroke[start + 1 : end], stroke[start], stroke[end])
        furthest = int(away.argmax())
        if away[furthest] > tolerance:
            middle = start + 1 + furthest
            kept[middle] = True
            parts += [(start, middle), (middle, end)]
    return stroke[kept]


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far points (n, 2) lie from the straight piece between two others."""
    along, across = end - start, points - start
    length = float(along @ along)
    share = (across @ along / length).clip(0, 1) if length else np.zeros(len(points))
    away = across - share[:, None] * along
    return np.hypot(away[:, 0], away[:, 1])
