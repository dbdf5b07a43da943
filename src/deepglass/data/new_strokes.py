"""New strokes: drawings for a trained network, out of files, folders, archives or a table, read as those that were learned from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.readers.archives import is_archive, open_archive
from deepglass.data.readers.files import Files, Folder, absent
from deepglass.data.readers.strokes import (
    holds_strokes,
    is_stroke_file,
    is_stroke_table,
    read_stroke_file,
    read_stroke_table,
    read_strokes,
)
from deepglass.data.readers.table_files import is_table, read_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError


class NewStrokes(NamedTuple):
    """Raw drawings by the name of their field, and the file of each, where they are files."""

    values: dict[str, Ragged]
    names: list[str]


def new_strokes(new: Any, fields: Mapping[str, Field]) -> NewStrokes | None:
    """Read drawings from paths; None where something else was given, or a network takes no drawings.

    Raises: DataError, when a path holds none, or the network is told something beside them that no file says.
    """
    inputs = {n: f for n, f in fields.items() if f.role == "input"}
    strokes = next((f for f in inputs.values() if f.kind == "strokes"), None)
    paths = [new] if isinstance(new, str | Path) else new if isinstance(new, list | tuple) else []
    if strokes is None or not paths or not all(isinstance(p, str | Path) for p in paths):
        return None
    if len(inputs) > 1:
        others = ", ".join(n for n in inputs if n != strokes.name)
        raise DataError(
            f"The network is told {others} beside the drawings. Give a dictionary with an array for each input."
        )
    simplify = strokes.encoding.get("reading", {}).get("simplify")
    sources = [_read(Path(p), DataSettings(inputs=["strokes"], simplify=simplify)) for p in paths]
    drawings = [one for s in sources for one in _drawings(s)]
    names = [name for s in sources for name in s.names]
    return NewStrokes({strokes.name: Ragged.of(drawings)}, names if len(names) == len(drawings) else [])


def _drawings(source: Source) -> list[Any]:
    values = source.fields["strokes"].values
    return [values[i] for i in range(len(values))]


def _read(path: Path, settings: DataSettings) -> Source:
    if not path.exists():
        raise absent(path)
    if path.is_dir() or is_archive(path):
        files: Files = Folder(path) if path.is_dir() else open_archive(path)
        if holds_strokes(files):
            return read_strokes(files, settings)
    elif is_stroke_file(path):
        return read_stroke_file(path, settings)
    elif is_table(path) and is_stroke_table(table := read_table(path)):
        return read_stroke_table(table, settings)
    raise DataError(
        f"{path} holds no drawings. Readable: text that begins with START, JSON, or a table of drawing, stroke, x, y."
    )
