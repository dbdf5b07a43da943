"""Material of the unseen cases that go step by step: series, and short texts in numbered words."""

import numpy as np
import torch
from torch import Tensor, nn

from cases.fresh.loop import say
from cases.fresh.material import parts

__all__ = [
    "accuracy",
    "chatter",
    "first_heard",
    "humming",
    "parts",
    "passengers",
    "reviews",
    "say",
    "tagged",
    "windows",
]

# Passengers of international airlines a month, 1949 to 1960, in thousands. Source: Box and Jenkins, 1976, series G.
PASSENGERS = (
    *(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158, 133),
    *(114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218, 230, 242),
    *(209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264),
    *(302, 293, 259, 229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313),
    *(318, 374, 413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318),
    *(362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405),
    *(417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
)
PAD, NOT, VERY = 0, 1, 2  # numbered words of reviews; 3 to 14 praise, 15 to 26 blame, the rest says nothing
WORDS, TAGS = 60, 4  # of the tagged texts: 0 other, 1 thing, 2 deed, 3 name


def passengers() -> np.ndarray:
    return np.asarray(PASSENGERS, dtype=np.float32)


def windows(series: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut (windows, length, 1) and the value that follows each."""
    x = np.stack([series[i : i + length] for i in range(len(series) - length)])
    return x[:, :, None].astype(np.float32), series[length:].astype(np.float32)


def chatter(seed: int, steps: int = 700) -> np.ndarray:
    """Draw a series (steps,) that is a curved function of its past: the logistic map's kin, with noise."""
    random = np.random.default_rng(seed)
    series = list(random.uniform(0.1, 0.4, 2))
    for _ in range(steps + 50):
        series.append(1 - 1.35 * series[-1] ** 2 + 0.3 * series[-2])
    return (np.asarray(series[-steps:]) + 0.03 * random.standard_normal(steps)).astype(np.float32)


def humming(seed: int, rows: int = 480, length: int = 40, channels: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Draw records (rows, length, channels); class: the pitch rises, falls, or stays."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    pace = random.uniform(0.35, 0.6, (rows, 1)) * (
        1 + np.array([0.9, -0.45, 0.0])[y][:, None] * np.linspace(0, 1, length)
    )
    phase = np.cumsum(pace, axis=1) + random.uniform(0, 6.3, (rows, 1))
    x = np.stack([np.sin(phase + k) for k in range(channels)], axis=2)
    return (x + 0.2 * random.standard_normal(x.shape)).astype(np.float32), y.astype(np.int64)


def first_heard(seed: int, rows: int = 600, length: int = 20, signs: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows of signs (rows, length): class 1 where sign 1 comes before sign 2. Both are in every row, once."""
    random = np.random.default_rng(seed)
    x = random.integers(3, signs, (rows, length))
    places = np.argsort(random.random((rows, length)), axis=1)[:, :2]
    x[np.arange(rows), places[:, 0]], x[np.arange(rows), places[:, 1]] = 1, 2
    return x, (places[:, 0] < places[:, 1]).astype(np.int64)


def reviews(seed: int, rows: int = 800, length: int = 14) -> tuple[np.ndarray, np.ndarray]:
    """Draw reviews (rows, length), padded with 0 at the end: class 1 where praise wins. "Not" turns the next word around."""
    random = np.random.default_rng(seed)
    x, y = np.zeros((rows, length), dtype=np.int64), np.zeros(rows, dtype=np.int64)
    for i in range(rows):
        score = 0
        while score == 0:
            said = int(random.integers(6, length + 1))
            x[i] = 0
            x[i, :said] = random.choice(np.arange(3, 40), said)
            turned = random.random(said) < 0.3
            x[i, :said][turned] = NOT
            before = np.concatenate([[PAD], x[i, : said - 1]])
            worth = ((x[i, :said] >= 3) & (x[i, :said] < 15)).astype(int) - ((x[i, :said] >= 15) & (x[i, :said] < 27))
            score = int((np.where(before == NOT, -1, 1) * worth).sum())
        y[i] = score > 0
    return x, y


def tagged(seed: int, rows: int = 400, length: int = 12, names: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Draw sentences (rows, length) and a tag for each word. Some words are a thing after "the" (1) and a deed elsewhere.

    After "mister" (2) stands a name, whatever word it is. Args: names: how often there is one.
    """
    random = np.random.default_rng(seed)
    x, y = np.zeros((rows, length), dtype=np.int64), np.zeros((rows, length), dtype=np.int64)
    for sentence, tags in zip(x, y):
        at = 0
        while at < length:
            mister = random.random() < names
            word = int(random.integers(3, 40))
            for new, tag in ((2 if mister else 1, 0), (word, 3 if mister else 1), (int(random.integers(3, WORDS)), 2)):
                if at < length and random.random() > 0.12:
                    sentence[at] = new
                    tags[at] = (0 if new >= 40 else 2) if tag == 2 else tag
                    at += 1
    for sentence, tags in zip(x, y):  # a word left alone by a word left out is a deed, as the rule says
        for at, word in enumerate(sentence):
            before = sentence[at - 1] if at else 0
            tags[at] = 0 if word < 3 or (word >= 40 and before not in (1, 2)) else {1: 1, 2: 3}.get(int(before), 2)
    return x, y


@torch.no_grad()
def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of right classes, the last axis being classes. The mode is left as it is."""
    return float((network(x).argmax(-1) == y).float().mean())
