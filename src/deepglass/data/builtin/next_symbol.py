"""Next symbol: mark each symbol with the one that follows it, which only a look ahead can tell."""

from deepglass.data.builtin.sequences import drawn, letters, own_numbers, sequences
from deepglass.data.readers.tagged import FIXED
from deepglass.data.source import Source, texts

LAST = "end"  # the mark of the last symbol, which has no next


def next_symbol(*, examples: int = 2000, length: int = 12, symbols: int = 2, seed: int = 0) -> Source:
    """Draw sequences of symbols, all equally likely; the mark of each is the symbol after it, "end" for the last.

    Shapes: text and tags (examples,), `length` symbols and as many tags each.
    Raises: SettingError, for options that cannot be.
    Source: generated here. What was read so far says nothing about what comes: a network that reads one way is right by
    chance, 1 / symbols of the time, on all but the last; one that reads both ways can always be right.
    """
    counts = {"examples": (examples, 1, 10**7), "length": (length, 2, 10**5), "symbols": (symbols, 2, 26)}
    random = own_numbers("next_symbol", seed, **counts)
    names = letters(symbols)
    rows = [[names[c] for c in row] for row in drawn(random, examples, length, symbols).tolist()]
    return sequences(
        "next_symbol",
        {
            "text": texts(rows, level="tokens", fixed=FIXED),
            "tags": texts([[*row[1:], LAST] for row in rows], level="tokens", fixed=FIXED, aligned=True),
        },
        "tags",
        note=f"{examples:,} sequences of {length} symbols out of {symbols}; each is marked with the one after it.",
        description="mark each symbol with the next one: what only a look in both directions tells",
        source="generated; symbols drawn evenly",
    )
