"""Material of the unseen cases with dense networks: tables, short series laid flat and digits laid flat, as tensors."""

from typing import Any

import numpy as np
import torch
from sklearn import datasets
from torch import Tensor, nn

from deepglass.probes import Evidence

Made = tuple[np.ndarray, np.ndarray]
Parts = tuple[Tensor, Tensor, Tensor, Tensor]  # inputs and targets of training, then of validation


def digits(seed: int, rows: int = 1797) -> Made:
    """Draw some of the digits (rows, 64), 0 to 1."""
    x, y = datasets.load_digits(return_X_y=True)
    some = np.random.default_rng(seed).permutation(len(y))[:rows]
    return (x[some] / 16).astype(np.float32), y[some]


def rentals(seed: int, rows: int = 1200) -> Made:
    """Draw hours (rows, 5) of a bicycle hire, sine and cosine of the hour, heat, wind, weekend; and the bicycles hired, a count."""
    random = np.random.default_rng(seed)
    hour, heat = random.integers(24, size=rows), random.normal(15, 8, rows)
    wind, weekend = random.gamma(2, 4, rows), random.random(rows) < 2 / 7
    turn = 2 * np.pi * hour / 24
    rush = np.exp(-((hour - 8) ** 2) / 4) + np.exp(-((hour - 17) ** 2) / 6)
    rate = np.exp(2.2 + 0.9 * np.cos(turn - 3.9) + np.where(weekend, 0.3, 1.2 * rush) - ((heat - 20) / 18) ** 2)
    x = np.stack([np.sin(turn), np.cos(turn), heat, wind, weekend], 1)
    return x.astype(np.float32), random.poisson(rate).astype(np.float32)


def radio(seed: int, rows: int = 900) -> Made:
    """Draw strengths (rows, 7) of seven senders in dBm, about -95 to -35, and in which of six rooms they were measured."""
    random = np.random.default_rng(seed)
    place = random.uniform(0, 1, (rows, 2)) * [30, 20]
    senders = random.uniform(0, 1, (7, 2)) * [30, 20]
    away = np.linalg.norm(place[:, None] - senders[None], axis=2)
    x = (-38 - 27 * np.log10(away + 1) + random.normal(0, 1.5, away.shape)).clip(-95, -30)
    room = (place[:, 0] // 10).astype(int) + 3 * (place[:, 1] // 10).astype(int)
    return x.astype(np.float32), room


def arm(seed: int, rows: int = 900) -> Made:
    """Draw two angles and two lengths (rows, 4) of an arm with two joints, and where its hand is (rows, 2)."""
    random = np.random.default_rng(seed)
    first, second = random.uniform(-1.2, 1.2, rows), random.uniform(0.2, 2.4, rows)
    upper, lower = random.uniform(0.8, 1.2, rows), random.uniform(0.5, 1.0, rows)
    hand = np.stack(
        [
            upper * np.cos(first) + lower * np.cos(first + second),
            upper * np.sin(first) + lower * np.sin(first + second),
        ],
        1,
    )
    return np.stack([first, second, upper, lower], 1).astype(np.float32), hand.astype(np.float32)


def motors(seed: int, rows: int = 800, length: int = 32) -> Made:
    """Draw vibrations (rows, length) of motors, laid flat, with the state: sound, worn (a second tone) or loose (knocks)."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    time = np.arange(length)[None]
    x = np.sin(2 * np.pi * (time / 8 + 0.15 * random.random((rows, 1)))) + 0.25 * random.standard_normal((rows, length))
    x += (y == 1)[:, None] * 0.6 * np.sin(2 * np.pi * time / 3 + random.uniform(0, 0.8, (rows, 1)))
    x += (y == 2)[:, None] * 0.9 * (random.random((rows, length)) < 0.15)
    return x.astype(np.float32), y


def buckets(seed: int, rows: int = 1500, share: float = 0.04) -> Made:
    """Draw a table (rows, 5) of two classes: the rare one lies outside, all around the other."""
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(np.int64)
    x = random.standard_normal((rows, 5))
    x[:, :3] *= np.where(y == 1, 2.3, 0.9)[:, None]
    return x.astype(np.float32), y


def products(seed: int, rows: int = 2000) -> Made:
    """Draw pairs (rows, 2) and the sine of twice their product."""
    x = np.random.default_rng(seed).standard_normal((rows, 2))
    return x.astype(np.float32), np.sin(2 * x[:, 0] * x[:, 1]).astype(np.float32)


def single(made: Made) -> Made:
    """Write numbers in float32, as torch takes them."""
    return made[0].astype(np.float32), made[1].astype(np.float32) if made[1].dtype.kind == "f" else made[1]


def cut(made: Made, seed: int, *, scale: bool = True, mixed: bool = True) -> Parts:
    """Cut off a fourth for validation. Args: scale: columns to mean 0 and deviation 1 in training; mixed: the rows before."""
    x, y = torch.from_numpy(single(made)[0]), torch.from_numpy(single(made)[1])
    order = torch.from_numpy(np.random.default_rng(seed + 5).permutation(len(y))) if mixed else torch.arange(len(y))
    first, rest = order[: 3 * len(y) // 4], order[3 * len(y) // 4 :]
    if scale:
        spread, centre = torch.std_mean(x[first], dim=0)
        x = (x - centre) / spread.clamp_min(1e-6)
    return x[first], y[first], x[rest], y[rest]


def stack(*sizes: int, act: Any = nn.ReLU) -> nn.Sequential:
    """Stack dense layers, each but the last with an activation."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), act()]
    return nn.Sequential(*layers[:-1])


def accuracy(output: Tensor, y: Tensor) -> float:
    """The share that is right, of logits (rows, classes), or of one logit a row."""
    one = output.ndim == 1 or output.shape[1] == 1
    named = (output.reshape(len(y)) > 0).long() if one else output.argmax(1)
    return float((named == y.long()).float().mean())


def balanced(output: Tensor, y: Tensor) -> float:
    """The mean over two classes of the share that is right, of one logit a row."""
    return sum(accuracy(output[y == c], y[y == c]) for c in (0, 1)) / 2


def r2(output: Tensor, y: Tensor) -> float:
    """The share of the variance that is explained, over all targets."""
    output = output.detach().reshape(y.shape)
    return float(1 - (output - y).square().sum() / (y - y.mean(0)).square().sum())


def told(evidence: Any, **scores: float) -> Any:
    """Hand the evidence back; a bare log, by which cases are verified, is told the scores that the loop's author never printed."""
    if not isinstance(evidence, Evidence):
        evidence.log(**{f"validation_{name}": value for name, value in scores.items()})
    return evidence
