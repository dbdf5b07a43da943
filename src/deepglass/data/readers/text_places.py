"""Text places: whether the text of a file or a folder is stories, tagged sentences, two languages, labelled texts, or one text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepglass.data.readers.archives import is_archive
from deepglass.data.readers.babi import babi_names, is_babi_text, read_babi, read_babi_file
from deepglass.data.readers.files import Entry, Files, Folder, shown
from deepglass.data.readers.folders import CLUTTER
from deepglass.data.readers.labelled_texts import (
    TEXTS,
    class_files,
    read_class_files,
    read_class_folders,
    read_fasta,
)
from deepglass.data.readers.parallel import SOURCE, parallel_names, read_pair, read_parallel, split_of
from deepglass.data.readers.running_text import from_lines, from_running_text, is_list
from deepglass.data.readers.table_files import is_table
from deepglass.data.readers.tagged import ENDINGS as TAGGED
from deepglass.data.readers.tagged import is_tagged_text, read_tagged
from deepglass.data.readers.text_lines import FASTA, PACKED, file_of, text_of
from deepglass.data.settings import TABLE_SETTINGS, DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted
from deepglass.settings import said

BESIDE = {"readme", "license", "licence", "copying", "changelog", "sha256sums"}  # files about the data
SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 1 << 16  # bytes of a .txt file that say whether it is a table
ALIKE = 0.9  # share of its lines that have as many fields, from which on it is one
FEW_LINES = 50
TEXT_SETTINGS = ("texts", "level", "lowercase", "length", "vocabulary", "least_count", "context", "context_stride")
MOST_LETTERS = 1024  # of a path


def is_text_file(path: Path, settings: DataSettings) -> bool:
    """Whether a file holds text, and no table: by its ending, of .txt by what stands in it."""
    ending = path.name.lower().removesuffix(PACKED).rpartition(".")[2]
    if f".{ending}" in (*TAGGED, *FASTA, ".text") or path.name.lower().endswith(f".txt{PACKED}"):
        return path.is_file()
    if ending != "txt" or not path.is_file():
        return settings.texts != "auto" and path.is_file()
    if said(settings, TEXT_SETTINGS):
        return True
    of_tables = ("target", "inputs", "kinds", *(n for n in TABLE_SETTINGS if n != "encoding"))
    return not said(settings, of_tables) and not _is_table_text(path)


def are_files(source: Any) -> bool:
    """Whether something is several paths: two in a tuple, or files that are there in a list."""
    if not isinstance(source, tuple | list) or not source or not all(isinstance(p, str | Path) for p in source):
        return False
    if isinstance(source, tuple) or any(isinstance(p, Path) for p in source):
        return True
    return all(len(p) < MOST_LETTERS and Path(p).is_file() for p in source)


def files_like(path: Path) -> list[Path]:
    """The files that a name with * or ? stands for, such as sentiment/rt-polarity.*; none, where it is a plain name."""
    if not {"*", "?"} & set(path.name) or not path.parent.is_dir():
        return []
    return sorted(p for p in path.parent.glob(path.name) if p.is_file())


def may_hold_texts(source: Any) -> bool:
    """Whether a source is a place or files, of which only reading tells what they hold."""
    if not isinstance(source, str | Path):
        return are_files(source)
    path = Path(source)
    return path.is_dir() or (is_archive(path) and path.is_file()) or bool(files_like(path)) or path.suffix != ""


def read_text_file(path: Path, settings: DataSettings) -> Source:
    """Read one file of text as what it is: stories, tagged sentences, records of letters, lines, or one running text.

    Raises: DataError, naming file and line; SettingError, for a test that is a file.
    """
    files, name = file_of(path)
    ending = path.suffix.lower()
    if ending in FASTA:
        return read_fasta(files, name, settings)
    if ending in TAGGED:
        return read_tagged(name, files, {name: "train"}, settings)
    text, note = text_of(files, name, settings.encoding)
    if settings.texts == "auto" and is_babi_text(text):
        return read_babi_file(path, settings)
    if settings.texts == "auto" and is_tagged_text(text):
        return read_tagged(name, files, {name: "train"}, settings)
    if not text.strip():
        raise DataError(f"{path} holds no line of text. Give a file with at least a few.")
    notes = [note] if note else []
    lines = text.removesuffix("\n").split("\n")
    as_lines = is_list(lines) if settings.texts == "auto" else settings.texts == "lines"
    return from_lines(name, lines, settings, notes) if as_lines else from_running_text(name, text, settings, notes)


def read_texts(files: Files, settings: DataSettings) -> Source | None:
    """Read what text a folder or an archive holds; None where it holds none, or pictures or recordings beside it.

    Raises: DataError and SettingError, naming file, line and mend.
    """
    if babi_names(files) and settings.label_pattern is None:
        return _chosen(read_babi(files, settings), settings)
    entries, left_out = _candidates(files)
    found = _reader(_Kept(files, entries), entries, settings) if entries else None
    if found is None:
        if settings.encoding is not None:
            raise SettingError(
                f"data.encoding={settings.encoding!r} goes with text; {files.title} holds none. Leave it out."
            )
        return None
    source = _chosen(found(), settings)
    if left_out:
        some = ", ".join(shown(e.name) for e in left_out[:3]) + (", ..." if len(left_out) > 3 else "")
        note = f"{counted(len(left_out), 'file')} left out: about the data, or none of its texts ({some})"
        return replace(source, notes=(*source.notes, note))
    return source


def _chosen(source: Source, settings: DataSettings) -> Source:
    """Leave out inputs that inputs= does not name. Raises: SettingError, for a field that is not there."""
    if source.inputs == (SOURCE,):  # these name languages
        return source
    asked = [settings.target] if isinstance(settings.target, str) else list(settings.target or [])
    wrong = next((n for n in asked if n not in source.targets), "") or next(
        (n for n in settings.inputs or [] if n not in source.inputs), ""
    )
    if wrong:
        raise SettingError(
            f"{source.name} has the inputs {', '.join(source.inputs)} and the target {', '.join(source.targets)}, and no {wrong!r} "
            f"among them. Name one of these."
        )
    return replace(source, inputs=tuple(settings.inputs)) if settings.inputs else source


def read_several(paths: Sequence[str | Path], settings: DataSettings) -> Source:
    """Read files that are named one by one: two in a tuple are source and target, more (or a list) a class each.

    Raises: DataError, when one is not there, or their names say no classes.
    """
    places = [Path(p) for p in paths]
    for path in places:
        file_of(path)
    if isinstance(paths, tuple) and len(places) == 2:
        return read_pair(places, settings)
    folders = {p.parent for p in places}
    if len(folders) > 1:
        raise DataError(
            f"The files lie in {len(folders)} folders ({places[0]}, ...). Put them into one, or give that folder."
        )
    found = class_files([Entry(p.name) for p in places])
    if not found:
        listed = ", ".join(p.name for p in places[:6])
        raise DataError(
            f"The names of the files say no classes: {listed}. Call them CLASS.txt, or NAME.CLASS all with one name."
        )
    return read_class_files(places[0].parent.name or "texts", Folder(places[0].parent, listed=False), found, settings)


def _reader(files: Files, entries: Sequence[Entry], settings: DataSettings) -> Callable[[], Source] | None:
    title = Path(files.title).name
    if settings.label_pattern is not None:
        return lambda: read_class_folders(files, settings)
    tagged = [e.name for e in entries if e.name.lower().endswith(TAGGED)]
    if tagged and len(tagged) == len(entries):
        splits = {name: split_of(name) or "train" for name in tagged}
        return lambda: read_tagged(title, files, splits, settings)
    parallel = parallel_names(entries)
    if parallel:
        return lambda: read_parallel(files, parallel, settings)
    classes = class_files(entries)
    if classes and _few_levels(entries):
        return lambda: read_class_files(title, files, classes, settings)
    if not any(e.name.lower().endswith(TEXTS.endings) for e in entries):
        return None
    if len(entries) == 1:
        raise DataError(
            f"{files.title} holds one text, {shown(entries[0].name)}. Load this file itself to go on writing it."
        )
    return lambda: read_class_folders(files, settings)


class _Kept:
    """The files of a place that hold text, without those about the data."""

    def __init__(self, files: Files, entries: list[Entry]) -> None:
        self.title, self.entries = files.title, entries
        self.folders = {f for f in files.folders if any(e.name.startswith(f"{f}/") for e in entries)}
        self.where, self.read, self.head = files.where, files.read, files.head


def _few_levels(entries: Sequence[Entry]) -> bool:
    """Whether files lie in one folder, or in one for each split: those further down are texts of a class each."""
    folders = {e.name.rpartition("/")[0] for e in entries}
    return len(folders) == 1 or all(split_of(f"{f}/x") for f in folders)


def _candidates(files: Files) -> tuple[list[Entry], list[Entry]]:
    """The files of a place that hold text, and the others; no text at all where pictures, tables or the like are among them."""
    kept: list[Entry] = []
    left: list[Entry] = []
    for entry in files.entries:
        last = entry.name.rpartition("/")[2].lower()
        if any(p.startswith(".") or p.lower() in CLUTTER for p in entry.parts):
            continue
        if BESIDE & set(re.split(r"[._-]", last)) or last.endswith((".md", ".zip", ".tar", ".tar.gz", ".tgz")):
            left.append(entry)
        elif entry.problem or not _is_text_entry(files, entry.name, last):
            return [], []
        else:
            kept.append(entry)
    return kept, left


def _is_text_entry(files: Files, name: str, last: str) -> bool:
    if last.endswith((*TEXTS.endings, *TAGGED, *FASTA)):
        return True
    plain = last.removesuffix(PACKED)
    other = is_table(Path(plain)) or plain.endswith((".json", ".xml", ".yaml", ".html", ".py", ".pdf"))
    return not other and "." in plain and (last != plain or TEXTS.is_one(files.head(name)[:16]))


def _is_table_text(path: Path) -> bool:
    """Whether a .txt file is a table: its lines have as many fields, two or more; no line between them is blank."""
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    text = sample.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if is_babi_text(text) or is_tagged_text(text):
        return False
    lines = [line for line in text.split("\n")[:FEW_LINES] if line.strip()]
    for mark in SEPARATORS:
        counts = [line.count(mark) for line in lines]
        if counts and counts[0] and counts.count(counts[0]) >= ALIKE * len(counts):
            return True
    return False
