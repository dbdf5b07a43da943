"""File tables: pictures or recordings that a column of a table names, with the labels in another column."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepglass.data.readers.file_source import FILE_KINDS
from deepglass.data.readers.files import Folder, shown
from deepglass.data.readers.images import moved
from deepglass.data.readers.table_files import read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError


def file_column(settings: DataSettings) -> str | None:
    """Return the column that `kinds` says holds names of pictures or recordings. Raises: SettingError, for more than one."""
    columns = [name for name, kind in settings.kinds.items() if kind in FILE_KINDS]
    if len(columns) > 1:
        raise SettingError(f"kinds names {len(columns)} columns of files, {', '.join(columns)}. Load one of them.")
    return columns[0] if columns else None


def read_file_table(path: Path, column: str, settings: DataSettings) -> Source:
    """Read the files that a column of a table names, relative to the folder of the table.

    The network is given the pictures or the recordings alone; target, weight, group, time and split are columns as in any table.
    Raises: DataError, naming row and file, when a file is not there, is damaged or lies outside that folder.
    """
    kind = FILE_KINDS[settings.kinds[column]]
    if isinstance(settings.test, str):
        raise SettingError(
            f"test={settings.test!r}: say which {kind.wanted.many} are for the test in a column, with split=."
        )
    table = read_table(path, TableFormat.of(settings))
    target = settings.target or list(table.columns)[-1]
    if column in ([target] if isinstance(target, str) else target):
        raise SettingError(f"{path}: the column {column!r} holds the {kind.wanted.many}. Name another one as target.")
    # The names of files are read as a category, whose classes they are: so all that tables can do, these can.
    asked = settings.model_copy(update={"inputs": [column], "kinds": {**settings.kinds, column: "category"}})
    source = from_table(table, asked)
    listed = source.fields["features"]
    classes = inside(path, column, listed.columns[0].classes)
    codes = np.asarray(listed.values)[:, 0].astype(np.int64)
    files = Folder(path.parent, listed=False)
    problems = {n: p for n in classes if (p := files.problem(n))}
    field, kept, notes, facts = kind.read_field(files, [classes[c] for c in codes], problems, settings)
    fields = {column: field}
    for name in source.targets:
        raw = source.fields[name]
        fields[name] = replace(raw, values=raw.values[kept])

    def of_kept(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[kept]

    return replace(
        source,
        fields=fields,
        inputs=(column,),
        splits=None if source.splits is None else {n: moved(ids, kept) for n, ids in source.splits.items()},
        notes=(f"{column}: names of {kind.wanted.many}, beside the table", *notes, *source.notes[1:]),
        facts={**source.facts, **facts},
        names=tuple(classes[codes[i]] for i in kept),
        weights=of_kept(source.weights),
        groups=of_kept(source.groups),
        times=of_kept(source.times),
    )


def inside(path: Path, column: str, names: Iterable[object]) -> list[str]:
    """The names of files that a table holds, with "/" between their parts. Raises: DataError, for one that leads out."""
    plain = [str(name).replace("\\", "/") for name in names]
    for name in plain:
        if name.startswith("/") or ".." in name.split("/") or "\0" in name or name[1:2] == ":":
            raise DataError(
                f"{path}, column {column!r}: {shown(name)!r} leads out of the folder of the table. Name files below it."
            )
    return plain
