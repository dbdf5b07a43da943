"""Affine: the offset and scale of numbers and images, over the training examples."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from deepglass.data.source import Raw
from deepglass.data.tones import affine_of_tones, tones
from deepglass.errors import DataError

CHUNK = 4096  # examples read at a time while fitting, so that memory stays small
CHUNK_NUMBERS = 1 << 24  # and numbers at most


def fit_affine(name: str, raw: Raw, train: np.ndarray, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale that spread over one example, of the examples `train`: one a column, or one a channel of an image.

    Raises: DataError, when a number is missing or not finite, with how many and where.
    """
    shape = raw.values.shape[1:] or (1,)
    broadcast = (shape[0], *[1] * (len(shape) - 1)) if raw.kind == "image" else (*[1] * (len(shape) - 1), shape[-1])
    axes = (0, 2, 3) if raw.kind == "image" else tuple(range(len(shape)))
    if raw.kind == "image" and raw.values.dtype == np.uint8 and len(train) and scaling != "none":
        offset, spread = affine_of_tones(tones(raw.values, train), scaling)
        return offset.reshape(broadcast), spread.reshape(broadcast)
    if scaling == "none":
        _check_finite(name, raw, train)
        return np.zeros(broadcast), np.ones(broadcast)
    if scaling == "unit":
        low, high = _range(name, raw, train, axes)
        spread = np.where(high > low, high - low, 1.0)
        return low.reshape(broadcast), spread.reshape(broadcast)
    count, total, squares = 0, 0.0, 0.0
    first: Any = None  # the first example's mean is taken off before squaring, against cancellation
    for chunk in _chunks(name, raw, train):
        first = chunk.mean(axis=axes, keepdims=True) if first is None else first
        count += chunk.size // max(1, int(np.prod(broadcast)))
        total = total + (chunk - first).sum(axis=axes)
        squares = squares + ((chunk - first) ** 2).sum(axis=axes)
    if not count:
        return np.zeros(broadcast), np.ones(broadcast)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    centre = mean + np.squeeze(first, axis=axes)
    # A constant column has no spread to divide by; rounding leaves a trace of one behind.
    deviation = np.where(deviation > 1e-9 * np.maximum(1, np.abs(centre)), deviation, 1.0)
    return centre.reshape(broadcast), deviation.reshape(broadcast)


def _range(name: str, raw: Raw, train: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    lows, highs = zip(*[(c.min(axis=axes), c.max(axis=axes)) for c in _chunks(name, raw, train)])
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _chunks(name: str, raw: Raw, train: np.ndarray) -> Iterator[np.ndarray]:
    step = max(1, min(CHUNK, CHUNK_NUMBERS // max(1, int(np.prod(raw.values.shape[1:])))))
    for start in range(0, len(train), step):
        ids = train[start : start + step]
        chunk = np.asarray(raw.values[ids], dtype=np.float64)
        chunk = chunk.reshape(len(chunk), *(raw.values.shape[1:] or (1,)))
        bad = ~np.isfinite(chunk)
        if bad.any():
            raise _not_finite(name, raw, chunk, ids)
        yield chunk


def _check_finite(name: str, raw: Raw, train: np.ndarray) -> None:
    for _ in _chunks(name, raw, train):
        pass


def _not_finite(name: str, raw: Raw, chunk: np.ndarray, ids: np.ndarray) -> DataError:
    where = np.argwhere(~np.isfinite(chunk))
    rows = sorted({int(ids[i]) for i in where[:, 0]})
    column = ""
    if raw.columns and chunk.ndim == 2:
        column = f", column {raw.columns[int(where[0, 1])].name!r}"
    shown = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return DataError(
        f"Field {name!r}{column}: {len(rows)} examples hold a value that is missing or not finite (first: {shown}, counted "
        f"from 0). Remove these examples or fill the values before loading."
    )
