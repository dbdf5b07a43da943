"""Label typos: classes whose names differ by blanks, by case or by one slip of the keyboard. Nothing is merged."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from deepglass.data.checks.imbalance import class_counts
from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import OPEN, Column, View

RARE = 0.1  # of two names one slip apart, the one with at most this share of the other's examples is taken for a typo
SHORTEST = 3  # letters: in shorter names one letter makes another word


def typos(view: View) -> Iterator[Problem]:
    """Compare the class names of each category, counted over the training and validation examples."""
    for column in [*view.targets, *view.columns]:
        if column.kind != "category":
            continue
        counts = class_counts(column, *OPEN)
        found = {str(c): int(n) for c, n in zip(column.classes, counts) if n}
        alike: dict[str, list[str]] = defaultdict(list)
        for name in found:
            alike[plain(name)].append(name)
        for names in alike.values():
            if len(names) > 1:
                yield _problem(column, found, names, "alarm", "differ by blanks or case alone")
        totals = {form: sum(found[n] for n in names) for form, names in alike.items()}
        for one, other in one_slip_apart(list(totals)):
            if 0 < min(totals[one], totals[other]) <= RARE * max(totals[one], totals[other]):
                names = sorted([*alike[one], *alike[other]], key=lambda n: -found[n])
                yield _problem(column, found, names, "warning", "are one slip of the keyboard apart")


def plain(name: str) -> str:
    """The name without what the eye does not see: case, blanks at the ends and doubled, forms of one letter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def one_slip_apart(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs that a letter more, less, changed or swapped with its neighbour turns into each other.

    Digits are no slips ("class1", "class2"). Two such names share a form with one letter left out, so that only those are
    compared: the time grows with the number of names, not with its square.

    >>> one_slip_apart(["dog", "dgo", "cat", "dig"])
    [('dog', 'dgo'), ('dog', 'dig')]
    """
    forms: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        if len(name) >= SHORTEST:
            for form in {name, *(name[:k] + name[k + 1 :] for k in range(len(name)))}:
                forms[form].append(i)
    pairs = {(i, j) for same in forms.values() for i in same for j in same if i < j}
    return [(names[i], names[j]) for i, j in sorted(pairs) if _one_slip(names[i], names[j])]


def _one_slip(a: str, b: str) -> bool:
    """Whether what is left between the common beginning and the common end is one letter, or two swapped."""
    start = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if any(c.isdigit() for c in a + b):
        return False
    return (len(a) <= 1 and len(b) <= 1) or (len(a) == 2 and a == b[::-1])


def _problem(column: Column, counts: dict[str, int], names: list[str], severity: str, how: str) -> Problem:
    shown = ", ".join(f"{n!r} ({counts[n]:,})" for n in names)
    return Problem(
        "typos",
        "alarm" if severity == "alarm" else "warning",
        f"{column.title}: {shown} {how}. If they mean the same, write them alike in the data; nothing is merged here.",
        column.field,
        column.name,
        min(counts[n] for n in names),
        sum(counts.values()),
        tuple(names),
    )
