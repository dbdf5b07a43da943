"""Files: the encoded bytes of many small files, in a folder or in an archive. Nothing is ever unpacked onto the disk."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deepglass.errors import DataError

# Of one file; a picture of MOST_PIXELS in full colour takes less, as do 25 minutes of CD sound.
MOST_FILE_BYTES = 256 << 20
MOST_ENTRIES = 500_000  # files in one archive, and a bound on what listing it may cost
MOST_DEPTH = 32
NEAR = 5  # files that are named where one is not there


def absent(path: Path) -> DataError:
    """Make the error for a file that is not there, with some of its kind that are."""
    near = sorted(p.name for p in path.parent.glob(f"*{path.suffix}") if p.is_file())[:NEAR] if path.suffix else []
    there = f" There are: {', '.join(near)}." if near else ""
    return DataError(f"There is no file {str(path)!r}. Check the path.{there}")


@dataclass(frozen=True)
class Entry:
    """One file: its path inside, with "/" between the parts. `problem` says why it cannot be read, if that is known."""

    name: str
    problem: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.name.split("/"))


class Files(Protocol):
    """A place that holds files. `title` stands in messages; `folders` are all folders, also empty ones."""

    title: str
    entries: list[Entry]
    folders: set[str]

    def where(self, name: str) -> str:
        """Name a file for a message."""
        ...

    def read(self, name: str) -> bytes:
        """Return the bytes of a file. Raises: DataError, naming place and file."""
        ...

    def head(self, name: str) -> bytes:
        """Return at least the first 16 bytes of a file."""
        ...


class Folder:
    """Files below a folder. Links are followed to files inside it alone; a file must stay as it was first seen.

    Args: listed: look for the files at once. Without it, they are those that a table names.
    Raises: DataError, for a folder that cannot be listed, naming it.
    """

    def __init__(self, path: Path, *, listed: bool = True) -> None:
        self.path = path
        self.title = self._start = str(path)
        self.root = path.resolve()
        self.folders: set[str] = set()
        self._stamps: dict[str, tuple[int, int]] = {}  # size and time of change, when a file was first read
        self.entries = sorted(self._walk(path, (), 0), key=lambda e: e.parts) if listed else []

    def where(self, name: str) -> str:
        return shown(os.path.join(self._start, *name.split("/")))  # noqa: PTH118 (asked for every file: 1 µs, not 5)

    def _walk(self, folder: Path, inside: tuple[str, ...], depth: int) -> Iterator[Entry]:
        if depth > MOST_DEPTH:
            raise DataError(
                f"{shown(str(folder))} lies more than {MOST_DEPTH} folders deep. Load a folder further down."
            )
        try:
            with os.scandir(folder) as listing:
                found = sorted(listing, key=lambda e: e.name)
        except OSError as error:
            raise DataError(f"{shown(str(folder))} cannot be listed: {error.strerror}.") from None
        for entry in found:
            name = "/".join((*inside, entry.name))
            if entry.is_dir(follow_symlinks=False):
                self.folders.add(name)
                if not entry.name.startswith("."):
                    yield from self._walk(Path(entry.path), (*inside, entry.name), depth + 1)
            else:
                plain = entry.is_file(follow_symlinks=False) and shown(name) == name  # no link, so inside the folder
                yield Entry(name, "" if plain else self.problem(name))

    def problem(self, name: str) -> str:
        """Say why a file cannot be read, or nothing."""
        path = self.path / name
        if shown(name) != name:
            return "has a name that is not UTF-8; rename it"
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
            return "is a link that leads nowhere" if path.is_symlink() else "is not there"
        if not target.is_relative_to(self.root):
            return "is a link that leads out of the folder; put the file itself there"
        if target.is_dir():
            return "is a link to a folder; put the folder itself there" if path.is_symlink() else "is a folder"
        return "" if target.is_file() else "is no file but a device, a pipe or the like"

    def read(self, name: str) -> bytes:
        return self._read(name, MOST_FILE_BYTES + 1)

    def head(self, name: str) -> bytes:
        return self._read(name, 16)

    def _read(self, name: str, most: int) -> bytes:
        try:
            with open(f"{self._start}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 (a third of the time of Path.open)
                facts = os.fstat(file.fileno())
                data = file.read(min(most, facts.st_size + 1))
        except OSError as error:
            raise DataError(f"{self.where(name)} cannot be read: {error.strerror}.") from None
        if len(data) > MOST_FILE_BYTES:
            raise DataError(
                f"{self.where(name)} is larger than the {MOST_FILE_BYTES:,} bytes that a picture or a recording may have. "
                f"Save it smaller, or leave it out."
            )
        stamp = facts.st_size, facts.st_mtime_ns
        if self._stamps.setdefault(name, stamp) != stamp:
            raise DataError(f"{self.where(name)} has changed since the data were loaded. Load them again.")
        return data


def shown(name: str) -> str:
    """Return a name as it can be printed, whatever bytes the file system holds."""
    return name.encode("utf-8", "backslashreplace").decode()
