"""Folders: which picture is of which class and in which split, from the names of files alone."""

from collections import Counter
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
LAYOUT = "Put the pictures into one folder a class, with or without train/, validation/ and test/ above."


@dataclass
class Layout:
    """Pictures in sorted order, with the class of each and the splits that the folders state."""

    names: list[str]
    classes: list[str]
    codes: np.ndarray  # (pictures,) int64
    splits: dict[str, np.ndarray] | None
    problems: dict[str, str] = field(default_factory=dict)  # of files that stand like pictures and cannot be read
    notes: list[str] = field(default_factory=list)


def lay_out(files: Files) -> Layout:
    """Read classes and splits from folder names.

    Raises: DataError, when there are fewer than two classes, or a class that training lacks.
    """
    notes: list[str] = []
    entries = [e for e in files.entries if not _is_clutter(e)]
    folders = {f for f in files.folders if not _is_clutter(Entry(f))}
    if len(entries) < len(files.entries):
        notes.append(f"{_files(len(files.entries) - len(entries))} left out: hidden, or left behind by a system")
    if not entries:
        raise DataError(f"{files.title} holds no files. {LAYOUT}")
    top = _top(entries, folders)
    if top:
        notes.append(f"everything lies in one folder, {shown(top)}: read from inside it")
    above = _split_folders(files, top, entries, folders)
    depth = bool(top) + bool(above)  # where the class stands among the parts of a name
    loose = [e for e in entries if len(e.parts) <= depth + 1]
    if loose:
        notes.append(f"{_files(len(loose))} left out: beside the class folders ({_some([e.name for e in loose])})")
    pictures, others = _pictures(files, [e for e in entries if len(e.parts) > depth + 1])
    if others:
        notes.append(
            f"{_files(len(others))} left out: no pictures by name or content ({_some([e.name for e in others])})"
        )
    if any(len(e.parts) > depth + 2 for e in pictures):
        notes.append("pictures in folders further down belong to the class that stands first")
    owners = [e.parts[depth] for e in pictures]
    splits = _splits(pictures, bool(top), above) if above else None
    classes = _classes(files, owners, splits)
    notes += _empty(depth, folders, owners)
    notes += _lacking(owners, splits)
    codes = np.array([classes.index(o) for o in owners], dtype=np.int64)
    problems = {e.name: e.problem for e in pictures if e.problem}
    return Layout([e.name for e in pictures], classes, codes, splits, problems, notes)


def pictures_among(files: Files) -> tuple[list[Entry], list[Entry]]:
    """Part the pictures from other files, wherever they lie; hidden files and what systems leave behind are in neither."""
    return _pictures(files, [e for e in files.entries if not _is_clutter(e)])


def _is_clutter(entry: Entry) -> bool:
    return any(p.startswith(".") or p.lower() in CLUTTER for p in entry.parts)


def _top(entries: list[Entry], folders: set[str]) -> str:
    """The one folder that holds all the others, when there is such a one above the classes or the splits."""
    tops = {e.parts[0] for e in entries} | {f.split("/")[0] for f in folders}
    (only, *more) = tops
    below = {f.split("/")[1] for f in folders if f.count("/")}
    return only if not more and below and only.lower() not in SPLIT_NAMES else ""


def _split_folders(files: Files, top: str, entries: list[Entry], folders: set[str]) -> dict[str, str]:
    """The folders that stand for splits: their name -> the split. Empty, when the folders are classes."""
    start = bool(top)
    holders = {f.split("/")[start] for f in folders if f.count("/") >= start and f != top}
    known = {h: SPLIT_NAMES[h.lower()] for h in holders if h.lower() in SPLIT_NAMES}
    if "train" not in known.values():
        if known and len(known) == len(holders):
            raise DataError(f"{files.title} has {_listed(holders)} and no train/. Add the pictures to train on.")
        return {}
    others = sorted(holders - set(known))
    if any(_has_files(other, start, entries) for other in others):
        raise DataError(
            f"{files.title} has train/ and beside it {_listed(others)}. Splits and classes cannot stand side by side: "
            f"move the others away. {LAYOUT}"
        )
    doubled = [s for s, n in Counter(known.values()).items() if n > 1]
    if doubled:
        raise DataError(
            f"{files.title} has {_listed(h for h, s in known.items() if s == doubled[0])}. Keep one of them."
        )
    return known


def _has_files(folder: str, start: int, entries: list[Entry]) -> bool:
    return any(len(e.parts) > start + 1 and e.parts[start] == folder for e in entries)


def _pictures(files: Files, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Part what is read as pictures from the rest. By its ending a file claims to be one; by its content it may be one."""
    pictures: list[Entry] = []
    others: list[Entry] = []
    for entry in entries:
        claims = entry.name.lower().endswith(ENDINGS)
        found = claims or entry.problem or is_picture(files.head(entry.name)[:16])
        (pictures if found else others).append(entry)
    return pictures, others


def _splits(pictures: list[Entry], start: int, above: dict[str, str]) -> dict[str, np.ndarray]:
    members: dict[str, list[int]] = {split: [] for split in above.values()}
    for i, entry in enumerate(pictures):
        members[above[entry.parts[start]]].append(i)
    empty = [name for name, ids in members.items() if not ids and name != "train"]
    return {n: np.array(ids, dtype=np.int64) for n, ids in members.items() if n not in empty}


def _classes(files: Files, owners: list[str], splits: dict[str, np.ndarray] | None) -> list[str]:
    """The folder names in sorted order; those of training, where there are splits, and no others."""
    training = owners if splits is None else [owners[i] for i in splits["train"]]
    classes = sorted(set(training))
    strange = sorted({shown(c) for c in classes if shown(c) != c})
    if strange:
        raise DataError(f"{files.title}: the name of the class folder {strange[0]} is not UTF-8. Rename it.")
    for name, ids in (splits or {}).items():
        unknown = Counter(owners[i] for i in ids if owners[i] not in classes)
        if unknown:
            told = ", ".join(f"{shown(c)} ({n} pictures)" for c, n in sorted(unknown.items()))
            raise DataError(
                f"{files.title}: {name}/ has classes that train/ lacks: {told}. Add them to train/ or remove them."
            )
    if len(classes) < 2:
        found = (
            f"pictures of one class alone, {classes[0]}; at least two are needed"
            if classes
            else "no pictures in folders"
        )
        raise DataError(f"{files.title} holds {found}. {LAYOUT}")
    return classes


def _empty(depth: int, folders: set[str], owners: list[str]) -> list[str]:
    named = {f.split("/")[depth] for f in folders if f.count("/") == depth}
    empty = sorted(map(shown, named - set(owners)))
    return [f"left out, because they hold no pictures: {_listed(empty)}"] if empty else []


def _lacking(owners: list[str], splits: dict[str, np.ndarray] | None) -> list[str]:
    notes = []
    for name, ids in (splits or {}).items():
        counts = Counter(owners[i] for i in ids)
        lacking = sorted(set(owners) - set(counts))
        if lacking:
            has = ", ".join(f"{c} {n}" for c, n in sorted(counts.items())[:20])
            notes.append(f"{name}/ has no pictures of {', '.join(lacking)} (it has: {has})")
    return notes


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _listed(names: object) -> str:
    return ", ".join(f"{n}/" for n in sorted(names))  # type: ignore[call-overload]


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(map(shown, names[:most])) + (", ..." if len(names) > most else "")
