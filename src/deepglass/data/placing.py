"""Placing: where a signal goes in one of another length."""


def place(length: int, samples: int, align: str) -> tuple[int, int, int]:
    """Where a signal of `length` goes in one of `samples`: its first sample that is used, where that goes, and how many are.

    >>> place(10, 6, "centre"), place(4, 6, "centre"), place(4, 6, "start")
    ((2, 0, 6), (0, 1, 4), (0, 0, 4))
    """
    used = min(length, samples)
    half = 0 if align == "start" else 2
    return (length - used) // half if half else 0, (samples - used) // half if half else 0, used
