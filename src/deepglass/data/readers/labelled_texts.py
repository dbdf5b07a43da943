"""Labelled texts: one file a class with a text on each line, or one folder a class with a text in each file."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data.readers.file_names import layout_of
from deepglass.data.readers.files import Entry, Files, shown
from deepglass.data.readers.folders import Wanted
from deepglass.data.readers.parallel import split_of
from deepglass.data.readers.running_text import from_lines
from deepglass.data.readers.text_lines import FASTA, PACKED, lines_of, reading_of, records_of, text_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, categories, texts
from deepglass.errors import DataError

NUMBER = re.compile(r"^\d+$|\d\d")  # in the name of a file that is one of many texts, such as cv042
MOST_CLASSES = 20  # of the titles of FASTA records, whose last words are then classes and no names (our choice)


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file is text: no NUL and no other control character than tab and line ends."""
    return bool(head) and all(byte >= 32 or byte in (9, 10, 12, 13) for byte in head)


TEXTS = Wanted("text", "texts", (".txt", ".text"), is_text)


def read_class_folders(files: Files, settings: DataSettings) -> Source:
    """Read one text a file, its class being the folder, with or without train/ and test/ above, or what `label_pattern` finds.

    Raises: DataError, naming file and line, when one is not in the encoding that is said.
    """
    layout = layout_of(files, TEXTS, settings)
    if layout.problems:
        name = next(iter(layout.problems))
        raise DataError(f"{files.where(name)} {layout.problems[name]}.")
    notes: list[str] = []
    rows = [_noted(text_of(files, name, settings.encoding), notes) for name in layout.names]
    source = _labelled(
        Path(files.title).name, rows, layout.codes, layout.classes, layout.splits, "file", layout.target, settings
    )
    what = "" if layout.target != "class" else f"class: the folder of a file, {len(layout.classes)} classes"
    stated = {s: len(i) for s, i in (layout.splits or {}).items()}
    told = ", ".join(f"{s} {n:,}" for s, n in stated.items())
    every = [*source.notes, what, *notes, *layout.notes, f"splits: {told}, as the folders say" if told else ""]
    return Source(
        source.name,
        source.fields,
        source.inputs,
        source.targets,
        splits=layout.splits,
        notes=tuple(n for n in every if n),
        names=tuple(layout.names),
        groups=layout.groups,
    )


def class_files(entries: Sequence[Entry]) -> dict[str, tuple[str, str]]:
    """Find files that are a class each, among those of one folder: name -> (class, split); empty, where they are none.

    They end in .txt or a FASTA ending and are called as their class, which is no number, or they are called alike and end in it
    (rt-polarity.neg, .pos).
    """
    names = [e.name for e in entries if not e.problem]
    plain = {n: n.rpartition("/")[2].removesuffix(PACKED) for n in names}
    texts_alone = all(p.lower().endswith((*TEXTS.endings, *FASTA)) for p in plain.values())
    stems = {p.rpartition(".")[0] for p in plain.values()}
    numbered = any(NUMBER.search(stem) for stem in stems)
    if (texts_alone and numbered) or (not texts_alone and (len(stems) > 1 or "" in stems)):
        return {}
    folders = {n: n.rpartition("/")[0] for n in names}
    splits = {n: split_of(f"{folder}/x") if folder else "" for n, folder in folders.items()}
    if len(set(folders.values())) > 1 and not all(splits.values()):
        return {}
    word = 0 if texts_alone else 2
    found = {n: (plain[n].rpartition(".")[word], splits[n] or "train") for n in names}
    return found if len({c for c, _ in found.values()}) > 1 else {}


def read_class_files(title: str, files: Files, found: Mapping[str, tuple[str, str]], settings: DataSettings) -> Source:
    """Read files that are a class each, a text on each line (of FASTA a record). Empty lines are left out, and counted."""
    rows: list[str] = []
    codes: list[int] = []
    members: dict[str, list[int]] = {}
    notes: list[str] = []
    classes = sorted({c for c, _ in found.values()})
    empty = 0
    for name, (label, split) in found.items():
        lines = _noted(_rows(files, name, settings), notes)
        there = [line.strip() for line in lines if line.strip()]
        empty += len(lines) - len(there)
        members.setdefault(split, []).extend(range(len(rows), len(rows) + len(there)))
        rows += there
        codes += [classes.index(label)] * len(there)
    splits = {s: np.array(ids, dtype=np.int64) for s, ids in members.items()} if len(members) > 1 else None
    source = _labelled(title, rows, np.array(codes), classes, splits, "line", "class", settings)
    named = ", ".join(shown(n) for n in list(found)[:6]) + (", ..." if len(found) > 6 else "")
    about = [f"class: the file of a line ({named}), {len(classes)} classes"]
    about += [f"{empty:,} empty lines left out"] if empty else []
    return Source(
        title, source.fields, source.inputs, source.targets, splits=splits, notes=(*source.notes, *about, *notes)
    )


def read_fasta(files: Files, name: str, settings: DataSettings) -> Source:
    """Read the records of one FASTA file: their class is the last word of each title, where these are few; else there is none."""
    titles, rows, note = records_of(files, name, settings.encoding)
    words = [t.replace("|", " ").split() for t in titles]
    labels = sorted({w[-1] for w in words if len(w) > 1})
    notes = [note] if note else []
    if len(labels) > 1 and all(len(w) > 1 for w in words) and len(labels) <= min(MOST_CLASSES, len(words) // 2):
        codes = np.array([labels.index(w[-1]) for w in words])
        source = _labelled(name, rows, codes, labels, None, "record", "class", settings)
        about = f"class: the last word of the title of a record, {len(labels)} classes"
        return Source(name, source.fields, source.inputs, source.targets, notes=(*source.notes, about, *notes))
    return from_lines(name, rows, settings, ["the titles of the records name no classes", *notes])


def _labelled(
    title: str,
    rows: Sequence[str],
    codes: np.ndarray,
    classes: Sequence[str],
    splits: Mapping[str, np.ndarray] | None,
    form: str,
    target: str,
    settings: DataSettings,
) -> Source:
    fields = {"text": texts(rows, **reading_of(settings, form)), target: categories(codes, classes)}
    one = {"line": "one a line", "file": "one a file", "record": "one a record"}[form]
    return Source(title, fields, ("text",), (target,), splits=splits, notes=(f"text: {len(rows):,} texts, {one}",))


def _rows(files: Files, name: str, settings: DataSettings) -> tuple[list[str], str]:
    if name.lower().removesuffix(PACKED).endswith(FASTA):
        _, rows, note = records_of(files, name, settings.encoding)
        return rows, note
    return lines_of(files, name, settings.encoding)


def _noted(read: tuple[Any, str], notes: list[str]) -> Any:
    """The first of two, and the second among the notes where it says something new."""
    if read[1] and read[1] not in notes:
        notes.append(read[1])
    return read[0]
