"""Image tables: pictures that a column of a table names, with the labels in another column."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepglass.data.readers.files import Folder, shown
from deepglass.data.readers.images import image_field, moved
from deepglass.data.readers.table_files import read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError


def picture_column(settings: DataSettings) -> str | None:
    """Return the column that `kinds` says holds file names of pictures. Raises: SettingError, for more than one."""
    columns = [name for name, kind in settings.kinds.items() if kind == "image"]
    if len(columns) > 1:
        raise SettingError(f"kinds names {len(columns)} columns of pictures, {', '.join(columns)}. Load one of them.")
    return columns[0] if columns else None


def read_image_table(path: Path, column: str, settings: DataSettings) -> Source:
    """Read the pictures that a column of a table names, relative to the folder of the table.

    The network is given the pictures alone; target, weight, group, time and split are columns as in any table.
    Raises: DataError, naming row and file, when a picture is not there, is damaged or lies outside that folder.
    """
    if isinstance(settings.test, str):
        raise SettingError(f"test={settings.test!r}: say which pictures are for the test in a column, with split=.")
    table = read_table(path, TableFormat.of(settings))
    target = settings.target or list(table.columns)[-1]
    if column in ([target] if isinstance(target, str) else target):
        raise SettingError(f"{path}: the column {column!r} holds the pictures. Name another one as target.")
    # The names of files are read as a category, whose classes they are: so all that tables can do, these can.
    asked = settings.model_copy(update={"inputs": [column], "kinds": {**settings.kinds, column: "category"}})
    source = from_table(table, asked)
    listed = source.fields["features"]
    classes = inside(path, column, listed.columns[0].classes)
    codes = np.asarray(listed.values)[:, 0].astype(np.int64)
    files = Folder(path.parent, listed=False)
    problems = {n: p for n in classes if (p := files.problem(n))}
    image, kept, notes, facts = image_field(files, [classes[c] for c in codes], problems, settings)
    fields = {column: image}
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
        notes=(f"{column}: names of pictures, beside the table", *notes, *source.notes[1:]),
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
