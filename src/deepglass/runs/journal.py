"""Journal: a file of records, one JSON object a line, that survives being cut off anywhere."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deepglass.runs import files


class Journal:
    """Records in the order in which they came, each with its checksum, readable by pandas as they are.

    `notes` say in sentences what was left out because it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one record at the end; half a line that a crash left there is cut first.

        Raises: TrainingError, when the disk is full or read-only; the records before are then as they were.
        """
        line = _line(record)
        with files.writing(self.path, len(line)), self.path.open("a+b", buffering=0) as file:
            before = self._mend(file)
            try:
                written = 0
                while written < len(line):
                    written += file.write(line[written:])
            except OSError:
                with suppress(OSError):
                    file.truncate(before)
                raise

    def records(self) -> list[dict[str, Any]]:
        """Return the good records, without their checksums. A torn last line is ignored, other damage noted."""
        self.notes = []
        good = []
        for number, line in enumerate(self._lines(), start=1):
            record = _parsed(line)
            if record is not None:
                good.append(record)
            elif line.endswith(b"\n"):
                self.notes.append(f"{self.path.name}, line {number}, is damaged and was left out.")
        return good

    def cut(self, first: Callable[[dict[str, Any]], bool]) -> None:
        """Drop the first record for which `first` holds and all that follow it."""
        kept: list[bytes] = []
        lines = self._lines()
        for line in lines:
            record = _parsed(line)
            if record is not None and first(record):
                break
            if record is not None or line.endswith(b"\n"):  # a damaged line in the middle stays, for the notes
                kept.append(line if line.endswith(b"\n") else line + b"\n")
        if kept != lines:
            files.write_bytes(self.path, b"".join(kept))

    def _lines(self) -> list[bytes]:
        if not self.path.exists() and not self.path.is_symlink():
            return []
        return files.read_bytes(self.path).splitlines(keepends=True)

    def _mend(self, file: Any) -> int:
        """Make the file end with a whole line, and return its size."""
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return 0
        file.seek(size - 1)
        if file.read(1) == b"\n":
            return size
        tail = self.path.read_bytes().rpartition(b"\n")[2]
        if _parsed(tail) is not None:  # whole but for its line end
            file.write(b"\n")
            return size + 1
        file.truncate(size - len(tail))
        return size - len(tail)


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(files.with_checksum(record), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line, or None when the line is not what was written."""
    try:
        record = files.parse_json(line.decode("utf-8"))
    except ValueError:
        return None
    if not isinstance(record, dict) or not files.has_good_checksum(record):
        return None
    del record["checksum"]
    return record
