"""Progress: how far a training is, on a terminal, in plain lines or in a notebook. All of it goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from deepglass.names import find
from deepglass.report.words import brief_word, duration, is_share, number, share

if TYPE_CHECKING:
    from deepglass.training.records import Epoch, Step

REDRAW = 0.2  # seconds between two looks at the loss, which waits for the device
SLOW_EPOCH = 30.0  # seconds without a line after which plain progress says where it is inside the epoch
PLAIN_LINES = 50  # of many epochs about so many are written ...
SLOW_LINE = 5.0  # ... and those that come so many seconds after the last line
NOTEBOOK_REDRAW = 1.0  # seconds between two pictures
NOTEBOOK_SHARE = 0.03  # of the time that may go into drawing them


class Progress:
    """Shows nothing: the base of those that do. A context manager, so that a bar is put away when training breaks off.

    >>> with progress_for("plain") as progress:
    ...     progress.start(epochs=40, steps_per_epoch=30, title="digits")
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.epochs = self.steps = 0
        self.title = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, epochs: int, steps_per_epoch: int, title: str = "") -> None:
        """Say what is to come: at most so many epochs, counted from the first one of the whole training."""
        self.epochs, self.steps, self.title = epochs, steps_per_epoch, title

    def step(self, step: Step) -> None:
        """Take note of a step. Called for each one, so it costs next to nothing and hardly ever reads the loss."""

    def epoch(self, epoch: Epoch, best: bool = False) -> None:
        """Show an epoch; `best` when it is the best so far."""

    def say(self, text: str) -> None:
        """Show an alarm or a note."""

    def close(self) -> None:
        """Put away what moves; what was said stays."""


class PlainProgress(Progress):
    """One line an epoch, fewer when there are very many; always the first and the last."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._due = perf_counter() + SLOW_EPOCH
        self._written = perf_counter()
        self._waiting = ""  # the newest line, when it was left out

    def start(self, epochs: int, steps_per_epoch: int, title: str = "") -> None:
        super().start(epochs, steps_per_epoch, title)
        if title:
            self._write(title)

    def step(self, step: Step) -> None:
        if perf_counter() < self._due:
            return
        done = (step.number - 1) % self.steps + 1 if self.steps else step.number
        inside = f"{done}/{self.steps}" if self.steps else f"{done}"
        self._write(f"{self._place(step.epoch)}  step {inside}  loss {number(step.loss)}")

    def epoch(self, epoch: Epoch, best: bool = False) -> None:
        text = f"{self._place(epoch.number)}  {measured(epoch)}  {duration(epoch.seconds)}" + ("  best" if best else "")
        every = max(1, -(-self.epochs // PLAIN_LINES))
        if epoch.number in (1, self.epochs) or epoch.number % every == 0 or perf_counter() - self._written > SLOW_LINE:
            self._write(text)
        else:
            self._waiting = text

    def say(self, text: str) -> None:
        self._write(text)

    def close(self) -> None:
        if self._waiting:  # early stopping: nobody knew that this was the last one
            self._write(self._waiting)

    def _place(self, number_: int) -> str:
        return f"epoch {number_:>{len(str(self.epochs))}}/{self.epochs}"

    def _write(self, text: str) -> None:
        print(text, file=self.stream, flush=True)
        self._waiting = ""
        self._written = perf_counter()
        self._due = self._written + SLOW_EPOCH


class TerminalProgress(Progress):
    """A bar with the time that is left, at most; drawn by the training itself, without a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        super().__init__(stream)
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[said]}", markup=False),
            console=Console(file=stream),
            auto_refresh=False,
            redirect_stdout=False,  # what others print to standard output has to arrive there
            redirect_stderr=stream is sys.stderr,
        )
        self._task: Any = None
        self._due = 0.0
        self._epoch = self._best = self._measured = ""

    def start(self, epochs: int, steps_per_epoch: int, title: str = "") -> None:
        super().start(epochs, steps_per_epoch, title)
        if title:
            self.say(title)
        self._task = self._bar.add_task(self._place(0), total=max(1, epochs * max(1, steps_per_epoch)), said="")
        self._bar.start()

    def step(self, step: Step) -> None:
        if perf_counter() < self._due:
            return
        said = self._measured or f"loss {number(step.loss)}"
        self._show(step.epoch, step.number, said)

    def epoch(self, epoch: Epoch, best: bool = False) -> None:
        if best:
            self._best = f"  best: epoch {epoch.number}"
        self._measured = measured(epoch) + self._best
        if perf_counter() >= self._due or epoch.number == self.epochs:
            self._show(epoch.number, epoch.number * max(1, self.steps), self._measured)

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        if self._task is not None and self._measured:
            self._bar.update(self._task, said=self._measured)
        self._bar.refresh()
        self._bar.stop()

    def _show(self, epoch: int, steps: int, said: str) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=steps, description=self._place(epoch), said=said, refresh=True)
        self._due = perf_counter() + REDRAW

    def _place(self, epoch: int) -> str:
        return f"epoch {epoch:>{len(str(self.epochs))}}/{self.epochs}"


class NotebookProgress(Progress):
    """A curve that grows, in one place of a notebook; the last one stays."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.history: list[Epoch] = []
        self._best: int | None = None
        self._display: Any = None
        self._due = 0.0
        self._drawn = 0  # epochs in the picture that is shown

    def start(self, epochs: int, steps_per_epoch: int, title: str = "") -> None:
        super().start(epochs, steps_per_epoch, title)
        self.history, self._best, self._display, self._drawn = [], None, None, 0
        self._due = perf_counter() + NOTEBOOK_REDRAW

    def epoch(self, epoch: Epoch, best: bool = False) -> None:
        self.history.append(epoch)
        self._best = epoch.number if best else self._best
        if perf_counter() >= self._due:
            self._draw()

    def say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def close(self) -> None:
        if self.history and self._drawn < len(self.history):
            self._draw()

    def _draw(self) -> None:
        from IPython.display import display

        from deepglass.report.pictures import learning_curves, metrics_of, to_png

        began = perf_counter()
        names = metrics_of(self.history)[:2]  # the loss, and the metric that people look at
        figure = learning_curves(self.history, names, best_epoch=self._best, width=5.0 * len(names))
        last = self.history[-1]
        place = f"epoch {last.number}/{self.epochs}  {measured(last)}  {duration(last.seconds)} an epoch"
        figure.suptitle(f"{self.title}   {place}" if self.title else place, fontsize=9, parse_math=False)
        picture = {"image/png": to_png(figure, 80), "text/plain": place}
        if self._display is None:
            self._display = display(picture, raw=True, display_id=True)
        else:
            self._display.update(picture, raw=True)
        self._drawn = len(self.history)
        now = perf_counter()
        self._due = now + max(NOTEBOOK_REDRAW, (now - began) / NOTEBOOK_SHARE)


MODES: dict[str, Callable[[TextIO], Progress]] = {
    "terminal": TerminalProgress,
    "plain": PlainProgress,
    "notebook": NotebookProgress,
    "none": Progress,
}


def progress_for(mode: str = "auto", *, stream: TextIO | None = None) -> Progress:
    """Return what shows the progress of a training; "auto" takes what suits the place where it runs.

    Args: stream: where lines and bars go (default: standard error).
    Raises: UnknownName, for another mode.
    """
    stream = sys.stderr if stream is None else stream
    if mode == "auto":
        mode = "notebook" if in_notebook() else "terminal" if _is_terminal(stream) else "plain"
    return find("progress", mode, MODES)(stream)


def in_notebook() -> bool:
    """Say whether this runs in a notebook's kernel, without importing IPython to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def measured(epoch: Epoch) -> str:
    """Write an epoch's metrics in a line: `loss 0.123  validation loss 0.14 accuracy 0.97`."""
    parts = []
    if "loss" in epoch.train or "loss" in epoch.running:
        parts.append(f"loss {_steady(epoch.train.get('loss', epoch.running.get('loss')))}")
    if epoch.validation:
        parts.append("validation " + _listed(epoch.validation))
    elif others := {n: v for n, v in epoch.train.items() if n != "loss"}:
        parts.append(_listed(others))
    return "  ".join(parts)


def _listed(metrics: Any) -> str:
    said = {n: share(v) if is_share(n) else _steady(v) for n, v in metrics.items()}
    return " ".join(f"{'R2' if n == 'r2' else brief_word(n)} {text}" for n, text in said.items())  # ASCII: any terminal


def _steady(value: float | None) -> str:
    """Write a number with three digits, zeros at the end too, so that lines stand below each other."""
    return f"{value:#.3g}" if value is not None and 0.001 <= abs(value) < 100 else number(value)


def _is_terminal(stream: TextIO) -> bool:
    return hasattr(stream, "isatty") and stream.isatty() and os.environ.get("TERM") != "dumb"
