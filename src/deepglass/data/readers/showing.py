"""Showing: how far the reading of many files has come, and how much damage is gone along with."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from deepglass.errors import DataError

MOST_DAMAGED = 0.05  # share of damaged files that on_damaged="skip" goes along with
WORTH_A_BAR = 2000  # files


def silent(done: int) -> None:
    """Show nothing."""


@contextmanager
def progress_bar(count: int, words: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many files are done, and shows it on a terminal."""
    if count < WORTH_A_BAR or not sys.stderr.isatty():
        yield silent
        return
    import rich.console
    import rich.progress

    with rich.progress.Progress(console=rich.console.Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(words, total=count)
        yield lambda done: bars.update(bar, completed=done)


def refuse_damaged(title: str, kind: str, failed: Mapping[int, str], files: int, *, skip: bool) -> None:
    """Go along with some damaged files when they are to be left out.

    Args: title: where they lie. kind: a "picture" or "recording". failed: what is wrong, by the file's place. files: of all.
    Raises: DataError, for one of them, or with `skip` for more than MOST_DAMAGED of them.
    """
    if not failed:
        return
    first, count = min(failed), len(failed)
    if not skip:
        more = f" ({count - 1} more {'is' if count == 2 else 'are'} damaged.)" if count > 1 else ""
        raise DataError(
            f"{failed[first]} It is {kind} {first + 1} of {files:,}.{more} Correct or remove it, or load with "
            f"on_damaged='skip'."
        )
    if count > MOST_DAMAGED * files:
        raise DataError(
            f"{title}: {count} of {files:,} {kind}s are damaged, more than {MOST_DAMAGED:.0%}. The first: {failed[first]}"
        )
