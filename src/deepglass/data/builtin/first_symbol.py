"""First symbol: name the symbol that stood first, after many others have come: what a network still remembers."""

from deepglass.data.builtin.sequences import drawn, letters, own_numbers, sequences
from deepglass.data.source import Source, categories, texts


def first_symbol(*, examples: int = 2000, length: int = 20, symbols: int = 4, seed: int = 0) -> Source:
    """Draw sequences of symbols, all equally likely; the class is the first of them.

    Shapes: text (examples,) of `length` symbols each, class (examples,), one of `symbols`: chance is 1 / symbols.
    Raises: SettingError, for options that cannot be.
    Source: generated here, after Bengio, Simard and Frasconi, "Learning Long-Term Dependencies with Gradient Descent is
    Difficult", IEEE Transactions on Neural Networks, 1994, section II.
    """
    counts = {"examples": (examples, symbols, 10**7), "length": (length, 1, 10**5), "symbols": (symbols, 2, 26)}
    random = own_numbers("first_symbol", seed, **counts)
    names = letters(symbols)
    codes = drawn(random, examples, length, symbols)
    codes[:symbols, 0] = range(symbols)  # every class has an example
    return sequences(
        "first_symbol",
        {
            "text": texts([" ".join(names[c] for c in row) for row in codes.tolist()], level="tokens"),
            "class": categories(codes[:, 0], names),
        },
        "class",
        note=f"{examples:,} sequences of {length} symbols out of {symbols}; the class is the first symbol.",
        description=f"name the first of {length} symbols: how long a network remembers",
        source="generated; symbols drawn evenly",
    )
