"""Laid out: places for boxes so that arrows go down and cross seldom.

Source: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", IEEE Transactions on
    Systems, Man, and Cybernetics, 1981: levels, free places for long arrows, and the middle of the neighbours as order.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

SWEEPS = 8  # over all levels, downwards and upwards in turn
FREE = 0.45  # of a column that an arrow takes that passes by


@dataclass(frozen=True)
class Laid:
    """Args: places: column and row of each box; ways: (parent, child) -> the places that their arrow passes."""

    places: list[tuple[float, float]]
    ways: dict[tuple[int, int], list[tuple[float, float]]]
    width: float
    depth: int


def laid_out(parents: Sequence[Sequence[int]]) -> Laid:
    """Lay out boxes, each of which stands behind its parents in the list."""
    level = _levels(parents)
    rows: list[list[int]] = [[] for _ in range(max(level, default=0) + 1)]
    for box, at in enumerate(level):
        rows[at].append(box)
    links: list[tuple[int, int]] = []
    passed: dict[tuple[int, int], list[int]] = {}
    count = len(parents)
    for child, above in enumerate(parents):
        for parent in dict.fromkeys(above):
            free = []
            for at in range(level[parent] + 1, level[child]):
                rows[at].append(count)
                free.append(count)
                count += 1
            way = [parent, *free, child]
            links += itertools.pairwise(way)
            passed[parent, child] = free
    x = _columns(rows, links, count, len(parents))
    at_row = {box: at for at, row in enumerate(rows) for box in row}
    left = min(x, default=0.0)
    place = [(x[box] - left, float(at_row[box])) for box in range(count)]
    ways = {link: [place[f] for f in free] for link, free in passed.items()}
    return Laid(place[: len(parents)], ways, max(x, default=0.0) - left, len(rows))


def _levels(parents: Sequence[Sequence[int]]) -> list[int]:
    """The longest way to each box; what has no parents comes right above its first child."""
    found: list[int] = []
    for above in parents:
        found.append(max((found[p] + 1 for p in above), default=0))
    for box, above in enumerate(parents):
        children = [found[c] for c, others in enumerate(parents) if box in others]
        if not above and children:
            found[box] = max(0, min(children) - 1)
    return found


def _columns(rows: list[list[int]], links: list[tuple[int, int]], count: int, boxes: int) -> list[float]:
    """A column for each place: near the middle of its neighbours, and none on another."""
    near: list[list[list[int]]] = [[[] for _ in range(count)] for _ in range(2)]
    for parent, child in links:
        near[0][child].append(parent)
        near[1][parent].append(child)
    x = [0.0] * count
    for row in rows:
        _spread(row, x, [float(i) for i in range(len(row))], boxes)
    for sweep in range(SWEEPS):
        side = near[sweep % 2]
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = [sum(x[n] for n in side[b]) / len(side[b]) if side[b] else x[b] for b in row]
            order = sorted(range(len(row)), key=lambda i: (wanted[i], row[i]))
            row[:] = [row[i] for i in order]
            _spread(row, x, [wanted[i] for i in order], boxes)
    return x


def _spread(row: list[int], x: list[float], wanted: list[float], boxes: int) -> None:
    """Put a row where it wants to be, with room between neighbours, and its middle where theirs was."""
    for i, box in enumerate(row):
        room = 0.0 if i == 0 else (_half(row[i - 1], boxes) + _half(box, boxes))
        x[box] = wanted[i] if i == 0 else max(wanted[i], x[row[i - 1]] + room)
    shift = sum(wanted) / len(row) - sum(x[b] for b in row) / len(row) if row else 0.0
    for box in row:
        x[box] += shift


def _half(box: int, boxes: int) -> float:
    return 0.5 if box < boxes else FREE / 2
