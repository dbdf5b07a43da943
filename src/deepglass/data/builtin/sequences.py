"""Sequences of symbols drawn at random: what all generated sets of them have in common."""

from collections.abc import Mapping, Sequence

import numpy as np

from deepglass.data.builtin.drawn import LICENCE
from deepglass.data.source import Raw, Source
from deepglass.errors import SettingError


def own_numbers(name: str, seed: int, **counts: tuple[int, int, int]) -> np.random.Generator:
    """Return the random numbers of one set, after a look at its options; the caller's random state is left alone.

    Args: counts: option -> its value, the least and the most that make sense.
    Raises: SettingError, naming the option.
    """
    for option, (value, least, most) in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise SettingError(f"{option}={value!r} cannot be for {name}. Choose {least:,} to {most:,}.")
    if seed < 0:
        raise SettingError(f"{seed=} cannot seed {name}. Choose 0 or more.")
    return np.random.default_rng(seed)


def letters(count: int) -> list[str]:
    """Names of so many symbols: a, b, c, ..."""
    return [chr(ord("a") + i) for i in range(count)]


def drawn(random: np.random.Generator, count: int, length: int, symbols: int) -> np.ndarray:
    """Draw so many sequences of symbols, int64 (count, length), all different where there are twice as many to choose from."""
    rows = random.integers(symbols, size=(count, length))
    while length * np.log(symbols) >= np.log(2 * count):
        _, first = np.unique(rows, axis=0, return_index=True)
        again = np.setdiff1d(np.arange(count), first)
        if not len(again):
            break
        rows[again] = random.integers(symbols, size=(len(again), length))
    return rows


def sequences(
    name: str,
    fields: Mapping[str, Raw],
    target: str,
    *,
    note: str,
    description: str,
    source: str,
    splits: Mapping[str, np.ndarray] | None = None,
) -> Source:
    """Make the source of some generated sequences: all fields but the target are inputs."""
    inputs: Sequence[str] = [n for n in fields if n != target]
    facts = {"description": description, "licence": LICENCE, "source": source}
    return Source(name, fields, tuple(inputs), (target,), splits=splits, notes=(note,), facts=facts)
