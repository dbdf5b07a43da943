"""Folders: which file is of which class and in which split, from the names of folders alone."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from deepglass.data.readers.files import Entry, Files, shown
from deepglass.data.readers.picture import ENDINGS, is_picture
from deepglass.errors import DataError

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
}
CLUTTER = ("__macosx", "thumbs.db", "desktop.ini")  # what systems leave behind; names that begin with "." count too


@dataclass(frozen=True)
class Wanted:
    """The files that are looked for: what they are called, by which endings they go, and how they begin."""

    one: str
    many: str
    endings: tuple[str, ...]
    is_one: Callable[[bytes], bool]  # of the first 16 bytes

    @property
    def layout(self) -> str:
        return f"Put the {self.many} into one folder a class, with or without train/, validation/ and test/ above."


PICTURES = Wanted("picture", "pictures", ENDINGS, is_picture)


@dataclass
class Layout:
    """Files in sorted order, with the class of each and the splits that the folders state."""

    names: list[str]
    classes: list[str]
    codes: np.ndarray  # (files,) int64
    splits: dict[str, np.ndarray] | None
    problems: dict[str, str] = field(default_factory=dict)  # of files that stand like the others and cannot be read
    notes: list[str] = field(default_factory=list)
    target: str = "class"  # what the classes are called
    groups: np.ndarray | None = None  # (files,) int64: equal ones stay together


def lay_out(files: Files, wanted: Wanted = PICTURES) -> Layout:
    """Read classes and splits from folder names.

    Raises: DataError, when there are fewer than two classes, or a class that training lacks.
    """
    notes: list[str] = []
    entries = [e for e in files.entries if not _is_clutter(e)]
    folders = {f for f in files.folders if not _is_clutter(Entry(f))}
    if len(entries) < len(files.entries):
        notes.append(f"{_files(len(files.entries) - len(entries))} left out: hidden, or left behind by a system")
    if not entries:
        raise DataError(
            f"{files.title} holds no files. {PICTURES.layout.replace('pictures', 'pictures or recordings')}"
        )
    top = _top(entries, folders)
    if top:
        notes.append(f"everything lies in one folder, {shown(top)}: read from inside it")
    above = _split_folders(files, top, entries, folders, wanted)
    depth = bool(top) + bool(above)  # where the class stands among the parts of a name
    loose = [e for e in entries if len(e.parts) <= depth + 1]
    if loose:
        notes.append(f"{_files(len(loose))} left out: beside the class folders ({_some([e.name for e in loose])})")
    found, others = _parted(files, [e for e in entries if len(e.parts) > depth + 1], wanted)
    if others:
        notes.append(
            f"{_files(len(others))} left out: no {wanted.many} by name or content ({_some([e.name for e in others])})"
        )
    if any(len(e.parts) > depth + 2 for e in found):
        notes.append(f"{wanted.many} in folders further down belong to the class that stands first")
    owners = [e.parts[depth] for e in found]
    splits = _splits(found, bool(top), above) if above else None
    classes = _classes(files, owners, splits, wanted)
    notes += _empty(depth, folders, owners, wanted)
    notes += _lacking(owners, splits, wanted)
    codes = np.array([classes.index(o) for o in owners], dtype=np.int64)
    problems = {e.name: e.problem for e in found if e.problem}
    return Layout([e.name for e in found], classes, codes, splits, problems, notes)


def wanted_among(files: Files, wanted: Wanted) -> tuple[list[Entry], list[Entry]]:
    """Part the wanted from other files, wherever they lie; hidden files and what systems leave behind are in neither."""
    return _parted(files, [e for e in files.entries if not _is_clutter(e)], wanted)


def _is_clutter(entry: Entry) -> bool:
    return any(p.startswith(".") or p.lower() in CLUTTER for p in entry.parts)


def _top(entries: list[Entry], folders: set[str]) -> str:
    """The one folder that holds all the others, when there is such a one above the classes or the splits."""
    tops = {e.parts[0] for e in entries} | {f.split("/")[0] for f in folders}
    (only, *more) = tops
    below = {f.split("/")[1] for f in folders if f.count("/")}
    return only if not more and below and only.lower() not in SPLIT_NAMES else ""


def _split_folders(files: Files, top: str, entries: list[Entry], folders: set[str], wanted: Wanted) -> dict[str, str]:
    """The folders that stand for splits: their name -> the split. Empty, when the folders are classes."""
    start = bool(top)
    holders = {f.split("/")[start] for f in folders if f.count("/") >= start and f != top}
    known = {h: SPLIT_NAMES[h.lower()] for h in holders if h.lower() in SPLIT_NAMES}
    if "train" not in known.values():
        if known and len(known) == len(holders):
            raise DataError(f"{files.title} has {_listed(holders)} and no train/. Add the {wanted.many} to train on.")
        return {}
    others = sorted(holders - set(known))
    if any(_has_files(other, start, entries) for other in others):
        raise DataError(
            f"{files.title} has train/ and beside it {_listed(others)}. Splits and classes cannot stand side by side: "
            f"move the others away. {wanted.layout}"
        )
    doubled = [s for s, n in Counter(known.values()).items() if n > 1]
    if doubled:
        raise DataError(
            f"{files.title} has {_listed(h for h, s in known.items() if s == doubled[0])}. Keep one of them."
        )
    return known


def _has_files(folder: str, start: int, entries: list[Entry]) -> bool:
    return any(len(e.parts) > start + 1 and e.parts[start] == folder for e in entries)


def _parted(files: Files, entries: list[Entry], wanted: Wanted) -> tuple[list[Entry], list[Entry]]:
    """Part what is wanted from the rest. By its ending a file claims to be it; by its content it may be it."""
    found: list[Entry] = []
    others: list[Entry] = []
    for entry in entries:
        claims = entry.name.lower().endswith(wanted.endings)
        is_one = claims or entry.problem or wanted.is_one(files.head(entry.name)[:16])
        (found if is_one else others).append(entry)
    return found, others


def _splits(found: list[Entry], start: int, above: dict[str, str]) -> dict[str, np.ndarray]:
    members: dict[str, list[int]] = {split: [] for split in above.values()}
    for i, entry in enumerate(found):
        members[above[entry.parts[start]]].append(i)
    empty = [name for name, ids in members.items() if not ids and name != "train"]
    return {n: np.array(ids, dtype=np.int64) for n, ids in members.items() if n not in empty}


def _classes(files: Files, owners: list[str], splits: dict[str, np.ndarray] | None, wanted: Wanted) -> list[str]:
    """The folder names in sorted order; those of training, where there are splits, and no others."""
    training = owners if splits is None else [owners[i] for i in splits["train"]]
    classes = sorted(set(training))
    strange = sorted({shown(c) for c in classes if shown(c) != c})
    if strange:
        raise DataError(f"{files.title}: the name of the class folder {strange[0]} is not UTF-8. Rename it.")
    for name, ids in (splits or {}).items():
        unknown = Counter(owners[i] for i in ids if owners[i] not in classes)
        if unknown:
            told = ", ".join(f"{shown(c)} ({n} {wanted.many})" for c, n in sorted(unknown.items()))
            raise DataError(
                f"{files.title}: {name}/ has classes that train/ lacks: {told}. Add them to train/ or remove them."
            )
    if len(classes) < 2:
        found = (
            f"{wanted.many} of one class alone, {classes[0]}; at least two are needed"
            if classes
            else f"no {wanted.many} in folders"
        )
        raise DataError(f"{files.title} holds {found}. {wanted.layout}")
    return classes


def _empty(depth: int, folders: set[str], owners: list[str], wanted: Wanted) -> list[str]:
    named = {f.split("/")[depth] for f in folders if f.count("/") == depth}
    empty = sorted(map(shown, named - set(owners)))
    return [f"left out, because they hold no {wanted.many}: {_listed(empty)}"] if empty else []


def _lacking(owners: list[str], splits: dict[str, np.ndarray] | None, wanted: Wanted) -> list[str]:
    notes = []
    for name, ids in (splits or {}).items():
        counts = Counter(owners[i] for i in ids)
        lacking = sorted(set(owners) - set(counts))
        if lacking:
            has = ", ".join(f"{c} {n}" for c, n in sorted(counts.items())[:20])
            notes.append(f"{name}/ has no {wanted.many} of {', '.join(lacking)} (it has: {has})")
    return notes


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _listed(names: object) -> str:
    return ", ".join(f"{n}/" for n in sorted(names))  # type: ignore[call-overload]


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(map(shown, names[:most])) + (", ..." if len(names) > most else "")
