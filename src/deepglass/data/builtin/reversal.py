"""Reversal: a toy translation, every sequence into the same symbols in reverse order."""

from deepglass.data.builtin.sequences import drawn, letters, own_numbers, sequences
from deepglass.data.source import Source, texts


def reversal(
    *, examples: int = 4000, length: int = 6, shortest: int | None = None, symbols: int = 8, seed: int = 0
) -> Source:
    """Draw sequences of `shortest` to `length` symbols (default: all of `length`); the target is each one reversed.

    Shapes: source and target (examples,).
    Raises: SettingError, for options that cannot be.
    Source: generated here, after Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014, who
    found that the order of the source matters.
    """
    least = length if shortest is None else shortest
    counts = {
        "examples": (examples, 1, 10**7),
        "length": (length, 1, 1000),
        "shortest": (least, 1, max(1, length)),
        "symbols": (symbols, 2, 26),
    }
    random = own_numbers("reversal", seed, **counts)
    names = letters(symbols)
    lengths = random.integers(least, length + 1, examples).tolist()
    codes = drawn(random, examples, length, symbols).tolist()
    rows = [[names[c] for c in row[:n]] for row, n in zip(codes, lengths)]
    return sequences(
        "reversal",
        {
            "source": texts(rows, level="tokens", shares="target"),
            "target": texts([row[::-1] for row in rows], level="tokens", shares="source"),
        },
        "target",
        note=f"{examples:,} sequences of {f'{least} to ' * (least < length)}{length} symbols out of {symbols}, and each reversed.",
        description="a toy translation: a row of symbols into the same in reverse order",
        source="generated; symbols drawn evenly",
    )
