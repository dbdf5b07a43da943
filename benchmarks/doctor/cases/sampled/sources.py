"""Sources: the data of drawn programs, by name. The two families of draws share none of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn import datasets

Made = tuple[np.ndarray, np.ndarray]
SIDE = 10  # pixels of a generated picture


@dataclass(frozen=True)
class Source:
    """Where examples come from. `make(seed, rows, level)`; level: 0 (easy) to 1 (hard), what it means is the source's own.

    form: "table" (rows, columns), "picture" (rows, channels, side, side) or "series" (rows, length, channels);
    task: "binary", "classes", "number", "numbers" or "copy" (the input itself); rows: the least and the most there are to draw.
    """

    make: Callable[[int, int, float], Made]
    form: str
    task: str
    rows: tuple[int, int]


def _shipped(load: Callable[..., Made], divide: float = 1.0) -> Callable[[int, int, float], Made]:
    def make(seed: int, rows: int, level: float) -> Made:
        x, y = load(return_X_y=True)
        some = np.random.default_rng(seed).permutation(len(y))[:rows]
        return x[some] / divide, y[some]

    return make


def _classification(classes: tuple[int, ...]) -> Callable[[int, int, float], Made]:
    def make(seed: int, rows: int, level: float) -> Made:
        columns = 6 + int(10 * level)
        kinds = classes[int(level * 97) % len(classes)]
        return datasets.make_classification(
            *(rows, columns),
            n_informative=5,
            n_redundant=1,
            n_classes=kinds,
            n_clusters_per_class=2 if kinds < 5 else 1,
            class_sep=2.2 - 0.8 * level,
            flip_y=0.02 + 0.05 * level,
            random_state=seed,
        )

    return make


def _digit_pictures(seed: int, rows: int, level: float) -> Made:
    x, y = _shipped(datasets.load_digits, 16.0)(seed, rows, level)
    return x.reshape(-1, 1, 8, 8), y


def _digit_copies(seed: int, rows: int, level: float) -> Made:
    x, _ = _shipped(datasets.load_digits, 16.0)(seed, rows, level)
    return x, x


def _bars(seed: int, rows: int, level: float) -> Made:
    """Colour pictures of a bar that lies, stands or leans."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    x = (0.1 + 0.15 * level) * random.standard_normal((rows, 3, SIDE, SIDE))
    for picture, kind in zip(x, y):
        top, left = random.integers(0, SIDE - 4, 2)
        steps = np.arange(5)
        down, along = ((0, 1), (1, 0), (1, 1))[kind]
        picture[:, top + down * np.minimum(steps, 4), left + along * np.minimum(steps, 4)] += random.uniform(
            0.5, 1.2, (3, 1)
        )
    return x, y


def _pitches(seed: int, rows: int, level: float) -> Made:
    """Series of two channels: low, middle or high."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    pace = np.array([0.35, 0.7, 1.15])[y][:, None, None] * random.uniform(0.9, 1.1, (rows, 1, 1))
    phase = pace * np.arange(16)[None, :, None] + random.uniform(0, 6.28, (rows, 1, 1)) + np.array([0, 1.0])
    return np.sin(phase) + (0.15 + 0.3 * level) * random.standard_normal((rows, 16, 2)), y


def _next_of_two_tones(seed: int, rows: int, level: float) -> Made:
    random = np.random.default_rng(seed)
    time = np.arange(rows + 12)
    series = (
        np.sin(time / 1.7) + 0.7 * np.sin(time / 4.1 + 1) + (0.05 + 0.15 * level) * random.standard_normal(len(time))
    )
    return np.stack([series[i : i + 12] for i in range(rows)])[:, :, None], series[12:]


def _pumps(seed: int, rows: int, level: float) -> Made:
    """A table of a pump's speed, opening, heat and two columns that say nothing; and what flows, 0 to about 60."""
    random = np.random.default_rng(seed)
    speed, valve, heat = random.uniform(500, 3000, rows), random.random(rows), random.normal(50, 12, rows)
    flow = 0.02 * speed * valve**0.6 * (1 - ((heat - 50) / 60) ** 2) + (1 + 4 * level) * random.standard_normal(rows)
    return np.stack([speed, valve, heat, random.normal(0, 3, rows), random.random(rows)], 1), flow


def _pendulum(seed: int, rows: int, level: float) -> Made:
    """Angle, speed and length of a pendulum; and where and how fast it is a moment later."""
    random = np.random.default_rng(seed)
    angle, speed, length = random.uniform(-2.5, 2.5, rows), random.uniform(-2, 2, rows), random.uniform(0.6, 1.5, rows)
    pull = -9.81 / length * np.sin(angle)
    later = np.stack([angle + 0.3 * speed + 0.045 * pull, speed + 0.3 * pull], 1)
    return np.stack([angle, speed, length], 1), later + 0.1 * level * random.standard_normal((rows, 2))


def _blobs(seed: int, rows: int, level: float) -> Made:
    """Three clouds a class, so that no plane parts them."""
    x, cloud = datasets.make_blobs(
        rows, 4 + int(6 * level), centers=12, cluster_std=1.2 + 0.8 * level, center_box=(-6, 6), random_state=seed
    )
    return x, cloud % (3 + int(level * 53) % 4)


def _swiss(seed: int, rows: int, level: float) -> Made:
    points, place = datasets.make_swiss_roll(rows, noise=0.8 * level, random_state=seed)
    return points, np.stack([place, points[:, 1]], 1)


def _quantiles(seed: int, rows: int, level: float) -> Made:
    return datasets.make_gaussian_quantiles(
        n_samples=rows, n_features=3 + int(4 * level), n_classes=3 + int(level * 31) % 2, random_state=seed
    )


def _textures(seed: int, rows: int, level: float) -> Made:
    """Colour pictures: chequered finely or coarsely, rings, or a slope; anywhere, of any strength."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=rows)
    down, along = np.mgrid[:SIDE, :SIDE]
    x = (0.2 + 0.3 * level) * random.standard_normal((rows, 3, SIDE, SIDE))
    for picture, kind in zip(x, y):
        a, b = random.integers(0, 5, 2)
        away = np.hypot(down - 3 - a, along - 3 - b)
        drawn = (
            ((down + along + a) % 2) - 0.5,
            ((down // 2 + a) + (along // 2 + b)) % 2 - 0.5,
            0.5 * np.cos(1.6 * away),
            (down - along) / SIDE * (-1 if a % 2 else 1),
        )[kind]
        picture += drawn * random.uniform(0.6, 1.4, (3, 1, 1))
    return x, y


def _jumps(seed: int, rows: int, level: float) -> Made:
    """Series of two channels: a walk that jumps up, jumps down, or does not, somewhere in the middle."""
    random = np.random.default_rng(seed)
    y = random.integers(3, size=rows)
    when, time = random.integers(4, 12, (rows, 1)), np.arange(16)[None]
    jump = np.array([1.2, -1.2, 0.0])[y][:, None] * (time >= when)
    own = random.normal(0, 1.5, (rows, 1))
    x = np.stack([own + jump, own - 0.5 * jump], 2)
    return x + (0.15 + 0.25 * level) * random.standard_normal((rows, 16, 2)), y


def _next_of_chaos(seed: int, rows: int, level: float) -> Made:
    random = np.random.default_rng(seed)
    series = list(random.uniform(0.1, 0.3, 2))
    for _ in range(rows + 40):
        series.append(1 - 1.3 * series[-1] ** 2 + 0.3 * series[-2])
    kept = np.asarray(series[-rows - 8 :]) + 0.05 * level * random.standard_normal(rows + 8)
    return np.stack([kept[i : i + 8] for i in range(rows)])[:, :, None], kept[8:]


def _tone_copies(seed: int, rows: int, level: float) -> Made:
    random = np.random.default_rng(seed)
    pace, phase = random.uniform(0.3, 0.8, (rows, 1)), random.uniform(0, 6.28, (rows, 1))
    x = np.sin(pace * np.arange(20) + phase) + (0.05 + 0.1 * level) * random.standard_normal((rows, 20))
    return x, x


TUNING = {
    "digits": Source(_shipped(datasets.load_digits, 16.0), "table", "classes", (300, 1200)),
    "iris": Source(_shipped(datasets.load_iris), "table", "classes", (120, 150)),
    "cancer": Source(_shipped(datasets.load_breast_cancer), "table", "binary", (200, 569)),
    "moons": Source(
        lambda seed, rows, level: datasets.make_moons(rows, noise=0.08 + 0.15 * level, random_state=seed),
        *("table", "binary", (100, 1500)),
    ),
    "classification": Source(_classification((3, 4, 6)), "table", "classes", (300, 2500)),
    "friedman1": Source(
        lambda seed, rows, level: datasets.make_friedman1(rows, 5 + int(8 * level), noise=2 * level, random_state=seed),
        *("table", "number", (200, 1500)),
    ),
    "pumps": Source(_pumps, "table", "number", (200, 2000)),
    "pendulum": Source(_pendulum, "table", "numbers", (200, 1500)),
    "digit_copies": Source(_digit_copies, "table", "copy", (300, 900)),
    "digit_pictures": Source(_digit_pictures, "picture", "classes", (300, 700)),
    "bars": Source(_bars, "picture", "classes", (300, 700)),
    "pitches": Source(_pitches, "series", "classes", (250, 700)),
    "two_tones": Source(_next_of_two_tones, "series", "number", (250, 700)),
}
HELD = {
    "wine": Source(_shipped(datasets.load_wine), "table", "classes", (130, 178)),
    "circles": Source(
        lambda seed, rows, level: datasets.make_circles(rows, noise=0.04 + 0.1 * level, factor=0.5, random_state=seed),
        *("table", "binary", (100, 1500)),
    ),
    "quantiles": Source(_quantiles, "table", "classes", (400, 2500)),
    "blobs": Source(_blobs, "table", "classes", (300, 2000)),
    "hills": Source(_classification((2,)), "table", "binary", (200, 2000)),
    "friedman2": Source(
        lambda seed, rows, level: datasets.make_friedman2(rows, noise=100 * level, random_state=seed),
        *("table", "number", (200, 1500)),
    ),
    "diabetes": Source(_shipped(datasets.load_diabetes), "table", "number", (300, 442)),
    "swiss": Source(_swiss, "table", "numbers", (300, 1500)),
    "tone_copies": Source(_tone_copies, "table", "copy", (300, 900)),
    "textures": Source(_textures, "picture", "classes", (300, 700)),
    "jumps": Source(_jumps, "series", "classes", (250, 700)),
    "chaos": Source(_next_of_chaos, "series", "number", (250, 700)),
}
