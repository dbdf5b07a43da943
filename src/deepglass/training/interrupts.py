"""Interrupts: Ctrl-C and SIGTERM ask a training to pause at the next step; a second Ctrl-C leaves at once."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP: the terminal was closed


class Interrupts:
    """While it is entered, signals only set `asked`. Does nothing outside the main thread, where none arrive."""

    def __init__(self) -> None:
        self.asked: str | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._terminal: list[int] = []

    def __enter__(self) -> "Interrupts":
        self._terminal = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) == signal.SIG_IGN:
                continue  # ignored by whoever started us, as nohup does: it stays so
            try:
                self._before[number] = signal.signal(number, self._note)
            except ValueError:  # not the main thread
                break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = signal.Signals(number).name
        if self.asked == "SIGHUP":
            self._show_nothing()

    def _show_nothing(self) -> None:
        """Turn away from a terminal that is no longer there, so that the training is saved and not ended by a line of text."""
        with suppress(OSError), Path(os.devnull).open("w") as nowhere:
            for descriptor in self._terminal:
                os.dup2(nowhere.fileno(), descriptor)
