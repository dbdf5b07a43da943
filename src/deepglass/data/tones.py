"""Tones: how often each of the 256 values of a pixel occurs, from which pictures are scaled."""

from typing import Any

import numpy as np
import torch

from deepglass.data.readers.ahead import decoded
from deepglass.data.readers.pictures import Pictures

CHUNK_PICTURES = 256  # read at a time


def tones(pictures: Any, ids: np.ndarray) -> np.ndarray:
    """How often each tone 0 to 255 occurs in each channel, (channels, 256): exact, and quicker than summing floats."""
    counts = torch.zeros(pictures.shape[1], 256, dtype=torch.int64)
    parts = [ids[i : i + CHUNK_PICTURES] for i in range(0, len(ids), CHUNK_PICTURES)]
    if isinstance(pictures, Pictures):
        found = (batch["image"] for batch in decoded({"image": pictures}, parts, None))
    else:
        found = (np.asarray(pictures[part]) for part in parts)
    for pixels in found:
        chunk = torch.from_numpy(pixels)
        for channel in range(len(counts)):
            counts[channel] += torch.bincount(chunk[:, channel].flatten(), minlength=256)
    return counts.numpy()


def affine_of_tones(counts: np.ndarray, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    """Return offset and scale of each channel, from its tones (channels, 256)."""
    values, total = np.arange(256.0), counts.sum(axis=1)
    if scaling == "unit":
        low, high = np.argmax(counts > 0, axis=1), 255 - np.argmax(counts[:, ::-1] > 0, axis=1)
        return low.astype(np.float64), np.where(high > low, high - low, 1.0)
    mean = counts @ values / total
    deviation = np.sqrt((counts * (values - mean[:, None]) ** 2).sum(axis=1) / total)
    return mean, np.where(deviation > 0, deviation, 1.0)
