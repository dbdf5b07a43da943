"""Sources of the third family: tables of categories and of counts, what people ask of pictures besides their class, and series."""

import numpy as np

from cases.sampled.sources import Made, Source

SIDE = 12  # pixels


def _chessboard(seed: int, rows: int, level: float) -> Made:
    """Two columns whose squares of a board tell the class, and some that say nothing."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (rows, 2 + int(3 * level)))
    return x, (np.floor(1.5 * x[:, 0] + 3).astype(int) + np.floor(1.5 * x[:, 1] + 3).astype(int)) % 2


def _forms(seed: int, rows: int, level: float) -> Made:
    """Answers to five questions, one-hot; and yes or no, which they make likely at best. Rows come again by chance."""
    random = np.random.default_rng(seed)
    kinds = [3, 2, 4, 3, 2]
    answers = [random.integers(kind, size=rows) for kind in kinds]
    world = np.random.default_rng(77)
    log_odds = sum(world.normal(0, 1.6, kind)[answer] for kind, answer in zip(kinds, answers))
    log_odds = (2.2 - level) * (log_odds + 2.0 * ((answers[0] == 1) ^ (answers[1] == 1)) - 1.0)
    return np.concatenate([np.eye(k)[a] for k, a in zip(kinds, answers)], 1), random.random(rows) < 1 / (
        1 + np.exp(-log_odds)
    )


def _documents(seed: int, rows: int, level: float) -> Made:
    """How often each of 40 words stands in a text, and which of four matters it is about."""
    random = np.random.default_rng(seed)
    topics = np.random.default_rng(78).gamma(0.5, 1.0, (4, 40)) + 0.1 + 0.3 * level
    y = random.integers(4, size=rows)
    second = random.integers(4, size=rows)
    share = random.uniform(0.6, 1, (rows, 1))
    words = share * topics[y] + (1 - share) * topics[second]
    length = random.uniform(12, 40, (rows, 1))
    return random.poisson(length * words / words.sum(1, keepdims=True)), y


def _waveforms(seed: int, rows: int, level: float) -> Made:
    """Mixtures of two of three triangles with noise. 0.86 is the best. Source: Breiman et al., CART, 1984."""
    random = np.random.default_rng(seed)
    y, place = random.integers(3, size=rows), np.arange(21)
    triangles = np.stack([np.maximum(6 - np.abs(place - centre), 0) for centre in (6, 14, 10)])
    pairs = np.array([(0, 1), (0, 2), (1, 2)])[y]
    part = random.random((rows, 1))
    clean = part * triangles[pairs[:, 0]] + (1 - part) * triangles[pairs[:, 1]]
    return clean + (0.7 + 0.3 * level) * random.standard_normal((rows, 21)), y


def _arms(seed: int, rows: int, level: float) -> Made:
    """Points on three arms that wind round the middle."""
    random = np.random.default_rng(seed)
    y, along = random.integers(3, size=rows), random.uniform(0.2, 1, rows)
    angle = 2.09 * y + 3.5 * along + (0.1 + 0.15 * level) * random.standard_normal(rows)
    return np.stack([along * np.cos(angle), along * np.sin(angle)], 1), y


def _reach(seed: int, rows: int, level: float) -> Made:
    """Angles and lengths of a crane's two arms, and how far its hook is from the mast."""
    random = np.random.default_rng(seed)
    first, second = random.uniform(0, 1.6, rows), random.uniform(0, 3.1, rows)
    a, b = random.uniform(5, 9, rows), random.uniform(2, 6, rows)
    far = np.hypot(a * np.cos(first) + b * np.cos(first + second), a * np.sin(first) + b * np.sin(first + second))
    return np.stack([first, second, a, b], 1), far + 0.5 * level * random.standard_normal(rows)


def _callers(seed: int, rows: int, level: float) -> Made:
    """Hour, day, weather and offers; and how many people call, a whole number that is drawn."""
    random = np.random.default_rng(seed)
    hour, day, rain = random.uniform(0, 24, rows), random.integers(7, size=rows), random.gamma(1.0, 2.0, rows)
    offer = random.random(rows) < 0.3
    mean = np.exp(1.0 + 1.2 * np.sin((hour - 6) / 24 * 6.28) + 0.5 * (day > 4) + 0.6 * offer - 0.05 * rain)
    return np.stack([hour, day, rain, offer], 1), random.poisson((3 - 2 * level) * mean)


def _prices(seed: int, rows: int, level: float) -> Made:
    """Area, rooms, age and place of houses; and their price in thousands, of which a few are far above all others."""
    random = np.random.default_rng(seed)
    area, age = random.lognormal(4.5, 0.4, rows), random.uniform(0, 80, rows)
    rooms, place = (area / 25 + random.normal(0, 0.7, rows)).round(), random.random((rows, 2))
    near = np.exp(-4 * ((place - 0.4) ** 2).sum(1))
    price = area * (1 + 2 * near) * (1 - 0.005 * age) * np.exp((0.05 + 0.2 * level) * random.standard_normal(rows))
    return np.stack([area, rooms, age, place[:, 0], place[:, 1], random.random(rows) < 0.5], 1), price


def _weather(seed: int, rows: int, level: float) -> Made:
    """Where Lorenz's three numbers are a fifth of a unit of time later."""
    random = np.random.default_rng(seed)
    start = random.normal(0, 1, (rows, 3)) * [7, 8, 8] + [0, 0, 24]
    now = start.copy()
    for _ in range(20):
        a, b, c = now.T
        now = now + 0.01 * np.stack([10 * (b - a), a * (28 - c) - b, a * b - 8 / 3 * c], 1)
    return start, now + level * random.standard_normal((rows, 3))


def _spectra(seed: int, rows: int, level: float) -> Made:
    """Spectra of mixtures of four substances, to be given back."""
    random = np.random.default_rng(seed)
    peaks = np.exp(-(((np.arange(24) - np.array([[4], [9], [14], [20]])) / 2.5) ** 2))
    x = random.gamma(1.5, 1.0, (rows, 4)) @ peaks + (0.03 + 0.1 * level) * random.standard_normal((rows, 24))
    return x, x


def _dots(seed: int, rows: int, level: float) -> Made:
    """Grey pictures of one to four bright dots, to be counted."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=rows)
    x = (0.05 + 0.15 * level) * random.standard_normal((rows, 1, SIDE, SIDE))
    cells = np.array([(d, a) for d in range(0, SIDE, 3) for a in range(0, SIDE, 3)])
    for picture, count in zip(x, y):
        for down, along in cells[random.permutation(len(cells))[: count + 1]]:
            picture[0, down : down + 2, along : along + 2] += random.uniform(0.8, 1.2)
    return x, y


def _spot(seed: int, rows: int, level: float) -> Made:
    """Grey pictures of a soft spot, and where it is."""
    random = np.random.default_rng(seed)
    where = random.uniform(2, SIDE - 3, (rows, 2))
    down, along = np.mgrid[:SIDE, :SIDE]
    away = (down - where[:, :1, None]) ** 2 + (along - where[:, 1:, None]) ** 2
    wide = random.uniform(1, 2.5, (rows, 1, 1))
    x = np.exp(-away / (2 * wide**2)) + (0.1 + 0.2 * level) * random.standard_normal((rows, SIDE, SIDE))
    return x[:, None], where


def _gratings(seed: int, rows: int, level: float) -> Made:
    """Pictures of two channels, stripes that run in one of five directions."""
    random = np.random.default_rng(seed)
    y = random.integers(5, size=rows)
    angle = y[:, None, None] * np.pi / 5 + random.normal(0, 0.06, (rows, 1, 1))
    down, along = np.mgrid[:SIDE, :SIDE]
    phase = 1.3 * (np.cos(angle) * along + np.sin(angle) * down) + random.uniform(0, 6.28, (rows, 1, 1))
    x = np.stack([np.sin(phase), np.cos(phase) * random.uniform(0.2, 1, (rows, 1, 1))], 1)
    return x + (0.3 + 0.5 * level) * random.standard_normal(x.shape), y


def _adding(seed: int, rows: int, level: float) -> Made:
    """Series of a number and a mark; and the sum of the two marked ones. Source: Hochreiter and Schmidhuber, 1997, section 5.4."""
    random = np.random.default_rng(seed)
    numbers, marks = random.uniform(-1, 1, (rows, 10)), np.zeros((rows, 10))
    for mark in marks:
        mark[random.permutation(10)[:2]] = 1
    return np.stack([numbers, marks], 2), (numbers * marks).sum(1) + 0.2 * level * random.standard_normal(rows)


def _chirps(seed: int, rows: int, level: float) -> Made:
    """Tones that rise, fall or stay."""
    random = np.random.default_rng(seed)
    y, time = random.integers(3, size=rows), np.linspace(0, 1, 24)
    start = random.uniform(8, 12, (rows, 1))
    bend = np.array([6.0, -6.0, 0.0])[y][:, None] * random.uniform(0.8, 1.2, (rows, 1))
    phase = random.uniform(0, 6.28, (rows, 1)) + start * time + bend * time**2
    return (np.sin(phase) + (0.1 + 0.2 * level) * random.standard_normal((rows, 24)))[:, :, None], y


def _alarms(seed: int, rows: int, level: float) -> Made:
    """Series of a machine's two sensors, which may shake for a while."""
    random = np.random.default_rng(seed)
    y, time = random.integers(2, size=rows), np.arange(18)[None, :, None]
    begin = random.integers(2, 11, (rows, 1, 1))
    shakes = (time >= begin) & (time < begin + 6) & (y[:, None, None] == 1)
    spread = np.where(shakes, 2.6 - 0.6 * level, 0.7)
    return spread * random.standard_normal((rows, 18, 2)), y


THIRD = {
    "chessboard": Source(_chessboard, "table", "binary", (500, 2000)),
    "forms": Source(_forms, "table", "binary", (300, 2000)),
    "documents": Source(_documents, "table", "classes", (200, 1500)),
    "waveforms": Source(_waveforms, "table", "classes", (200, 2000)),
    "arms": Source(_arms, "table", "classes", (300, 1500)),
    "reach": Source(_reach, "table", "number", (300, 2000)),
    "callers": Source(_callers, "table", "number", (300, 2000)),
    "prices": Source(_prices, "table", "number", (200, 1500)),
    "weather": Source(_weather, "table", "numbers", (300, 1500)),
    "spectra": Source(_spectra, "table", "copy", (300, 900)),
    "dots": Source(_dots, "picture", "classes", (300, 700)),
    "spot": Source(_spot, "picture", "numbers", (250, 600)),
    "gratings": Source(_gratings, "picture", "classes", (300, 700)),
    "adding": Source(_adding, "series", "number", (300, 700)),
    "chirps": Source(_chirps, "series", "classes", (250, 700)),
    "alarms": Source(_alarms, "series", "binary", (250, 700)),
}
