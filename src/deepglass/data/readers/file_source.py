"""File source: a folder or an archive of pictures or of recordings, with a class for each, as a Source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepglass.data.readers.archives import open_archive
from deepglass.data.readers.captions import holds_captions, read_captions
from deepglass.data.readers.file_names import guessed_pattern, lay_out_by_names, layout_of
from deepglass.data.readers.files import Files, Folder
from deepglass.data.readers.folders import PICTURES, Layout, Wanted, wanted_among
from deepglass.data.readers.images import image_field, moved
from deepglass.data.readers.recordings import RECORDINGS, signal_field
from deepglass.data.readers.strokes import holds_strokes, read_strokes
from deepglass.data.readers.text_places import read_texts
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import DataError, SettingError

ReadField = Callable[
    [Files, Sequence[str], Mapping[str, str], DataSettings], tuple[Raw, np.ndarray, list[str], dict[str, str]]
]


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is an example: how it is found, and what reads many of them as one field."""

    wanted: Wanted
    read_field: ReadField


FILE_KINDS = {"image": FileKind(PICTURES, image_field), "signal": FileKind(RECORDINGS, signal_field)}


def read_files(path: Path, settings: DataSettings) -> Source:
    """Read pictures or recordings from a folder or an archive, whichever of them it holds more; drawings or texts where it holds
    these.

    The class is the folder, with or without train/, validation/ and test/ above, or what `label_pattern` finds in each name.
    Recordings that all lie in one folder and are called LABEL_... are taken for labelled so, with a note.
    Raises: DataError, naming the file and what is wrong with it.
    """
    if isinstance(settings.test, str):
        raise SettingError(
            f"test={settings.test!r}: files for the test go into a folder test/ beside train/, or are named by label_pattern."
        )
    files: Files = Folder(path) if path.is_dir() else open_archive(path)
    if holds_strokes(files):
        return read_strokes(files, settings)
    if holds_captions(files):
        return read_captions(files, settings)
    if (texts := read_texts(files, settings)) is not None:
        return texts
    name = kind_of(files)
    kind = FILE_KINDS[name]
    layout = _flat(files, settings) if name == "signal" else None
    layout = layout or layout_of(files, kind.wanted, settings)
    field, kept, notes, facts = kind.read_field(files, layout.names, layout.problems, settings)
    splits = None if layout.splits is None else {n: moved(ids, kept) for n, ids in layout.splits.items()}
    codes = layout.codes[kept]
    left = codes if splits is None or "train" not in splits else codes[splits["train"]]
    lost = [c for i, c in enumerate(layout.classes) if not (left == i).any()]
    if lost:
        raise DataError(
            f"{path}: every {kind.wanted.one} of the class {lost[0]!r} to train on is damaged. Get them anew."
        )
    if layout.target == "class" and settings.label_pattern is None:
        notes = [f"class: the folder of a {kind.wanted.one}, {len(layout.classes)} classes", *notes]
    notes += layout.notes
    if splits is not None:
        stated = ", ".join(f"{n}/ {len(ids):,}" for n, ids in splits.items())
        notes.append(
            f"splits: {stated}, as the folders say"
            if settings.split is None
            else f"splits: {stated}, as {settings.split} says"
        )
    return Source(
        name=path.name,
        fields={name: field, layout.target: categories(codes, layout.classes)},
        inputs=(name,),
        targets=(layout.target,),
        splits=splits,
        notes=tuple(notes),
        facts=facts,
        names=tuple(layout.names[i] for i in kept),
        groups=None if layout.groups is None else layout.groups[kept],
    )


def kind_of(files: Files) -> str:
    """What a place holds more of by the endings of its files: "image" or "signal"; images where it holds neither."""
    endings = [e.name.lower() for e in files.entries]
    counts = {n: sum(e.endswith(kind.wanted.endings) for e in endings) for n, kind in FILE_KINDS.items()}
    return "signal" if counts["signal"] > counts["image"] else "image"


def _flat(files: Files, settings: DataSettings) -> Layout | None:
    """Labels of recordings that all lie in one folder, from their names; None where folders or a pattern say them.

    Only of recordings: many sets of them are called so, pictures seldom are.
    """
    if settings.label_pattern is not None:
        return None
    names = [e.name for e in wanted_among(files, RECORDINGS)[0]]
    if len({name.rpartition("/")[0] for name in names}) != 1:
        return None
    pattern = guessed_pattern(names)
    if pattern is None:
        raise DataError(
            f"{files.title}: all {len(names):,} recordings lie in one folder (first: {names[0]}), so it has to be said which is "
            f"of which class: label_pattern='(?P<label>[^_/]+)_', a regular expression that finds it in each name; or {_table()}; "
            f"or put them into one folder a class."
        )
    layout = lay_out_by_names(files, RECORDINGS, pattern, settings)
    layout.notes[0] = (
        f"label: {len(layout.classes)} classes, taken from the names of the files up to the first '_' (label_pattern= says "
        f"otherwise)"
    )
    return layout


def _table() -> str:
    return "name them in a table with kinds={'file': 'signal'}"
