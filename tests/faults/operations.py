"""Operations: the calls of a process that change the disk, counted, so that any one of them can be the last or can fail.

Works on what Python tells about itself (audit events), so that nothing of what is tested is replaced; a sync tells nothing
by itself and is made to.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import soak

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sync")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Operations:
    """Counts operations below a folder, and before the one with the number `at` does what `fault` says.

    A hook of this kind stays until the process ends; `at` = 0 lets it rest.
    """

    def __init__(self, folder: Path, fault: Callable[[], None], at: int = 0, *, forever: bool = False) -> None:
        self.folder, self.fault, self.at, self.forever = str(folder), fault, at, forever
        self.count = 0
        sync = os.fsync
        os.fsync = lambda descriptor: (sys.audit("sync", self.folder), sync(descriptor))[1]
        sys.addaudithook(self.see)

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not isinstance(arguments[2], int) or not arguments[2] & WRITING:
                return
        elif event not in CHANGES:
            return
        place = arguments[0]
        if isinstance(place, str | Path) and Path(place).is_absolute() and not str(place).startswith(self.folder):
            return
        self.count += 1
        if self.at and (self.count == self.at or (self.forever and self.count > self.at)):
            self.fault()


def kill() -> None:
    """Be killed, as a process is that cannot catch it."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill() -> None:
    """Find the disk full."""
    raise OSError(errno.ENOSPC, "No space left on device")


def refuse() -> None:
    """Find the disk read-only."""
    raise OSError(errno.EROFS, "Read-only file system")


def in_child(work: Callable[..., Any], *arguments: Any) -> tuple[int | None, Any]:
    """Call a function in a process of its own. Returns: its exit code, and the answer if it lived to give one."""
    context = soak.MULTIPROCESSING
    context.set_forkserver_preload(soak.IMPORTED)  # where no other test has begun to
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answering, args=(work, there, *arguments))
    process.start()
    there.close()
    try:
        answer = here.recv() if here.poll(60) else None
    except EOFError:
        answer = None
    process.join(60)
    return process.exitcode, answer


def _answering(work: Callable[..., Any], there: Any, *arguments: Any) -> None:
    there.send(work(*arguments))
