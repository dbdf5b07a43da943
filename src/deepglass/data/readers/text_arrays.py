"""Text arrays: lists of strings, or of lists of tokens, that are texts and no names of classes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.readers.tagged import FIXED, MOST_TAGS
from deepglass.data.source import Raw, texts
from deepglass.data.text_levels import is_dna
from deepglass.errors import DataError

SEVERAL = 3  # words of a text; names of classes such as "New York" have fewer (our choice)
HALF = 0.5  # of all entries that have several words, and of them that differ
LOOKED_AT = 2000
OFTEN = 3  # times that a tag stands on average; words of another language stand less often in a small set (our choice)


def are_token_lists(values: Any) -> bool:
    """Whether every example is a list of strings, its tokens."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind == "U" and values.ndim == 2
    if not isinstance(values, list | tuple) or not values:
        return False
    return all(isinstance(v, list | tuple) and all(isinstance(t, str) for t in v) for v in values) and any(values)


def are_texts(strings: Iterable[str]) -> bool:
    """Whether strings are texts: most differ, and half of them have three words or more; or all are letters of DNA."""
    there = [s for s in strings if s.strip()]
    if not there:
        return False
    sample = there[:: max(1, len(there) // LOOKED_AT)]
    if is_dna(sample[:100]):
        return True
    long = sum(len(s.split()) >= SEVERAL for s in sample) >= HALF * len(sample)
    return long and len(set(sample)) >= HALF * len(sample)


def text_values(values: Any, kind: str | None) -> list[Any] | None:
    """Return strings or lists of tokens where values are texts, or said to be by `kind`; None where they are something else.

    A missing one (None, nan) is an empty text.
    """
    if kind not in (None, "text"):
        return None
    if are_token_lists(values):
        return [tuple(str(t) for t in v) for v in values]
    entries = _entries(values)
    gone = [v is None or (isinstance(v, float) and v != v) for v in entries]
    strings = ["" if g else v for g, v in zip(gone, entries)]
    if not strings or not all(isinstance(s, str) for s in strings):
        return None
    return strings if kind == "text" or are_texts(strings) else None


def _entries(values: Any) -> list[Any]:
    """The entries of a list or of an array or Series of strings or objects; none, where it is something else."""
    if isinstance(values, list | tuple):
        return list(values)
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    is_flat = hasattr(values, "tolist") and getattr(values, "ndim", 0) == 1 and not hasattr(values, "detach")
    return list(values.tolist()) if is_flat and kind in "UO" else []


def text_field(name: str, values: list[Any]) -> tuple[Raw, str]:
    """Make a field of what `text_values` found, with a note."""
    if values and not isinstance(values[0], str):
        for i, tokens in enumerate(values):
            odd = next((t for t in tokens if len(t.split()) != 1), None)
            if odd is not None:
                raise DataError(
                    f"Field {name!r}: the token {odd!r} of example {i} (counted from 0) is empty or holds a blank. Write such a "
                    f"token with '_'."
                )
        return texts(values, level="tokens"), f"{name}: {len(values):,} lists of tokens"
    return texts(values), f"{name}: {len(values):,} texts"


def aligned(
    fields: Mapping[str, Raw], inputs: Iterable[str], targets: Iterable[str]
) -> tuple[dict[str, Raw], list[str]]:
    """Find a target that has one tag for each token of the text it belongs to, and mark both so. Returns: fields, and notes.

    The rule: in every example as many tokens between blanks on both sides, some with more than one, and few different tags, each
    OFTEN times or more on average, half as many as there are words at most.
    """
    found, notes = dict(fields), []
    words = [n for n in inputs if fields[n].kind == "text"]
    for target in (t for t in targets if fields[t].kind == "text"):
        tags = [str(s).split() for s in fields[target].values]
        distinct, count = len({t for row in tags for t in row}), sum(map(len, tags))
        if distinct > min(MOST_TAGS, count / OFTEN) or max(map(len, tags), default=0) < 2:
            continue
        for name in words:
            tokens = [str(s).split() for s in fields[name].values]
            few = fields[target].reading.get("level") == "tokens" or 2 * distinct <= len(
                {t for row in tokens for t in row}
            )
            if few and [len(row) for row in tags] == [len(row) for row in tokens]:
                reading = {"level": "tokens", "fixed": FIXED}
                found[name] = replace(fields[name], reading={**fields[name].reading, **reading})
                found[target] = replace(fields[target], reading={**fields[target].reading, **reading}, aligned=True)
                notes.append(f"{target}: one tag for each token of {name}, between blanks")
                break
    return found, notes
