"""Table files: which files hold a table, and reading each with its own reader."""

from collections.abc import Sequence
from pathlib import Path

from deepglass.data.readers.files import absent
from deepglass.data.readers.parquet import read_parquet
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_table import read_text_table

TEXT = (".csv", ".tsv", ".tab", ".psv", ".txt", ".data", ".dat")
PARQUET = (".parquet", ".pq")


def is_table(path: Path) -> bool:
    """Whether a file is read as a table, by the ending of its name."""
    return path.suffix.lower() in TEXT + PARQUET


def read_table(path: Path, form: TableFormat | None = None, *, optional: Sequence[str] = ()) -> Table:
    """Read a table file. Arguments and errors: `read_text_table`."""
    if not path.is_file():
        raise absent(path)
    if path.suffix.lower() in PARQUET:
        return read_parquet(path)
    return read_text_table(path, form, optional=optional)
