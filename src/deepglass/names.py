"""Names: one readable dictionary per catalogue, and one way to look in it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from deepglass.errors import UnknownName

Thing = TypeVar("Thing")
LIKE = 0.6  # share of letters in common from which one name may be meant by another: difflib's own; at 0.5 unlike words are offered


def find(kind: str, name: str, catalogue: Mapping[str, Thing]) -> Thing:
    """Return `catalogue[name]`, or say which names exist.

    Args: kind: the word for the message, such as "network".
    Raises: UnknownName, with the closest name when one is near.

    >>> find("colour", "red", {"red": 1})
    1
    """
    if name in catalogue:
        return catalogue[name]
    raise UnknownName(
        f"There is no {kind} {name!r}.{suggestion(name, catalogue)} Known: {', '.join(sorted(catalogue))}."
    )


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'mlp'?" for the closest of `known`, or nothing when none is close."""
    lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), lower, n=1, cutoff=LIKE)
    return f" Did you mean {lower[near[0]]!r}?" if near else ""
