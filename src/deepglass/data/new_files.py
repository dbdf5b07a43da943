"""New files: pictures or recordings to predict, out of files, folders, archives or a table that names them, read part by part."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.readers.archives import is_archive, open_archive
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.file_source import FILE_KINDS, kind_of
from deepglass.data.readers.file_table import inside
from deepglass.data.readers.files import Files, Folder, absent, shown
from deepglass.data.readers.folders import Wanted, wanted_among
from deepglass.data.readers.picture import read_picture
from deepglass.data.readers.pictures import in_threads
from deepglass.data.readers.recording import read_recording
from deepglass.data.readers.recordings import in_form
from deepglass.data.readers.table_files import is_table, read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.errors import DataError, DeepglassWarning

READABLE = {"image": "PNG, JPEG, BMP, GIF, TIFF, WebP", "signal": "WAV, and with soundfile FLAC, Ogg, MP3"}


@dataclass(frozen=True)
class Found:
    """One file: where it lies, and what it is called in the answer. `problem` says why it cannot be read, if known."""

    files: Files
    name: str
    called: str
    problem: str = ""


class NewFiles:
    """Pictures in the colours, size and range of those that were learned, or recordings at their rate. None needs a class.

    Args: left_out: what lies beside them and is none.
    """

    def __init__(self, found: Sequence[Found], field: Field, left_out: Sequence[str]) -> None:
        self.found, self.field, self.left_out = found, field, left_out
        self.word = FILE_KINDS[field.kind].wanted.many
        self.unreadable: list[str] = []  # sentences, of all that were read so far

    def __len__(self) -> int:
        return len(self.found)

    def read(self, start: int, end: int) -> tuple[Any, list[str]]:
        """Read the files from `start` to `end`. Returns: raw values of those that can be read, as in `Raw`; their names."""
        values, names = [], []
        for place, one in enumerate(in_threads(self._one, range(start, min(end, len(self))))):
            if isinstance(one, str):
                self.unreadable.append(one)
            else:
                values.append(one)
                names.append(self.found[start + place].called)
        if self.field.kind == "signal":
            none = Ragged(torch.zeros(0, self.field.shape[0]), torch.zeros(1, dtype=torch.int64))
            return Ragged.of([torch.from_numpy(v) for v in values]) if values else none, names
        return (np.stack(values) if values else np.zeros((0, *self.field.shape))), names

    def close(self, *, skip_unreadable: bool) -> None:
        """Say what was left out. Raises: DataError, naming every file that cannot be read, unless they may be skipped."""
        bad, every = len(self.unreadable), len(self)
        counted = f"{bad:,} of {every:,} {self.word} cannot be read"
        listed = "".join(f"\n  {sentence}" for sentence in self.unreadable)
        if bad and bad == every:
            raise DataError(f"{counted}.{listed}")
        if bad and not skip_unreadable:
            mend = "Correct or remove them, or leave them out with skip_unreadable=True (--skip-unreadable)."
            raise DataError(f"{counted}. {mend}{listed}")
        if bad:
            warnings.warn(f"{counted} and were left out:{listed}", DeepglassWarning, stacklevel=4)
        if self.left_out:
            some = ", ".join(self.left_out[:3]) + (", ..." if len(self.left_out) > 3 else "")
            told = f"Left out, because no {self.word} by name or content: {len(self.left_out):,} ({some})."
            warnings.warn(told, DeepglassWarning, stacklevel=4)

    def _one(self, index: int) -> np.ndarray | str:
        found = self.found[index]
        where = found.files.where(found.name)
        if found.problem:
            return f"{where} {found.problem}."
        try:
            return READ[self.field.kind](self.field, found.files.read(found.name), where)
        except DataError as error:
            return str(error)


def new_files(new: Any, fields: Mapping[str, Field]) -> NewFiles | None:
    """Find the files that are to be predicted; None when `new` holds none, but arrays or a table of values.

    Args: fields: those of the run, inputs and targets.
    Raises: DataError, when the network does not take such files, or a folder or archive holds none.
    """
    paths = [Path(new)] if isinstance(new, str | Path) else new if isinstance(new, list | tuple) else []
    if not paths or not all(isinstance(p, str | Path) for p in paths):
        return None
    paths = [Path(p) for p in paths]
    inputs = {n: f for n, f in fields.items() if f.role == "input"}
    field = next(iter(inputs.values()))
    takes = len(inputs) == 1 and field.kind in FILE_KINDS
    if takes and len(paths) == 1 and is_table(paths[0]):
        if field.encoding.get("reading"):  # signals that were read out of a table themselves
            return None
        return NewFiles(_named_in(paths[0], field, [n for n in fields if n not in inputs]), field, [])
    endings = [e for kind in FILE_KINDS.values() for e in kind.wanted.endings]
    if not all(p.is_dir() or is_archive(p) or p.suffix.lower() in endings for p in paths):
        return None
    if not takes:
        raise DataError(
            f"{paths[0]} holds {_held(paths[0])}, but the network takes {', '.join(inputs)}. Give examples like those that it has "
            f"learned from."
        )
    if field.kind == "image" and field.shape[0] not in (1, 3):
        raise DataError(
            f"{paths[0]} holds pictures, and the network takes {field.shape[0]} channels. Give an array instead."
        )
    found: list[Found] = []
    left_out: list[str] = []
    for path in paths:
        if path.is_dir() or is_archive(path):
            more, others = _within(path, field, alone=len(paths) == 1)
            found, left_out = found + more, left_out + others
        elif not path.is_file():
            raise absent(path)
        else:
            found.append(Found(Folder(path.parent, listed=False), path.name, str(path)))
    return NewFiles(found, field, left_out)


def _within(path: Path, field: Field, *, alone: bool) -> tuple[list[Found], list[str]]:
    """The files of a kind in a folder or an archive, however deep, and those that are of none."""
    wanted: Wanted = FILE_KINDS[field.kind].wanted
    if not path.exists():
        raise absent(path)
    files: Files = Folder(path) if path.is_dir() else open_archive(path)
    entries, others = wanted_among(files, wanted)
    if not entries:
        raise DataError(f"{path} holds no {wanted.many}. Readable: {READABLE[field.kind]}.")
    before = "" if alone else f"{path.as_posix()}/"
    return [Found(files, e.name, before + shown(e.name), e.problem) for e in entries], [shown(e.name) for e in others]


def _held(path: Path) -> str:
    """What a file, a folder or an archive holds, in a word."""
    if path.is_dir() or (is_archive(path) and path.is_file()):
        return FILE_KINDS[kind_of(Folder(path) if path.is_dir() else open_archive(path))].wanted.many
    return next((k.wanted.many for k in FILE_KINDS.values() if path.suffix.lower() in k.wanted.endings), "files")


def _named_in(path: Path, field: Field, targets: Sequence[str]) -> list[Found]:
    """The files that a table names, relative to its own folder: in the column of the input, or in its only one."""
    table = read_table(path, optional=targets)
    columns = list(table.columns)
    column = field.name if field.name in columns else columns[0]
    if column != field.name and len(columns) > 1:
        many = FILE_KINDS[field.kind].wanted.many
        there = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        raise DataError(
            f"{path}: the network was trained on {many}, and this table has no column {field.name!r} that names their files; it "
            f"has {there}. Call that column {field.name!r}, or give the {many} themselves: files, a folder, a .zip or .tar."
        )
    taken = take_column(table, column, TableFormat(), kind="category")
    classes = inside(path, column, taken.column.classes if taken.column is not None else ())
    if taken.missing.any():
        rows = table.rows(np.flatnonzero(taken.missing).tolist())
        raise DataError(f"{path}, column {column!r}: no file is named in {rows}. Remove what is empty.")
    files = Folder(path.parent, listed=False)
    problems = {name: files.problem(name) for name in classes}
    return [Found(files, n, shown(n), problems[n]) for n in (classes[int(code)] for code in taken.values)]


def _picture(field: Field, data: bytes, where: str) -> np.ndarray:
    channels, height, width = field.shape
    pixels, _ = read_picture(data, where, grey=channels == 1, size=(height, width))
    top = field.encoding.get("top", 255)
    return pixels if top == 255 else pixels.astype(np.float32) * (top / 255)


def _recording(field: Field, data: bytes, where: str) -> np.ndarray:
    samples, rate = read_recording(data, where)
    return in_form(samples, rate, field.shape[0], field.rate, where)


READ: dict[str, Callable[[Field, bytes, str], np.ndarray]] = {"image": _picture, "signal": _recording}
