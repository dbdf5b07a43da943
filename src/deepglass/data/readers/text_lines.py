"""Text lines: the text of a file, plain or packed with gzip, and its lines; nothing but a line end parts two lines."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Any

from deepglass.data.readers.files import Files, Folder, absent
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_file import read_text
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError

PACKED = ".gz"
MOST_UNPACKED = 1 << 30  # bytes of one file
FASTA = (".fa", ".fasta", ".fna", ".ffn", ".faa")


def text_of(files: Files, name: str, encoding: str | None) -> tuple[str, str]:
    """Return the text of a file with plain line ends, and a note when it was written in another encoding than UTF-8.

    Raises: DataError, naming file, line and byte, and an encoding that would fit.
    """
    content = files.read(name)
    where = Path(files.where(name))
    if name.lower().endswith(PACKED):
        content = _unpacked(content, where)
    data, note = read_text(where, encoding, content)
    return data.decode().replace("\r\n", "\n").replace("\r", "\n"), note


def lines_of(files: Files, name: str, encoding: str | None) -> tuple[list[str], str]:
    """Return the lines of a file, empty ones among them, and a note as `text_of`. Raises: DataError, for a file without any.

    Only line ends part them: a byte 0x85 of windows-1252 is an ellipsis, not a line end as it is for str.splitlines.
    """
    text, note = text_of(files, name, encoding)
    lines = text.removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise DataError(f"{files.where(name)} holds no line of text. Give a file with at least a few.")
    return lines, note


def records_of(files: Files, name: str, encoding: str | None) -> tuple[list[str], list[str], str]:
    """Return the titles and the letters of the records of a FASTA file (">title" and lines of letters below), and a note.

    Raises: DataError, with file and line, for letters before the first title or a title without letters.
    """
    lines, note = lines_of(files, name, encoding)
    titles: list[str] = []
    letters: list[list[str]] = []
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith(">"):
            if titles and not letters[-1]:
                raise DataError(
                    f"{files.where(name)}, line {number}: the record {titles[-1]!r} before it has no letters."
                )
            titles.append(line[1:].strip())
            letters.append([])
        elif line and not line.startswith(";"):
            if not titles:
                raise DataError(
                    f"{files.where(name)}, line {number}: letters stand before the first title. A FASTA record begins with '>'."
                )
            letters[-1].append(line)
    return titles, ["".join(part) for part in letters], note


def reading_of(settings: DataSettings, what: str) -> dict[str, Any]:
    """What a text field remembers of its files: what one text was (line, file, record), and their encoding, for new ones."""
    return {"from": what, "form": TableFormat.of(settings).to_dict()}


def file_of(path: Path) -> tuple[Files, str]:
    """Return one file as a place and its name there. Raises: DataError, when it is not there."""
    if not path.is_file():
        raise absent(path)
    return Folder(path.parent, listed=False), path.name


def _unpacked(content: bytes, where: Path) -> bytes:
    try:
        data = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{where} is no gzip file that can be read ({str(error).rstrip('.')}). Get it anew.") from None
    if len(data) > MOST_UNPACKED:
        raise DataError(f"{where} unpacks to more than {MOST_UNPACKED:,} bytes. Load a part of it.")
    return data
