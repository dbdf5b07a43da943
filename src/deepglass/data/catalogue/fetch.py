"""Fetch: the files of a dataset, from a folder of one's own, else from the cache, else downloaded into it."""

import hashlib
import os
import secrets
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from deepglass.data.catalogue.download import Progress, download
from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.readers.idx import unpack
from deepglass.errors import DataError, DeepglassWarning

ALLOW = "Allow it with offline=False, or without DEEPGLASS_OFFLINE."


def fetch(
    name: str, entry: Entry, *, offline: bool | None = None, progress: Progress | None = None
) -> tuple[Copy, dict[str, Content]]:
    """Return the copy that was found, and its checked files by name: the published copy, unless $DEEPGLASS_DATA has another.

    Arguments and errors: `catalogue_source`.
    """
    if offline is None:
        offline = os.environ.get("DEEPGLASS_OFFLINE", "").lower() not in ("", "0", "false", "no")
    copy = next((c for c in entry.copies if all(own_path(name, f) for f in c.files)), entry.copies[0])
    return copy, {file.name: _find(name, copy, file, offline, progress) for file in copy.files}


def cache_folder() -> Path:
    """Return the folder for what can be had again: $DEEPGLASS_CACHE, else where this platform keeps such things."""
    if chosen := os.environ.get("DEEPGLASS_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "deepglass" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "deepglass"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepglass"


def own_path(name: str, file: File) -> Path | None:
    """Return where $DEEPGLASS_DATA has a file, if it does."""
    own = os.environ.get("DEEPGLASS_DATA")
    if not own:
        return None
    unpacked = () if file.checked == "file" else (f"{name}/{file.name.removesuffix('.gz')}",)
    places = (Path(own).expanduser() / place for place in (f"{name}/{file.name}", *unpacked, *file.also))
    return next((path for path in places if path.is_file()), None)


def keep(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name, then rename it: nobody ever sees half of it."""
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:  # the content is good all the same, only the next call has to do the work again
        warnings.warn(f"{path}: cannot be kept ({problem.strerror}).", DeepglassWarning, stacklevel=2)


def _find(name: str, copy: Copy, file: File, offline: bool, progress: Progress | None) -> Content:
    if path := own_path(name, file):
        return _read(path, file, own=True)
    kept = cache_folder() / "datasets" / name / file.name
    if kept.is_file():
        try:
            return _read(kept, file)
        except DataError as problem:
            if offline:
                raise DataError(f"{problem} Downloading is switched off. {ALLOW}") from None
            warnings.warn(f"{problem} Downloading it now.", DeepglassWarning, stacklevel=2)
    if offline:
        own = os.environ.get("DEEPGLASS_DATA")
        looked = ([str(Path(own).expanduser() / name)] if own else []) + [str(kept.parent)]
        raise DataError(
            f"{name}: {file.name} is not in {' or in '.join(looked)}, and downloading is switched off. {ALLOW} "
            f"Or set DEEPGLASS_DATA to the folder that holds {name}/."
        )
    packed, content = download(name, file, copy.mirrors, _checked, progress)
    keep(kept, lambda part: part.write_bytes(packed))
    return Content(kept, content)


def _read(path: Path, file: File, *, own: bool = False) -> Content:
    try:
        packed = path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path}: cannot be read ({problem.strerror}). Correct its permissions, or remove it."
        ) from None
    return Content(path, packed if own and file.checked == "decoded" else _checked(packed, file, str(path)))


def _checked(packed: bytes, file: File, where: str) -> bytes:
    content = packed if file.checked == "file" else unpack(packed, where, limit=file.size)
    if len(content) != file.size:
        raise DataError(f"{where}: holds {len(content):,} bytes instead of {file.size:,}. Get the file anew.")
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise DataError(f"{where}: its SHA-256 is {found} instead of {file.sha256}. Get the file anew.")
    return content
