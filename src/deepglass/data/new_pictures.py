"""New pictures: examples to predict, out of files, folders, archives or a table that names them, decoded part by part."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.readers.archives import is_archive, open_archive
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.files import Files, Folder, shown
from deepglass.data.readers.folders import pictures_among
from deepglass.data.readers.image_table import inside
from deepglass.data.readers.picture import ENDINGS, read_picture
from deepglass.data.readers.pictures import in_threads
from deepglass.data.readers.table_files import is_table, read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.errors import DataError, DeepglassWarning


@dataclass(frozen=True)
class Found:
    """One picture: where it lies, and what it is called in the answer. `problem` says why it cannot be read, if known."""

    files: Files
    name: str
    called: str
    problem: str = ""


class NewPictures:
    """Pictures in the colours, the size and the range of those that were learned. None needs a class.

    Args: left_out: what lies beside them and is no picture.
    """

    def __init__(self, found: Sequence[Found], field: Field, left_out: Sequence[str]) -> None:
        self.found, self.field, self.left_out = found, field, left_out
        self.unreadable: list[str] = []  # sentences, of all that were read so far

    def __len__(self) -> int:
        return len(self.found)

    def read(self, start: int, end: int) -> tuple[np.ndarray, list[str]]:
        """Decode the pictures from `start` to `end`. Returns: those that can be read (n, channels, height, width), names."""
        arrays, names = [], []
        for place, pixels in enumerate(in_threads(self._one, range(start, min(end, len(self))))):
            if isinstance(pixels, str):
                self.unreadable.append(pixels)
            else:
                arrays.append(pixels)
                names.append(self.found[start + place].called)
        return (np.stack(arrays) if arrays else np.zeros((0, *self.field.shape))), names

    def close(self, *, skip_unreadable: bool) -> None:
        """Say what was left out. Raises: DataError, naming every picture that cannot be read, unless they may be skipped."""
        bad, every = len(self.unreadable), len(self)
        counted = f"{bad:,} of {every:,} pictures cannot be read"
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
            told = f"Left out, because no pictures by name or content: {len(self.left_out):,} ({some})."
            warnings.warn(told, DeepglassWarning, stacklevel=4)

    def _one(self, index: int) -> np.ndarray | str:
        found, (channels, height, width) = self.found[index], self.field.shape
        where = found.files.where(found.name)
        if found.problem:
            return f"{where} {found.problem}."
        try:
            data = found.files.read(found.name)
            pixels, _ = read_picture(data, where, grey=channels == 1, size=(height, width))
        except DataError as error:
            return str(error)
        top = self.field.encoding.get("top", 255)
        return pixels if top == 255 else pixels.astype(np.float32) * (top / 255)


def new_pictures(new: Any, fields: Mapping[str, Field]) -> NewPictures | None:
    """Find the pictures that are to be predicted; None when `new` holds none, but arrays or a table of values.

    Args: fields: those of the run, inputs and targets.
    Raises: DataError, when the network does not take pictures, or a folder or archive holds none.
    """
    paths = [Path(new)] if isinstance(new, str | Path) else new if isinstance(new, list | tuple) else []
    if not paths or not all(isinstance(p, str | Path) for p in paths):
        return None
    paths = [Path(p) for p in paths]
    inputs = {n: f for n, f in fields.items() if f.role == "input"}
    field = next(iter(inputs.values()))
    takes = len(inputs) == 1 and field.kind == "image"
    if takes and len(paths) == 1 and is_table(paths[0]):
        return NewPictures(_named_in(paths[0], field, [n for n in fields if n not in inputs]), field, [])
    if not all(p.is_dir() or is_archive(p) or p.suffix.lower() in ENDINGS for p in paths):
        return None
    if not takes:
        raise DataError(f"{paths[0]} holds pictures, but the network takes {', '.join(inputs)}.")
    if field.shape[0] not in (1, 3):
        raise DataError(
            f"{paths[0]} holds pictures, and the network takes {field.shape[0]} channels. Give an array instead."
        )
    found: list[Found] = []
    left_out: list[str] = []
    for path in paths:
        if path.is_dir() or is_archive(path):
            more, others = _within(path, alone=len(paths) == 1)
            found, left_out = found + more, left_out + others
        elif not path.is_file():
            raise DataError(f"There is no file {path}.")
        else:
            found.append(Found(Folder(path.parent, listed=False), path.name, str(path)))
    return NewPictures(found, field, left_out)


def _within(path: Path, *, alone: bool) -> tuple[list[Found], list[str]]:
    """The pictures of a folder or an archive, however deep, and the files that are none."""
    if not path.exists():
        raise DataError(f"There is no file {path}.")
    files: Files = Folder(path) if path.is_dir() else open_archive(path)
    pictures, others = pictures_among(files)
    if not pictures:
        raise DataError(f"{path} holds no pictures. Readable: PNG, JPEG, BMP, GIF, TIFF, WebP.")
    before = "" if alone else f"{path.as_posix()}/"
    return [Found(files, e.name, before + shown(e.name), e.problem) for e in pictures], [shown(e.name) for e in others]


def _named_in(path: Path, field: Field, targets: Sequence[str]) -> list[Found]:
    """The pictures that a table names, relative to its own folder: in the column of the input, or in its only one."""
    table = read_table(path, optional=targets)
    columns = list(table.columns)
    column = field.name if field.name in columns else columns[0]
    if column != field.name and len(columns) > 1:
        raise DataError(f"{path}: the files are named in a column {field.name!r}; it has {', '.join(columns)}.")
    taken = take_column(table, column, TableFormat(), kind="category")
    classes = inside(path, column, taken.column.classes if taken.column is not None else ())
    if taken.missing.any():
        rows = table.rows(np.flatnonzero(taken.missing).tolist())
        raise DataError(f"{path}, column {column!r}: no file is named in {rows}. Remove what is empty.")
    files = Folder(path.parent, listed=False)
    problems = {name: files.problem(name) for name in classes}
    return [Found(files, n, shown(n), problems[n]) for n in (classes[int(code)] for code in taken.values)]
