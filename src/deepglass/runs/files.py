"""Files: written whole or not at all, and read with a clear word when damaged."""

import errno
import hashlib
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

from deepglass.errors import RunError, SettingError, TrainingError

TEMPORARY = ".deepglass-unfinished-"  # how a name of ours begins until its content is complete
PIECE_BYTES = 1 << 20
ADVICE = " Restore it from a copy of the run, or train again."


def check_folder(path: Path) -> None:
    """Raises: SettingError, when the folder that a person wants a file written into is not there."""
    if not path.parent.is_dir():
        raise SettingError(f"There is no folder {path.parent} to write {path.name} into. Make it first.")


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: after a crash or a full disk it holds the old content or the new, never a part.

    Raises: TrainingError, with the path and the bytes needed and free; the old content is then untouched.
    """
    with writing(path, len(content)):
        unfinished = temporary_beside(path)
        try:
            write_new(unfinished, content)
            _replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by plain JSON, whole or not at all; a number that is not finite becomes null."""
    write_text(path, json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Replace `path` by a JSON object with its checksum, so that damage is noticed by `read_record`."""
    write_json(path, with_checksum(record))


def read_bytes(path: Path) -> bytes:
    """Return the content of a file. Raises: RunError, when it is missing, a link, or cannot be read."""
    if path.is_symlink():
        raise RunError(f"{path} is a link, and Deepglass follows none inside a run. Put the file itself there.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RunError(f"{path} is missing.{ADVICE}") from None
    except OSError as error:
        raise RunError(
            f"{path} cannot be read ({error.strerror or error}). Check the disk and its permissions."
        ) from error


def read_text(path: Path) -> str:
    """Return the UTF-8 text of a file. Raises: RunError, naming the file."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(path, f"byte {error.start} is not UTF-8") from None


def read_json(path: Path) -> Any:
    """Return the JSON value of a file. Raises: RunError, naming the file and where it breaks."""
    text = read_text(path)
    try:
        return parse_json(text)
    except ValueError as error:
        raise damaged(path, str(error)) from None


def read_record(path: Path) -> dict[str, Any]:
    """Return what `write_record` wrote, without the checksum. Raises: RunError, when one bit of it has changed."""
    record = read_json(path)
    if not isinstance(record, dict) or not has_good_checksum(record):
        raise damaged(path, "its checksum does not match its content")
    del record["checksum"]
    return record


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def with_checksum(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record as plain values with one key more, `checksum`, the CRC-32 of all the others.

    >>> has_good_checksum(with_checksum({"epoch": 1}))
    True
    """
    content = {key: value for key, value in plain(record).items() if key != "checksum"}
    return {**content, "checksum": _checksum(content)}


def has_good_checksum(record: Mapping[str, Any]) -> bool:
    """Say whether a record is what `with_checksum` made of it."""
    return record.get("checksum") == _checksum({key: value for key, value in record.items() if key != "checksum"})


def parse_json(text: str) -> Any:
    """Return the value of strict JSON. Raises: ValueError, also for NaN tokens and for nesting without end."""

    def refuse(token: str) -> Any:
        raise ValueError(f"{token} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def plain(value: Any, not_finite: Callable[[float], Any] = lambda number: None) -> Any:
    """Return `value` as what JSON knows: text, numbers, booleans, null, lists, and objects with text as keys.

    Args: not_finite: what becomes of nan and the infinities.

    >>> plain({"loss": float("nan"), "shape": (2, 3)})
    {'loss': None, 'shape': [2, 3]}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else not_finite(float(value))
    if isinstance(value, Mapping):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"JSON keys are text; {wrong[0]!r} would not come back as what it is.")
        return {str.__str__(key): plain(entry, not_finite) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, not_finite) for entry in value]
    if hasattr(value, "tolist"):  # arrays, tensors and their scalars
        return plain(value.tolist(), not_finite)
    raise TypeError(f"A {type(value).__name__} cannot be kept as JSON: {value!r}.")


def damaged(path: Path, why: str) -> RunError:
    """Make the error for a file that is not what was written."""
    return RunError(f"{path} is damaged: {why}.{ADVICE}")


@contextmanager
def writing(path: Path, needed_bytes: int) -> Iterator[None]:
    """Turn what the system says about a full disk or a read-only folder into a TrainingError."""
    try:
        yield
    except OSError as error:
        free = _free_bytes(path)
        cure = "Make room, or make the folder writable"
        if error.errno in (errno.EMFILE, errno.ENFILE):
            cure = f"This process may hold {open_files_limit()} files open at a time: raise the limit (ulimit -n 1024)"
        raise TrainingError(
            f"{path} could not be written ({error.strerror or error}): "
            f"{needed_bytes} bytes are needed, {free} are free. "
            f"What was there before is untouched. {cure}, and try again; a training can go on with --resume."
        ) from error


def open_files_limit() -> int | str:
    """How many files this process may hold open at a time."""
    if sys.platform == "win32":
        return "a limited number of"
    import resource

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def temporary_beside(path: Path) -> Path:
    """Return a new name in the folder of `path`, with the marker by which leftovers are known."""
    return path.with_name(f"{TEMPORARY}{uuid4().hex[:12]}")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet, down to the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Bring what was written into a file down to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder down to the disk, where the system can do that (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse to sync a folder; the names are right all the same
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what an interrupted write of ours left in a folder, known by its marker, and nothing else."""
    for leftover in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink()


def _checksum(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"{crc32(canonical.encode()):08x}"


def _free_bytes(path: Path) -> int | str:
    for folder in path.parents:
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return "an unknown number"


def _replace(source: Path, target: Path) -> None:
    for _ in range(20 if os.name == "nt" else 0):  # on Windows a reader of the old file blocks the rename for a moment
        with suppress(PermissionError):
            source.replace(target)
            return
        time.sleep(0.05)
    source.replace(target)
