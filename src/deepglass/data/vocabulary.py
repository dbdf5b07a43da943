"""Vocabulary: the tokens that a text field knows, each at its code."""

from collections import Counter
from collections.abc import Iterable

PADDING, UNKNOWN, START, END = range(4)
SPECIALS = ("<pad>", "<unknown>", "<start>", "<end>")
MOST_WORDS = 20_000  # what is beyond is seen too seldom to be learned; Sutskever et al. 2014 and most since keep 10,000 to 80,000
MOST_PIECES = 8_000  # Sennrich and Zhang, "Revisiting Low-Resource Neural Machine Translation", 2019: few merges where data are few


def vocabulary_of(counts: Counter[str], *, most: int, least: int = 1) -> list[str]:
    """The special tokens, then at most `most` others that came at least `least` times, by falling frequency, equals by code point.

    A token of the texts that is written as a special one is not that one, and remains unknown.
    >>> vocabulary_of(Counter("banana"), most=2)
    ['<pad>', '<unknown>', '<start>', '<end>', 'a', 'n']
    """
    known = [token for token, count in counts.items() if count >= least and token not in SPECIALS]
    return [*SPECIALS, *sorted(known, key=lambda token: (-counts[token], token))[:most]]


def index_of(tokens: Iterable[str]) -> dict[str, int]:
    """The code of each token that a text may hold; no text holds the special ones."""
    return {token: code for code, token in enumerate(tokens) if code > END}
