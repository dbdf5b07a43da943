"""Material of the unseen cases for convolutions: small pictures and signals, drawn here or taken from scikit-learn."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from cases.fresh.loop import say
from cases.fresh.material import Parts, parts

__all__ = ["Parts", "accuracy", "cells", "digits", "heartbeats", "overlap", "parts", "say", "scans", "textures"]


def digits(seed: int, count: int = 1797) -> tuple[np.ndarray, np.ndarray]:
    """Some of scikit-learn's handwritten digits: pictures (count, 1, 8, 8), 0 to 1, and what they say."""
    known = load_digits()
    chosen = np.random.default_rng(seed + 5).permutation(1797)[:count]
    return (known.images[chosen, None] / 16).astype(np.float32), known.target[chosen].astype(np.int64)


def textures(seed: int, count: int = 480, side: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Draw coloured patches, channels last, (count, side, side, 3) uint8: slats, checks, dots, or a haze; 4 classes."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=count)
    down, along = np.mgrid[:side, :side]
    x = np.empty((count, side, side, 3))
    for i, kind in enumerate(y):
        gap, shift = random.integers(2, 4), random.integers(0, 4, 2)
        grid = ((down + shift[0]) // gap % 2, (along + shift[1]) // gap % 2)
        ink = (grid[0], grid[0] ^ grid[1], grid[0] & grid[1], 0.5 * np.ones((side, side)))[kind]
        x[i] = 110 + 60 * (ink[:, :, None] - ink.mean()) * random.uniform(0.4, 1, 3) + random.uniform(-40, 40, 3)
    return (x + random.normal(0, 22, x.shape)).clip(0, 255).astype(np.uint8), y.astype(np.int64)


def cells(seed: int, count: int = 300, side: int = 16, most: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures (count, 1, side, side) of faint discs among specks; their masks (count, side, side) are 0 and 1."""
    random = np.random.default_rng(seed)
    down, along = np.mgrid[:side, :side]
    x, y = random.normal(0, 0.25, (count, 1, side, side)), np.zeros((count, side, side))
    for picture, mask in zip(x[:, 0], y):
        for _ in range(random.integers(1, most + 1)):
            centre = random.uniform(2, side - 3, 2)
            disc = np.hypot(down - centre[0], along - centre[1]) < random.uniform(1.6, 2.6)
            picture[disc] += random.uniform(0.6, 1.0)
            mask[disc] = 1
        for _ in range(6):
            spot = random.integers(0, side, 2)
            picture[spot[0], spot[1]] += 0.9 * (1 - mask[spot[0], spot[1]])
    return x.astype(np.float32), y.astype(np.float32)


def scans(seed: int, count: int = 500, side: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures (count, 1, side, side) with one bright ellipse, and its area in square micrometres (5 a pixel's edge)."""
    random = np.random.default_rng(seed)
    down, along = np.mgrid[:side, :side]
    x, y = random.normal(0, 0.15, (count, 1, side, side)), np.empty(count)
    for i, picture in enumerate(x[:, 0]):
        centre, axes = random.uniform(4, side - 5, 2), random.uniform(1.2, 4.2, 2)
        inside = ((down - centre[0]) / axes[0]) ** 2 + ((along - centre[1]) / axes[1]) ** 2 < 1
        picture += inside * random.uniform(0.5, 1.2)
        y[i] = 25 * np.pi * axes.prod()
    return x.astype(np.float32), y.astype(np.float32)


def heartbeats(seed: int, rows: int = 500, length: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Draw recordings (rows, 2, length) of two leads; classes: regular, early beats, missing beats."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    time = np.arange(length)
    x = random.normal(0, 0.25, (rows, 2, length))
    for record, kind in zip(x, y):
        period, start = random.uniform(11, 14), random.uniform(0, 10)
        beats = start + period * np.arange(-1, 7)
        odd = random.integers(2, 5)
        if kind == 1:
            beats[odd] -= 0.45 * period
        if kind == 2:
            beats = np.delete(beats, odd)
        for beat in beats:
            record[0] += 1.6 * np.exp(-(((time - beat) / 0.9) ** 2))
            record[1] -= 0.8 * np.exp(-(((time - beat - 1) / 1.5) ** 2))
    return x.astype(np.float32), y.astype(np.int64)


@torch.no_grad()
def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of right classes. It leaves the mode as it is."""
    return float((network(x).argmax(1) == y).float().mean())


def overlap(output: Tensor, mask: Tensor) -> dict[str, float]:
    """F1 over the pixels of all pictures together, of logits."""
    said, true = output.detach().reshape(mask.shape) > 0, mask > 0.5
    hits = float((said & true).sum())
    return {"f1": 2 * hits / max(1.0, float(said.sum() + true.sum()))}
