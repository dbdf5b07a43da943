"""Plurals: a count and its noun, as people say them."""


def counted(count: int, noun: str) -> str:
    """Write a count before its noun, with an s unless it is 1.

    >>> counted(1, "step"), counted(0, "epoch"), counted(12000, "example")
    ('1 step', '0 epochs', '12,000 examples')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
