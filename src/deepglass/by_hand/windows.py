"""Windows: which inputs a kernel sees at each of its places, for convolution, pooling and padding."""

import itertools
from collections.abc import Callable, Sequence

from deepglass.errors import ShapeError

Index = tuple[int, ...]
# Where a place beside the input takes its number from: how far before the first (from 1) and the size -> index, or None.
BEFORE: dict[str, Callable[[int, int], int | None]] = {
    "zeros": lambda k, n: None,
    "constant": lambda k, n: None,
    "reflect": lambda k, n: k,
    "replicate": lambda k, n: 0,
    "circular": lambda k, n: n - k,
}


def axes(value: int | Sequence[int], count: int) -> Index:
    """One number for each axis."""
    return (value,) * count if isinstance(value, int) else tuple(value)


def source(place: int, size: int, mode: str = "zeros") -> int | None:
    """The input that stands at a place of the padded axis, where 0 is the first input; None in a padding of a constant."""
    if 0 <= place < size:
        return place
    if place < 0:
        return BEFORE[mode](-place, size)
    mirrored = BEFORE[mode](place - size + 1, size)  # the same, seen from the other end
    return None if mirrored is None else size - 1 - mirrored


def along(
    size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int = 1, *, ceil: bool = False
) -> list[list[int]]:
    """The places that a kernel sees along one axis, for each output; those of the padding are below 0 or from `size` on.

    Args: ceil: whether a last window that begins inside may reach beyond the end.
    Raises: ShapeError, when the kernel is wider than what arrives.
    """
    reach = dilation * (kernel - 1) + 1
    room = size + sum(padding) - reach
    if room < 0:
        raise ShapeError(
            f"A kernel that reaches over {reach} does not fit {size} numbers with a padding of {padding}. Take a smaller kernel, "
            "or larger examples."
        )
    count = room // stride + 1
    if ceil and room % stride and count * stride < size + padding[0]:
        count += 1
    return [[k * stride - padding[0] + d * dilation for d in range(kernel)] for k in range(count)]


def crossed(per_axis: Sequence[list[list[int]]]) -> list[tuple[Index, list[tuple[Index, Index]]]]:
    """Put axes together: for each output, (index in the kernel, place) of all that it sees, row by row."""
    found = []
    for output in itertools.product(*(range(len(places)) for places in per_axis)):
        seen = [places[k] for places, k in zip(per_axis, output)]
        kernel = itertools.product(*(range(len(places)) for places in seen))
        found.append((output, list(zip(kernel, itertools.product(*seen)))))
    return found
