"""Shown: how far a proof is, and the clock or the signal that ends it; a watcher of each of its trainings."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from deepglass.report.progress import progress_for
from deepglass.training.interrupts import Interrupts
from deepglass.training.records import Epoch, Step

REDRAW = 0.2  # seconds between two looks


class OutOfTime(Exception):
    """The time is over."""


class Stopped(Exception):
    """Somebody asked for an end; what was trained is kept. `args[0]` names the signal."""


class Shown:
    """Shows trainings as one bar on a terminal, as a line each elsewhere, and ends the one that is going on in time.

    Args: seconds: how long all may take.
    """

    def __init__(self, mode: str | bool, seconds: float) -> None:
        words = "none" if mode is False else "auto" if mode is True else mode
        self._lines = progress_for(words)
        self.started = perf_counter()
        self.until = self.started + seconds
        self.done, self.planned, self.doing = 0, 0, ""
        self._bar: Any = None
        self._task: Any = None
        self._due = 0.0

    @contextmanager
    def open(self, planned: int, title: str) -> Iterator[None]:
        """Show at most so many trainings. Signals that come between two of them wait for `begin` meanwhile."""
        self.planned = planned
        self._lines.say(title)
        if type(self._lines).__name__ == "TerminalProgress":
            self._bar = _bar()
            self._task = self._bar.add_task("", total=planned)
            self._bar.start()
        try:
            with Interrupts() as self._interrupts:
                yield
        finally:
            if self._bar is not None:
                self._bar.stop()

    @property
    def seconds(self) -> float:
        return perf_counter() - self.started

    @property
    def is_over(self) -> bool:
        return perf_counter() > self.until

    def say(self, text: str) -> None:
        """Show a line."""
        (self._bar.console.print if self._bar is not None else self._lines.say)(text)

    def begin(self, what: str, epochs: int, trainings: int = 1) -> None:
        """A training, or a stack of them, begins. Raises: Stopped, after a signal, such as while others were judged."""
        if self._interrupts.asked is not None:
            raise Stopped(self._interrupts.asked)
        self.doing, self.epochs, self.now, self.epoch_number = what, epochs, trainings, 0
        self._draw()

    def end(self) -> None:
        """It has come to its end."""
        self.done += self.now
        if self._bar is None:
            self._lines.say(f"training {self.done}/{self.planned}  {self.doing}")
        self._draw(0)

    def step(self, step: Step) -> None:
        """Raises: OutOfTime."""
        now = perf_counter()
        if now > self.until:
            raise OutOfTime
        if now > self._due:
            self._draw()

    def epoch(self, epoch: Epoch, best: bool = False) -> None:
        self.epoch_number = epoch.number

    def _draw(self, share: float | None = None) -> None:
        self._due = perf_counter() + REDRAW
        if self._bar is not None:
            part = self.now * self.epoch_number / max(1, self.epochs) if share is None else share
            said = f"training {min(self.done + 1, self.planned)}/{self.planned}  {self.doing}"
            self._bar.update(self._task, completed=self.done + part, description=said, refresh=True)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), TimeElapsedColumn())
    return Progress(*columns, console=Console(file=sys.stderr), auto_refresh=False, redirect_stdout=False)
