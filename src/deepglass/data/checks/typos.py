"""Label typos: classes whose names differ by blanks, by case or by one slip of the keyboard. Nothing is merged.

A slip is a letter left out, one too many, or two neighbours swapped: "virginca", "setsoa". One letter put for another is
judged more strictly, as that is how words differ that are both meant ("INLAND" and "ISLAND", "cat" and "car"): most words
of three or four letters have such a neighbour, few of eight or more do. It counts when the two keys lie side by side
("virgimica"), in names of five letters or more; elsewhere only in names of eight or more, and then as a remark ("seperate").
Source: Damerau, "A technique for computer detection and correction of spelling errors", 1964 (the four slips); Coltheart et
al., "Access to the internal lexicon", 1977 (words that one letter parts).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from deepglass.data.checks.imbalance import class_counts
from deepglass.data.checks.problem import Problem, Severity
from deepglass.data.checks.view import OPEN, Column, View

RARE = 0.1  # of two names one slip apart, the one with at most this share of the other's examples is taken for a typo
SHORTEST = 3  # letters: in shorter names one letter makes another word
CHANGED = 5  # letters from which one for another can be a slip to a key beside it
LONG = 8  # letters from which it can be one to any key
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # rows of the keyboard, each standing half a key further right


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
                if _far(one, other):
                    yield _problem(column, found, names, "remark", "differ in one letter")
                else:
                    yield _problem(column, found, names, "warning", "are one slip of the keyboard apart")


def plain(name: str) -> str:
    """The name without what the eye does not see: case, blanks at the ends and doubled, forms of one letter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def one_slip_apart(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs that one slip turns into each other, as the head of this file says what a slip is.

    Digits are no slips ("class1", "class2"). Two such names share a form with one letter left out, so that only those are
    compared: the time grows with the number of names, not with its square.

    >>> one_slip_apart(["dog", "dgo", "cat", "dig", "cats"])
    [('dog', 'dgo'), ('cat', 'cats')]
    """
    forms: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        if len(name) >= SHORTEST:
            for form in {name, *(name[:k] + name[k + 1 :] for k in range(len(name)))}:
                forms[form].append(i)
    pairs = {(i, j) for same in forms.values() for i in same for j in same if i < j}
    return [(names[i], names[j]) for i, j in sorted(pairs) if _one_slip(names[i], names[j])]


def _one_slip(a: str, b: str) -> bool:
    """Whether one is the other with a letter more or less, two swapped, or one changed in a way that is seldom meant."""
    x, y = _where_they_part(a, b)
    if any(c.isdigit() for c in x + y):
        return False
    if len(x) == len(y) == 1:
        return len(a) >= LONG or (len(a) >= CHANGED and _side_by_side(x, y))
    return len(x) + len(y) == 1 or (len(x) == 2 and x == y[::-1])


def _far(a: str, b: str) -> bool:
    """Whether one letter stands for another whose key is elsewhere."""
    x, y = _where_they_part(a, b)
    return len(x) == len(y) == 1 and not _side_by_side(x, y)


def _where_they_part(a: str, b: str) -> tuple[str, str]:
    """What is left of each between the common beginning and the common end."""
    start = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return a, b


def _side_by_side(x: str, y: str) -> bool:
    places = [(row, keys.index(key) + row / 2) for key in (x, y) for row, keys in enumerate(KEYS) if key in keys]
    return len(places) == 2 and abs(places[0][0] - places[1][0]) <= 1 and abs(places[0][1] - places[1][1]) <= 1


def _problem(column: Column, counts: dict[str, int], names: list[str], severity: Severity, how: str) -> Problem:
    shown = ", ".join(f"{n!r} ({counts[n]:,})" for n in names)
    return Problem(
        "typos",
        severity,
        f"{column.title}: {shown} {how}. If they mean the same, write them alike in the data; nothing is merged here.",
        column.field,
        column.name,
        min(counts[n] for n in names),
        sum(counts.values()),
        tuple(names),
    )
