"""Strokes: the ten digits as a pen draws them, each a little otherwise: to be told apart, or to be drawn."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import torch

from deepglass.data.builtin.drawn import LICENCE, own_random
from deepglass.data.ragged import Ragged
from deepglass.data.readers.pen import offsets_of
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import SettingError

# Each digit: its strokes, each of pieces that are a curve through points or straight lines between them; x and y from 0 to 1,
# y downwards.
CURVE, LINE = True, False
Piece = tuple[bool, list[tuple[float, float]]]
DIGITS: dict[str, list[list[Piece]]] = {
    "0": [[(CURVE, [(0.5, 0), (0.15, 0.25), (0.15, 0.75), (0.5, 1), (0.85, 0.75), (0.85, 0.25), (0.5, 0)])]],
    "1": [[(LINE, [(0.3, 0.2), (0.55, 0), (0.55, 1)])]],
    "2": [[(CURVE, [(0.15, 0.25), (0.5, 0), (0.85, 0.25), (0.5, 0.65), (0.1, 1)]), (LINE, [(0.1, 1), (0.9, 1)])]],
    "3": [
        [
            (CURVE, [(0.15, 0.15), (0.55, 0), (0.8, 0.25), (0.45, 0.47)]),
            (CURVE, [(0.45, 0.47), (0.85, 0.72), (0.5, 1), (0.1, 0.85)]),
        ]
    ],
    "4": [[(LINE, [(0.6, 0), (0.1, 0.65), (0.9, 0.65)])], [(LINE, [(0.65, 0.35), (0.65, 1)])]],
    "5": [
        [
            (LINE, [(0.2, 0), (0.15, 0.45)]),
            (CURVE, [(0.15, 0.45), (0.55, 0.38), (0.85, 0.68), (0.5, 1), (0.1, 0.88)]),
        ],
        [(LINE, [(0.2, 0), (0.85, 0)])],
    ],
    "6": [[(CURVE, [(0.75, 0.05), (0.3, 0.3), (0.15, 0.7), (0.5, 1), (0.82, 0.75), (0.5, 0.5), (0.2, 0.7)])]],
    "7": [[(LINE, [(0.1, 0), (0.9, 0), (0.4, 1)])]],
    "8": [
        [
            (
                CURVE,
                [
                    (0.5, 0.48),
                    (0.2, 0.25),
                    (0.5, 0),
                    (0.8, 0.25),
                    (0.5, 0.48),
                    (0.15, 0.75),
                    (0.5, 1),
                    (0.85, 0.75),
                    (0.5, 0.48),
                ],
            )
        ]
    ],
    "9": [[(CURVE, [(0.8, 0.25), (0.5, 0), (0.2, 0.25), (0.5, 0.5), (0.8, 0.25)]), (LINE, [(0.8, 0.25), (0.7, 1)])]],
}
SIZE = 20.0  # units that a digit is high
STEP = 0.14  # of its height: about so far apart are its points
SLANT, TURN, WIDTH = (
    0.25,
    0.12,
    (0.75, 1.1),
)  # deviation of the slant and of the turn (radians), and how wide a digit is


def strokes(
    *,
    drawings: int = 1000,
    noise_std: float = 0.03,
    label: Literal["target", "input", "none"] = "target",
    seed: int = 0,
) -> Source:
    """Draw digits with a pen: strokes of some points, slanted, turned and bent at random.

    Shapes: strokes, each (points, 3) of dx, dy (downwards) and whether the pen is lifted after the point; digit (drawings,).
    Units: a digit is 20 units high; `noise_std` is how far its bends are shifted, as a share of its height.
    Args: label: whether the digit is to be learned (target), is told beside the strokes (input), or is left out (none).
    Raises: SettingError, for fewer drawings than digits, a negative `noise_std` or another `label`.
    Source: generated here; curves are Catmull-Rom splines ("A Class of Local Interpolating Splines", 1974).
    """
    if label not in ("target", "input", "none"):
        raise SettingError(f"{label=} does not exist. Choose 'target', 'input' or 'none'.")
    if drawings < len(DIGITS):
        raise SettingError(f"{drawings=} is too few for strokes. Choose {len(DIGITS)} or more.")
    random = own_random("strokes", points=drawings, noise_std=noise_std, seed=seed)
    codes = np.arange(drawings) % len(DIGITS)
    shapes = list(DIGITS.values())
    values = Ragged.of([torch.from_numpy(_drawn(shapes[code], noise_std, random)) for code in codes])
    fields = {"strokes": Raw("strokes", values), "digit": categories(codes, list(DIGITS))}
    return Source(
        name="strokes",
        fields={n: f for n, f in fields.items() if n == "strokes" or label != "none"},
        inputs=("strokes", "digit") if label == "input" else ("strokes",),
        targets=("digit",) if label == "target" else (),
        notes=(f"{drawings} drawings of {len(DIGITS)} digits, shared evenly; 1 to 2 strokes each.",),
        facts={
            "description": "digits as pen strokes: offsets and where the pen is lifted",
            "licence": LICENCE,
            "source": "generated; splines through bends that are shifted at random",
        },
    )


def _drawn(digit: Sequence[Sequence[Piece]], noise_std: float, random: np.random.Generator) -> np.ndarray:
    """One digit as offsets (points, 3)."""
    slant, turn, width = random.normal(0, SLANT), random.normal(0, TURN), random.uniform(*WIDTH)
    place = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[width, -slant], [0, 1]]
    )
    strokes = []
    for pieces in digit:
        bends: dict[tuple[float, float], np.ndarray] = {}  # one that two pieces share is shifted once
        points: list[np.ndarray] = []
        for is_curve, at in pieces:
            for bend in at:
                if bend not in bends:
                    bends[bend] = np.array(bend) + random.normal(0, noise_std, 2)
            through = np.array([bends[bend] for bend in at])
            part = _curve(through) if is_curve else _lines(through)
            points.append(part if not points else part[1:])
        strokes.append(SIZE * np.concatenate(points) @ place.T)
    return offsets_of(strokes)


def _curve(through: np.ndarray) -> np.ndarray:
    """Points of a spline through some (n, 2), whose slope at each is that between its neighbours."""
    ends = np.concatenate([2 * through[:1] - through[1:2], through, 2 * through[-1:] - through[-2:-1]])
    parts = [through[:1]]
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:]):
        t = _shares(b, c)[:, None]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(parts)


def _lines(through: np.ndarray) -> np.ndarray:
    return np.concatenate([through[:1], *(b + _shares(b, c)[:, None] * (c - b) for b, c in pairwise(through))])


def _shares(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far along from one point to the next points are set, the last one included."""
    count = max(1, round(float(np.hypot(*(end - start))) / STEP))
    return np.arange(1, count + 1) / count
