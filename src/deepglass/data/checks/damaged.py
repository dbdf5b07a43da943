"""Damaged files: what the reader could not read and left out, as it says in the notes and facts of the source."""

import re
from collections.abc import Iterator

from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import View

NOTE = re.compile(r"left out, because damaged: ([\d,]+) of ([\d,]+)")  # how a reader notes it
FACT = "damaged"  # where it says which files, and why
SHOWN = 300  # letters of that


def damaged(view: View) -> Iterator[Problem]:
    """Repeat how many files were left out, and which."""
    source = view.dataset.source
    for note in source.notes:
        found = NOTE.search(note)
        if not found:
            continue
        count, of = (int(n.replace(",", "")) for n in found.groups())
        which = source.facts.get(FACT, "")
        shown = which if len(which) <= SHOWN else f"{which[:SHOWN]}..."
        yield Problem(
            "damaged",
            "warning",
            f"{note}. {shown} What was left out cannot be learned; see that no class lost more than others.",
            count=count,
            of=of,
            places=tuple(which.splitlines()[:20]),
        )
