"""Operations: the calls of a process that change the disk, counted, so that any one of them can be the last or can fail.

Works on what Python tells about itself (audit events), so that nothing of what is tested is replaced; a sync tells nothing
by itself and is made to.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import soak

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sync")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_listening: list[Callable[[str, tuple[Any, ...]], None]] = []
_hooked: list[bool] = []


def listen(heard: Callable[[str, tuple[Any, ...]], None]) -> None:
    """Have a function called before each operation, with its name and its arguments; of a sync, the descriptor."""
    if not _hooked:  # such a hook stays until the process ends
        _hooked.append(True)
        sync = os.fsync
        os.fsync = lambda descriptor: (sys.audit("sync", descriptor), sync(descriptor))[1]
        sys.addaudithook(_tell)
    _listening.append(heard)


def _tell(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event == "open":
        if not isinstance(arguments[2], int) or not arguments[2] & WRITING:
            return
    elif event not in CHANGES:
        return
    for heard in list(_listening):
        heard(event, arguments)


class Operations:
    """Counts operations below a folder, and before the one with the number `at` does what `fault` says.

    Args:
        at: 0 for none.
        forever: do it before all that follow, too.
    """

    def __init__(self, folder: Path, fault: Callable[[], None], at: int = 0, *, forever: bool = False) -> None:
        self.folder, self.fault, self.at, self.forever = str(folder), fault, at, forever
        self.count = 0
        listen(self.see)

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        place = arguments[0]
        if isinstance(place, str | Path) and Path(place).is_absolute() and not str(place).startswith(self.folder):
            return
        self.count += 1
        if self.at and (self.count == self.at or (self.forever and self.count > self.at)):
            self.fault()


@contextmanager
def counted(folder: Path, fault: Callable[[], None], at: int = 0, *, forever: bool = False) -> Iterator[Operations]:
    """Operations in this process, for a block."""
    operations = Operations(folder, fault, at, forever=forever)
    try:
        yield operations
    finally:
        _listening.remove(operations.see)


@contextmanager
def heard(hear: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    """`listen`, for a block."""
    listen(hear)
    try:
        yield
    finally:
        _listening.remove(hear)


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
