"""Levels: how a text is cut into tokens, as words, characters or byte-pair pieces, and how tokens make a text again."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

LINE_END = "\n"  # a word of its own where the lines of a text mean something
ALPHABETS = frozenset("ACGTUN"), frozenset("acgtun")  # of DNA and RNA
LONG_WORD = 20  # letters; a text without a blank that is as long is read letter by letter (the longest common English word has 20)
FEW_WORDS = 1.5  # a text with fewer, on average, is a name or a code: read letter by letter (our choice)


# Where combining marks are (vowel signs, accents put on top), which \w leaves out: alone, and in scripts from Hebrew on.
MARKED = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u1cff\ua670-\uabff\U00010000-\U0001ffff]")


def _pattern(text: str, lines: bool) -> re.Pattern[str]:
    return _words(lines, marks=not text.isascii() and MARKED.search(text) is not None)


@lru_cache
def _words(lines: bool, *, marks: bool) -> re.Pattern[str]:
    """A word: letters, marks and digits, with an apostrophe inside (don't) or a point or comma between digits (3.14); else one
    character that is no blank; several full stops are one. Args: marks: look for these, which takes ten times as long."""
    found = (c for c in map(chr, range(0x300, 0x20000)) if unicodedata.category(c)[0] == "M") if marks else ""
    letter = rf"[\w{''.join(found)}]" if marks else r"\w"
    word = rf"{letter}+(?:['’]{letter}+|(?<=\d)[.,:]\d+)*|\.{{2,}}|\S"
    return re.compile(f"{word}|{LINE_END}" if lines else word)


def words_of(text: str, *, lines: bool = False) -> list[str]:
    """Cut a text into words and punctuation; blanks are lost. Args: lines: a line end is a word.

    >>> words_of("Don't pay $3.50, Ana: it's n't free...")
    ["Don't", 'pay', '$', '3.50', ',', 'Ana', ':', "it's", "n't", 'free', '...']
    """
    return _pattern(text, lines).findall(text)


def word_spans(text: str, *, lines: bool = False) -> list[tuple[int, int]]:
    """Where each word of `words_of` begins and ends."""
    return [match.span() for match in _pattern(text, lines).finditer(text)]


def cut(text: str, level: str, *, lines: bool = False) -> Sequence[str]:
    """Cut a text into tokens: words, characters, or tokens that stand between blanks already."""
    if level == "characters":
        return text
    return words_of(text, lines=lines) if level == "words" else text.split()


def joined(tokens: Iterable[str], level: str) -> str:
    """Make a text of tokens: words stand between blanks, characters and pieces next to each other."""
    return ("" if level in ("characters", "pieces") else " ").join(tokens)


def usual_level(texts: Sequence[str]) -> str:
    """The level that suits some texts: characters for DNA, for names and codes and for scripts without blanks, else words."""
    there = [t for t in texts if t.strip()]
    if not there:
        return "words"
    blanks = sum(len(t.split()) for t in there) / len(there)
    return "characters" if blanks < FEW_WORDS else "words"


def is_dna(texts: Sequence[str]) -> bool:
    """Whether texts are letters of DNA or RNA and nothing else, in stretches of a length that no word has."""
    return bool(texts) and all(len(t) >= LONG_WORD and any(set(t) <= known for known in ALPHABETS) for t in texts)
