"""Lock: one process at a time writes into a run folder."""

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deepglass.errors import RunError
from deepglass.runs import files

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TRIES, PAUSE_SECONDS = 5, 0.02  # so that someone who only looks at the lock, for an instant, is not taken for a holder
FAR = 1 << 30  # Windows locks bytes, here one beyond the content, so that the content stays readable

_held: set[int] = set()  # descriptors of this process


@contextmanager
def hold(path: Path, *, take_over: bool = False) -> Iterator[None]:
    """Hold the lock file `path` for a block.

    The system gives the lock back when its process ends, however it ends; so a dead process of this host is taken
    over without asking. A process of another host cannot be seen from here, and is asked about.

    Args: take_over: yes, the process of the other host has ended.
    Raises: RunError, with the process id and the host that hold the run.
    """
    if path.is_symlink():
        raise RunError(f"{path} is a link, and Deepglass follows none inside a run. Remove it.")
    with files.writing(path, 100):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        got = _acquired_after_tries(descriptor)
        other = _content(descriptor)
        if got is False or (got is None and _lives_here(other)):
            raise RunError(
                f"{_words(path, other)} is writing into this run. Wait for it, stop it, or use another folder."
            )
        if other and other["host"] != socket.gethostname() and not take_over:
            raise RunError(
                f"{_words(path, other)} has not given this run back, and cannot be seen from here. "
                f"If it has ended, remove {path.name} in that folder and try again."
            )
        me = {
            "host": socket.gethostname(),
            "process": os.getpid(),
            "since": datetime.now(UTC).isoformat("T", "seconds"),
        }
        with files.writing(path, 100):
            _set_content(descriptor, json.dumps(me).encode())
        _held.add(descriptor)
        owner = os.getpid()
        try:
            yield
        finally:
            if os.getpid() == owner:
                _held.discard(descriptor)
                with suppress(OSError):
                    _set_content(descriptor, b"")
    finally:
        with suppress(OSError):  # a forked process has closed its copy already
            os.close(descriptor)


def holder(path: Path) -> dict[str, Any] | None:
    """Say who holds a lock file now: host, process and since when. None when nobody does, or a dead process did."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        got = _acquired(descriptor)
        content = _content(descriptor)
    finally:
        os.close(descriptor)  # and with it the lock, if it was free
    if got is False:
        return content or {"host": socket.gethostname(), "process": None, "since": None}
    if content and (content["host"] != socket.gethostname() or (got is None and _lives_here(content))):
        return content
    return None


def _acquired_after_tries(descriptor: int) -> bool | None:
    for _ in range(TRIES):
        got = _acquired(descriptor)
        if got is not False:
            return got
        time.sleep(PAUSE_SECONDS)
    return False


def _acquired(descriptor: int) -> bool | None:
    """Take the system's lock: True when it is ours now, False when it is another's, None where there are no locks."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError as error:
        return False if isinstance(error, BlockingIOError) or sys.platform == "win32" else None


def _lives_here(content: dict[str, Any] | None) -> bool:
    """Say whether the process of the content runs on this host: the second best, where the system has no locks."""
    if not content or content["host"] != socket.gethostname() or content["process"] == os.getpid():
        return False
    try:
        os.kill(content["process"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _content(descriptor: int) -> dict[str, Any] | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        content = files.parse_json(os.read(descriptor, 4096).decode("utf-8"))
        return {"host": str(content["host"]), "process": int(content["process"]), "since": str(content["since"])}
    except (ValueError, TypeError, KeyError):
        return None


def _set_content(descriptor: int, content: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, content)


def _words(path: Path, other: dict[str, Any] | None) -> str:
    if other is None:
        return f"{path.parent}: another process"
    return f"{path.parent}: process {other['process']} on host {other['host']!r}, since {other['since']},"


def _forget_in_child() -> None:
    """Close the copies that a forked process (a data worker) has of our locks, lest it outlive us with them."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
