"""Tables of the catalogue: read as a file of one's own is, then compared with the cells that are known."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from deepglass.data.catalogue.entry import Content
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_table import read_text_table
from deepglass.data.readers.texts import Texts
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError

AGAIN = "Get the file anew."


@dataclass(frozen=True)
class Cells:
    """What a table has to hold, however it is written: its columns, its rows, and the SHA-256 of `digest`."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


def known_table(
    content: Content, settings: DataSettings, cells: Cells, *, renamed: Mapping[str, str] | None = None
) -> Table:
    """Read a table of the catalogue.

    Args: renamed: columns that some copies call by another name: theirs, then ours.
    Raises: DataError, when its columns, its rows or its cells are not those that are known.
    """
    table = read_text_table(content.path, TableFormat.of(settings), content=content.data)
    names = {(renamed or {}).get(n, n): c for n, c in table.columns.items()}
    table = replace(table, columns=names)
    if tuple(names) != cells.columns:
        raise DataError(
            f"{content.path}: has the columns {', '.join(names)} instead of {', '.join(cells.columns)}. {AGAIN}"
        )
    if len(table) != cells.rows:
        raise DataError(f"{content.path}: has {len(table):,} rows instead of {cells.rows:,}. {AGAIN}")
    found = digest(table)
    if found != cells.sha256:
        raise DataError(
            f"{content.path}: its cells differ from those of the published table (their SHA-256 is {found} instead of "
            f"{cells.sha256}). {AGAIN}"
        )
    return table


def digest(table: Table) -> str:
    """Return the SHA-256 of the names and cells of a table, column by column, without the blanks around them.

    Line ends, quotes and the marks between cells do not enter into it.
    """
    whole = hashlib.sha256()
    for name, cells in table.columns.items():
        assert isinstance(cells, Texts)  # a text table holds nothing else
        whole.update(b"\x1f".join([name.encode(), *(c.strip() for c in cells.cells())]) + b"\x1e")
    return whole.hexdigest()


def without(columns: Sequence[str], table: Table, settings: DataSettings) -> tuple[Table, DataSettings]:
    """Leave some columns out of the inputs, unless the settings name the inputs themselves; a note says so."""
    if settings.inputs is not None:
        return table, settings
    target = settings.target
    roles = {target} if isinstance(target, str) else set(target or ())
    roles |= {c for c in (settings.weight, settings.group, settings.time, settings.split) if c}
    dropped = [n for n in columns if n not in roles and n not in settings.kinds]
    inputs = [n for n in table.columns if n not in roles and n not in dropped]
    note = f"left out: {', '.join(dropped)}; inputs= can name them"
    return replace(table, notes=(*table.notes, note)), settings.model_copy(update={"inputs": inputs})
