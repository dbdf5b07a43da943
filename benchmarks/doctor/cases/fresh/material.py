"""Material of the fresh cases: other data than the bench's first ones have, as tensors or as Datasets."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

import deepglass as dg

Parts = tuple[Tensor, Tensor, Tensor, Tensor]  # inputs and targets of training, then of validation


def rings(seed: int, rows: int = 700) -> tuple[np.ndarray, np.ndarray]:
    """Draw points (rows, 2) on three rings about one centre, one class each, with noise."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    angle, radius = random.uniform(0, 2 * np.pi, rows), 0.6 + 0.7 * y + 0.12 * random.standard_normal(rows)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32), y


def claims(seed: int, rows: int = 900) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table (rows, 6) with heavy tails, log-normal or Student's, and three classes by a curved rule."""
    random = np.random.default_rng(seed)
    hidden = random.standard_normal((rows, 6))
    rule = hidden[:, 0] * hidden[:, 1] + 0.8 * np.sin(2 * hidden[:, 2]) + 0.15 * random.standard_normal(rows)
    x = np.where(np.arange(6) < 3, np.exp(0.6 * hidden), hidden * np.sqrt(3 / random.chisquare(4, (rows, 6)) + 0.2))
    x[:, 2] = hidden[:, 2]
    return x.astype(np.float32), np.digitize(rule, [-0.5, 0.5])


def dialects(seed: int, rows: int = 1200, classes: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table (rows, 12) of many classes, each a stretched cloud."""
    random = np.random.default_rng(seed)
    y = random.integers(classes, size=rows)
    centres, stretch = 1.25 * random.standard_normal((classes, 12)), random.uniform(0.4, 1.4, (classes, 12))
    return (centres[y] + stretch[y] * random.standard_normal((rows, 12))).astype(np.float32), y


def frauds(seed: int, rows: int = 2000, share: float = 0.04) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table (rows, 6) in which a few rows are of class 1 and lie a little aside."""
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(np.int64)
    x = random.standard_normal((rows, 6))
    x[:, 0] += 1.1 * y
    x[:, 1] -= 0.9 * y
    return x.astype(np.float32), y


def flats(seed: int, rows: int = 700) -> tuple[np.ndarray, np.ndarray]:
    """Draw flats (rows, 7) and what they cost, in thousands: size, rooms, age, floor, distance, and two that say nothing."""
    random = np.random.default_rng(seed)
    size, age, distance = random.gamma(8, 9, rows), random.uniform(0, 90, rows), random.gamma(2, 3, rows)
    floor = random.integers(0, 9, rows)
    rooms = np.clip((size / 25 + random.normal(0, 0.6, rows)).round(), 1, 8)
    price = 3.1 * size * np.exp(-distance / 14) * (1 + 0.2 * np.cos(age / 22)) + 4 * floor + 25
    x = np.stack([size, rooms, age, floor, distance, random.normal(5, 2, rows), random.uniform(0, 1, rows)], 1)
    return x.astype(np.float32), (price + random.normal(0, 9, rows)).astype(np.float32)


def stripes(seed: int, count: int = 500, side: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures (count, 1, side, side), 0 to 1: stripes that lie, stand or lean, of any width, with noise."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=count)
    down, along = np.mgrid[:side, :side]
    phase, width = random.uniform(0, 2 * np.pi, (count, 1, 1)), random.uniform(3.5, 6, (count, 1, 1))
    way = np.stack([down + 0 * along, along, (down + along) / 2**0.5])[y]
    x = 0.5 + 0.25 * np.sin(2 * np.pi * way / width + phase) + 0.25 * random.standard_normal((count, side, side))
    return x.clip(0, 1).astype(np.float32)[:, None], y


def pulses(seed: int, rows: int = 500, length: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Draw series (rows, length, 1), of which the slow, the fast and the slowing ones are to be told apart."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    time = np.linspace(0, 1, length)[None]
    beat = np.stack([2.0 + 0 * time, 4.5 + 0 * time, 4.5 - 1.4 * time])[y, 0]
    x = np.sin(2 * np.pi * (beat * time + random.random((rows, 1)))) + 0.25 * random.standard_normal((rows, length))
    return x.astype(np.float32)[:, :, None], y


def letters(seed: int, rows: int = 600, words: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Draw counts of words (rows, words) in short texts about four subjects."""
    random = np.random.default_rng(seed)
    subjects = random.dirichlet(np.full(words, 0.6), 4)
    y = random.integers(4, size=rows)
    usual = random.dirichlet(np.full(words, 0.5))
    shares = 0.3 * subjects[y] + 0.7 * usual
    return np.stack([random.multinomial(random.integers(15, 60), p) for p in shares]).astype(np.float32), y


def sentences(seed: int, rows: int = 700, length: int = 12, words: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Draw sentences (rows, length) of numbered words; class 1 where more of the first ten occur than of the next ten."""
    random = np.random.default_rng(seed)
    x = random.integers(words, size=(rows, length))
    lead = ((x < 10).sum(1) - ((x >= 10) & (x < 20)).sum(1)).astype(float)
    keep = lead != 0
    return x[keep], (lead[keep] > 0).astype(np.int64)


def tides(seed: int, rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Draw the last 16 heights of a tide (rows, 16) and the next one, about -2 to 2."""
    random = np.random.default_rng(seed)
    start = random.uniform(0, 100, (rows, 1)) + np.arange(17)[None]
    height = np.sin(start / 2.0) + 0.7 * np.sin(start / 5.3 + 1) + 0.08 * random.standard_normal((rows, 17))
    return height[:, :16].astype(np.float32), height[:, 16].astype(np.float32)


def parts(made: tuple[np.ndarray, np.ndarray], seed: int, *, scale: bool = True, sort: bool = False) -> Parts:
    """Cut off a fourth for validation, as tensors. Args: scale: columns to mean 0 and deviation 1; sort: training by target."""
    x, y = torch.from_numpy(made[0]), torch.from_numpy(np.asarray(made[1]))
    mixed = torch.from_numpy(np.random.default_rng(seed + 77).permutation(len(y)))
    cut = 3 * len(y) // 4
    first, rest = mixed[:cut], mixed[cut:]
    if sort:
        first = first[y[first].argsort(stable=True)]
    if scale:
        spread, centre = torch.std_mean(x[first], dim=0)
        x = (x - centre) / spread.clamp_min(1e-3)
    return x[first], y[first], x[rest], y[rest]


def standardized(made: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Bring a target to mean 0 and deviation 1."""
    return made[0], ((made[1] - made[1].mean()) / made[1].std()).astype(np.float32)


def dataset(made: tuple[np.ndarray, np.ndarray], seed: int, **settings: Any) -> dg.Dataset:
    return dg.load(made, split_seed=seed, **settings)
