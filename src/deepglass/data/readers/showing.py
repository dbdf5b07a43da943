"""Showing: how far the reading of many files has come, and how much damage is gone along with."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
