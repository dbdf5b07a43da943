"""Dates: find the year in a sentence, also where it never stood in training."""

import numpy as np

from deepglass.data.builtin.sequences import own_numbers, sequences
from deepglass.data.source import Source, categories, texts
from deepglass.errors import SettingError

OPENING = ["i", "went", "to", "london", "in"]
PLACES = ["london", "paris", "rome", "vienna", "madrid", "delhi", "tokyo", "oslo"]
FILLERS = ["and", "then", "we", "saw", "the", "old", "bridge", "with", "my", "friends"]
FILLERS += ["on", "a", "rainy", "day", "before", "coming", "home", "again", "by", "train"]
FIRST_YEAR = 2009


def dates(*, examples: int = 2000, length: int = 12, years: int = 4, unseen: str = "test", seed: int = 0) -> Source:
    """Write sentences of `length` words that hold one year, such as "we saw i went to london in 2010 and then the old bridge".

    Shapes: text (examples,), year (examples,), one of `years`: chance is 1 / years.
    In two thirds of the sentences the year stands in the first half; these train and validate. In the rest, the split `unseen`,
    it stands in the second half, at positions that training never saw.
    Args: unseen: test, or validation to measure at unseen positions while training.
    Raises: SettingError, for options that cannot be.
    Source: generated here, after Goodfellow, Bengio and Courville, "Deep Learning", 2016, chapter 10: "I went to Nepal in
    2009" and "In 2009, I went to Nepal".
    """
    counts = {"examples": (examples, 3 * years, 10**7), "length": (length, 4, 1000), "years": (years, 2, 100)}
    random = own_numbers("dates", seed, **counts)
    if unseen not in ("validation", "test"):
        raise SettingError(f"{unseen=} cannot hold the unseen positions of dates. Choose validation or test.")
    names = [str(FIRST_YEAR + i) for i in range(years)]
    half = length // 2
    late = np.arange(examples) % 3 == 2
    position = np.where(late, random.integers(half, length, examples), random.integers(0, half, examples))
    codes = np.arange(examples) // 3 % years
    words = random.integers(len(FILLERS), size=(examples, length)).tolist()
    towns = random.integers(len(PLACES), size=examples).tolist()
    rows = [
        _sentence([FILLERS[w] for w in words[i]], int(position[i]), names[codes[i]], PLACES[towns[i]])
        for i in range(examples)
    ]
    return sequences(
        "dates",
        {"text": texts(rows, level="words"), "year": categories(codes, names)},
        "year",
        note=f"{examples:,} sentences of {length} words; the year is among the first {half} in those that train and validate, "
        f"and after them in the {unseen} split.",
        description="find the year in a sentence; also at positions that training never saw",
        source="generated; sentences put together by chance",
        splits={"train": np.flatnonzero(~late), unseen: np.flatnonzero(late)},
    )


def _sentence(words: list[str], position: int, year: str, town: str) -> str:
    """Put a year at a position, and before it as much of "i went to TOWN in" as there is room for."""
    before = [*OPENING[:3], town, OPENING[4]][-position:] if position else []
    words[position - len(before) : position] = before
    words[position] = year
    return " ".join(words)
