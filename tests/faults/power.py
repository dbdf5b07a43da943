"""Power: what may be on a disk after the power has failed, whatever was not synced being lost, torn or there.

The model is that of POSIX at its worst: a sync of a file brings down its content and not its name; a sync of a folder brings
down its names; what is not synced may be there or not, each by itself and in any order; a rename is there whole or not at
all; content that is not synced may be the old, the new, cut off or zeros.

Source: Pillai and others, "All File Systems Are Not Created Equal", OSDI 2014, section 2.
"""

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations import heard

Names = dict[str, int]  # of a folder: what bears each name, by number
MOST_SUBSETS = 24  # of what is not synced, at one moment; all of them where there are no more


@dataclass
class Image:
    """A disk: folders as names, files as content, each by its number; the root is number 0."""

    folders: dict[int, Names] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)

    def copy(self) -> "Image":
        return Image({n: dict(names) for n, names in self.folders.items()}, dict(self.files))

    def tree(self, number: int = 0, path: str = "") -> Iterator[tuple[str, bytes | None]]:
        """Every path below a folder with its content, None for a folder."""
        for name, entry in sorted(self.folders.get(number, {}).items()):
            where = f"{path}{name}"
            if entry in self.files:
                yield where, self.files[entry]
            else:
                yield where, None
                yield from self.tree(entry, f"{where}/")

    def write(self, folder: Path) -> None:
        """Make it a real folder."""
        folder.mkdir()
        for where, content in self.tree():
            if content is None:
                (folder / where).mkdir()
            else:
                (folder / where).write_bytes(content)


@dataclass(frozen=True)
class Naming:
    """Names that came and went in one operation: (folder, name, what bears it now)."""

    changes: tuple[tuple[int, str, int | None], ...]


class Recorder:
    """Looks at a folder at every operation, and keeps what may be left of it were the power to fail there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.numbers: dict[int, int] = {}  # of what is there now, by inode
        self.fresh = itertools.count(1)
        self.now = self._look()
        self.durable = self.now.copy()
        self.pending: list[Naming] = []
        self.moments: list[tuple[Image, list[Naming], dict[int, bytes], Any]] = []
        self.note: Any = 0  # what is promised at this moment

    def watch(self) -> Any:
        return heard(self.see)

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take in what the operations before this one did; of a sync, what it brings down."""
        self.take()
        if event != "sync":
            return
        number = self.numbers[os.fstat(arguments[0]).st_ino]
        if number in self.now.files:
            self.durable.files[number] = self.now.files[number]
        else:
            settled = [n for n in self.pending if any(change[0] == number for change in n.changes)]
            self.pending = [n for n in self.pending if n not in settled]
            for naming in settled:
                apply(self.durable, naming)

    def take(self) -> None:
        """Keep this moment, after whatever has changed since the last one."""
        found = self._look()
        changes = []
        for number in self.now.folders.keys() | found.folders.keys():
            before, after = self.now.folders.get(number, {}), found.folders.get(number, {})
            gone = [(number, name, None) for name in before.keys() - after.keys()]
            changes += gone + [(number, name, after[name]) for name in after if before.get(name) != after[name]]
        if changes:
            self.pending.append(Naming(tuple(changes)))
        for number in found.folders:
            self.durable.folders.setdefault(number, {})
        self.now = found
        dirty = {n: content for n, content in found.files.items() if self.durable.files.get(n) != content}
        self.moments.append((self.durable.copy(), list(self.pending), dirty, self.note))

    def images(self, chance: random.Random) -> Iterator[tuple[Image, Any]]:
        """Every disk that may be left, each once, with what was promised then."""
        seen = set()
        for durable, pending, dirty, note in self.moments:
            for there in _subsets(len(pending), chance):
                for way in ("old", "new", "cut", "zeros") if dirty else ("new",):
                    image = durable.copy()
                    for number, content in dirty.items():
                        image.files[number] = _as(way, durable.files.get(number, b""), content)
                    for place in there:
                        apply(image, pending[place])
                    key = hash((tuple(image.tree()), note))
                    if key not in seen:
                        seen.add(key)
                        yield image, note

    def _look(self) -> Image:
        image, known = Image(), {self._inode(self.root): 0}
        for place, folders, names in os.walk(self.root):
            folder = Path(place)
            entries: Names = {}
            for path in (folder / name for name in folders + names):
                inode = self._inode(path)
                entries[path.name] = known[inode] = self.numbers.get(inode) or next(self.fresh)
                if path.name in names:
                    image.files[known[inode]] = path.read_bytes()
            image.folders[known[self._inode(folder)]] = entries
        self.numbers = known  # the system gives the inode of what is gone to another file
        return image

    def _inode(self, path: Path) -> int:
        return path.lstat().st_ino


def apply(image: Image, naming: Naming) -> None:
    for folder, name, entry in naming.changes:
        names = image.folders.setdefault(folder, {})
        if entry is None:
            names.pop(name, None)
        else:
            names[name] = entry
            if entry not in image.files:
                image.folders.setdefault(entry, {})


def _subsets(count: int, chance: random.Random) -> Iterator[tuple[int, ...]]:
    """Which of some effects reached the disk: all ways, or where those are too many none, all, each alone, all but each."""
    if 2**count <= MOST_SUBSETS:
        for size in range(count + 1):
            yield from itertools.combinations(range(count), size)
        return
    everything = tuple(range(count))
    yield from ((), everything)
    for one in everything:
        yield (one,)
        yield tuple(n for n in everything if n != one)
    for _ in range(MOST_SUBSETS):
        yield tuple(n for n in everything if chance.random() < 0.5)


def _as(way: str, old: bytes, new: bytes) -> bytes:
    common = old if new.startswith(old) else b""  # a log grows at its end
    torn = {"cut": common + new[len(common) :][: (len(new) - len(common)) // 2]}
    return {"old": old, "new": new, "zeros": common + bytes(len(new) - len(common)), **torn}[way]
