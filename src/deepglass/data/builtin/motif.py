"""Motif: DNA letters, with a short word planted somewhere in half of the sequences."""

import re

import numpy as np

from deepglass.data.builtin.sequences import own_numbers, sequences
from deepglass.data.source import Source, categories, texts
from deepglass.errors import SettingError

LETTERS = "ACGT"
TATA = "TATAAAAG"  # close to the consensus of the TATA box, where a gene's transcription begins


def motif(*, examples: int = 2000, length: int = 100, word: str = TATA, errors: float = 0.0, seed: int = 0) -> Source:
    """Draw DNA letters, all equally likely; in every second sequence `word` stands at a random place, in the others nowhere.

    Shapes: text (examples,) of `length` letters each, class (examples,), "motif" or "none", shared evenly.
    Args: errors: the share of the planted letters that are replaced by another one, 0 to 1.
    Raises: SettingError, for options that cannot be.
    Source: generated here, as the simulations of Shrikumar, Greenside and Kundaje, arXiv:1704.02685, section 4.2.
    """
    word = str(word).upper()
    if not re.fullmatch(f"[{LETTERS}]+", word) or len(word) < 4:
        raise SettingError(f"{word=} cannot be planted. Give 4 letters or more of {LETTERS}.")
    if not 0 <= errors <= 1:
        raise SettingError(f"{errors=} is no share. Choose 0 to 1.")
    counts = {"examples": (examples, 2, 10**7), "length": (length, len(word), 10**5)}
    random = own_numbers("motif", seed, **counts)
    planted = np.arange(examples) % 2 == 0
    codes = random.integers(4, size=(examples, length))
    rows = ["".join(LETTERS[c] for c in row) for row in codes.tolist()]
    places = random.integers(length - len(word) + 1, size=examples).tolist()
    mutated = np.array([LETTERS.index(c) for c in word]) + np.where(
        random.random((examples, len(word))) < errors, random.integers(1, 4, (examples, len(word))), 0
    )
    words = ["".join(LETTERS[c % 4] for c in row) for row in mutated.tolist()]
    for i, row in enumerate(rows):
        if planted[i]:
            rows[i] = row[: places[i]] + words[i] + row[places[i] + len(word) :]
        while not planted[i] and word in rows[i]:  # by chance: one letter of it is drawn anew
            at = rows[i].index(word)
            rows[i] = rows[i][:at] + LETTERS[int(random.integers(4))] + rows[i][at + 1 :]
    return sequences(
        "motif",
        {"text": texts(rows, level="characters"), "class": categories(planted.astype(int), ("none", "motif"))},
        "class",
        note=f"{examples:,} sequences of {length} letters, {word} planted in half of them"
        + (f", {errors:.0%} of its letters changed." if errors else "."),
        description=f"DNA letters with a motif ({word}) planted in half of the sequences",
        source="generated; letters drawn evenly",
    )
