"""Text tables (CSV, TSV and their like): read strictly, so that no column shifts and no value changes on the way."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from deepglass.data.readers.plain_numbers import parsed
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_file import read_text
from deepglass.data.readers.texts import Texts
from deepglass.errors import DataError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "blank": " "}
SAMPLE_ROWS = 50  # looked at to find the separator
LIKE_DATA = 1000  # rows in which the names are looked for
CHUNK = 50_000  # rows of a quoted table held as Python texts at a time
NO_NAMES = "If the file has no line of names, give them with names=[...], or say header=False."
A_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
A_YEAR = re.compile(r"\s*(1[5-9]|20)\d\d\s*")


def read_text_table(
    path: Path, form: TableFormat | None = None, *, optional: Sequence[str] = (), content: bytes | None = None
) -> Table:
    """Read a text table. Blank lines are passed over; everything else stays as it is written.

    Args:
        optional: columns of `form.names` that the file may lack, such as the target of new rows.
        content: the bytes of the file, where they have been read already.
    Raises: DataError, naming file, row and what was found, when a row has a field too many or too few.
    """
    form = form or TableFormat()
    data, note = read_text(path, form.encoding, content)
    if not data.strip():
        raise DataError(f"{path} is empty. Give a file with a line of column names and rows.")
    separator, found = (form.separator, "") if form.separator else _find_separator(data, form)
    names, named = _names(path, data, separator, form, optional)
    given = bool(form.names) or form.header is not None
    notes = [
        n for n in (note, found, "" if named or not names else "no line of names: the columns are named by names=") if n
    ]
    lines = _Lines(path, names, named, form)
    quote = data.find(b'"')
    if quote < 0 or (named and data.find(b'"', _after_first_record(data)) < 0):
        columns, rows = lines.plain(data, separator)
    else:
        columns, rows = lines.quoted(data, separator)
    if not len(rows):
        raise DataError(f"{path}, row 1: there are column names and no rows below them. Give at least a few rows.")
    if len(names) == 1 and not optional:  # new rows may lack what was learned, and then one column can be all there is
        raise DataError(
            f"{path}, row 1: there is one column only, {names[0]!r}. If something else parts the columns, load with "
            f"separator=... (--set data.separator=semicolon, tab, pipe, ...)."
        )
    _refuse_repeated_names(path, names, columns, rows)
    if not given:
        _ask_whether_names(path, names, columns)
    return Table(path.name, dict(zip(names, columns)), ((str(path), rows),), tuple(notes))


def word_for(separator: str) -> str:
    """Say a separator in a word."""
    word = next((w for w, s in SEPARATORS.items() if s == separator[0]), repr(separator[0]))
    return f"{word} and a blank" if len(separator) > 1 else word


def _find_separator(data: bytes, form: TableFormat) -> tuple[str, str]:
    """Find what parts the fields: what gives the rows as many fields as the first line has, and most of them."""
    sample = data[: 1 << 16].decode(errors="ignore")
    best, best_score = ",", (False, False, False, 0)
    for candidate in (",", ";", "\t", "|"):
        counts = _counts(sample, candidate, complete=len(data) <= 1 << 16)
        if not counts or counts[0] < 2:
            continue
        alike = sum(c == counts[0] for c in counts) / len(counts)
        score = (counts[0] == len(form.names) or not form.names, alike >= 0.5, alike >= 0.9, counts[0])
        if score > best_score:
            best, best_score = candidate, score
    mark, spaced = best.encode(), best.encode() + b" "
    if best in ",;|" and 0 < data.count(mark) == data.count(spaced):
        best += " "  # every one is followed by a blank, which belongs to it then
    return best, f"separator: {word_for(best)}"


def _counts(sample: str, separator: str, *, complete: bool) -> list[int]:
    lines = sample.splitlines(keepends=True)
    try:
        rows = csv.reader(lines if complete else lines[:-1], delimiter=separator)
        return [len(r) for r, _ in zip((r for r in rows if r), range(SAMPLE_ROWS))]
    except csv.Error:
        return []


def _after_first_record(data: bytes) -> int:
    """Where the second record begins, when the first is one line; the start of the file when its quotes go on."""
    ends = [i for i in (data.find(b"\n"), data.find(b"\r")) if i >= 0]
    end = min(ends, default=len(data) - 1) + 1
    return end if data.count(b'"', 0, end) % 2 == 0 else 0


def _names(
    path: Path, data: bytes, separator: str, form: TableFormat, optional: Sequence[str]
) -> tuple[list[str], bool]:
    """Return the names of the columns, and whether they stand in the file."""
    text = data[: 1 << 20].decode(errors="ignore")
    try:
        number, first = next((n, row) for n, row in _records(text, separator) if row)
    except csv.Error as error:
        raise DataError(f"{path}, row 1: {error}. Is a quote not closed, or separator= wrong?") from None
    except StopIteration:
        raise DataError(f"{path} is empty. Give a file with texts and their labels.") from None
    header = [cell.strip() for cell in first]
    invented = [f"column {i + 1}" for i in range(len(header))] if form.header is False else header
    names = list(form.names or invented)
    if form.names and header != names and len(header) == len(names) - len(set(optional) & set(names)):
        names = [n for n in names if n not in optional] if len(header) != len(names) else names
    where = "names=" if form.names else f"row {number}"
    no_header = "" if form.names else f" {NO_NAMES}"
    blank = [i + 1 for i, name in enumerate(names) if not name]
    if blank:
        raise DataError(
            f"{path}, {where}: column {blank[0]} of {len(names)} has no name. Give every column a name.{no_header}"
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DataError(f"{path}, {where}: the column {doubled[0]!r} stands twice. Rename one of them.{no_header}")
    return names, form.header is True or header == names


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line in which it begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=separator[0], skipinitialspace=len(separator) > 1
    )
    before = 0
    for row in reader:
        yield before + 1, row
        before = reader.line_num


class _Lines:
    """Takes a file apart into columns, checking the number of fields of every row."""

    def __init__(self, path: Path, names: list[str], named: bool, form: TableFormat) -> None:
        self.path, self.names, self.named = path, names, named
        self.whose = "the header has" if named and not form.names else "names= has"

    def plain(self, data: bytes, separator: str) -> tuple[list[Texts], np.ndarray]:
        """Without quotes, every separator parts two fields: they are counted and cut for the whole file at once."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not data.endswith(b"\n"):
            data += b"\n"
        block = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(block == ord("\n"))
        starts = np.concatenate([[0], ends[:-1] + 1])
        lines = np.flatnonzero(ends > starts)[1 if self.named else 0 :]
        if not len(lines):
            return [], lines
        first = starts[lines[0]]
        marks = np.flatnonzero(block[first:] == ord(separator[0])) + first
        fields = np.diff(np.searchsorted(marks, ends[lines]), prepend=0) + 1
        self._check(fields, lines + 1)
        marks = marks.reshape(len(lines), len(self.names) - 1)
        begins = [starts[lines], *(marks[:, i] + 1 for i in range(marks.shape[1]))]
        if len(separator) > 1:
            begins[1:] = [b + (block[b] == ord(" ")) for b in begins[1:]]
        stops = [*(marks[:, i] for i in range(marks.shape[1])), ends[lines]]
        columns = [Texts(data, begin, stop) for begin, stop in zip(begins, stops)]
        return parsed(data[first:], separator, columns, block), lines + 1

    def quoted(self, data: bytes, separator: str) -> tuple[list[Texts], np.ndarray]:
        """With quotes, fields may hold separators and line breaks."""
        kept: list[list[str]] = []
        parts: list[list[Texts]] = []
        places, fields = [], []
        records = ((n, row) for n, row in _records(data.decode(), separator) if row)
        line = 0
        try:
            for i, (line, row) in enumerate(records):
                if i == 0 and self.named:
                    continue
                places.append(line)
                fields.append(len(row))
                if len(row) == len(self.names):
                    kept.append(row)
                if len(kept) == CHUNK:
                    parts.append([Texts.of(cells) for cells in zip(*kept)])
                    kept = []
        except csv.Error as error:
            reason = "a quote is never closed" if "end of data" in str(error) or "limit" in str(error) else str(error)
            after = f"after row {line}" if line else "row 1"
            raise DataError(f"{self.path}, {after}: {reason}. Correct the quotes there.") from None
        if kept:
            parts.append([Texts.of(cells) for cells in zip(*kept)])
        rows = np.array(places, dtype=np.int64)
        self._check(np.array(fields, dtype=np.int64), rows)
        return [Texts.joined(column) for column in zip(*parts)], rows

    def _check(self, fields: np.ndarray, rows: np.ndarray) -> None:
        """Raises: DataError, when a row has a field too many or too few: which, and whether it is all of them."""
        wrong = np.flatnonzero(fields != len(self.names))
        if not len(wrong):
            return
        first, found, expected = rows[wrong[0]], fields[wrong[0]], len(self.names)
        counts = f"{found} fields where {self.whose} {expected}"
        if len(rows) > 1 and len(wrong) == len(rows) and (fields == found).all():
            raise DataError(
                f"{self.path}: every row has {counts} (first: row {first}). Correct the line of names (or names=): "
                f"nothing is shifted to make it fit."
            )
        if len(wrong) == 1:
            raise DataError(
                f"{self.path}, row {first}: {counts}. Correct this row; a separator inside a text needs quotes."
            )
        raise DataError(
            f"{self.path}, row {first}: {counts}, and {len(wrong) - 1} more of {len(rows)} rows do not fit (row "
            f"{', '.join(map(str, rows[wrong[1:4]]))}{', ...' if len(wrong) > 4 else ''}). Correct these rows."
        )


def _refuse_repeated_names(path: Path, names: list[str], columns: Sequence[Texts], rows: np.ndarray) -> None:
    first = columns[0]
    wanted = names[0].encode()
    like = np.flatnonzero((first.ends - first.starts) == len(wanted))
    for row in like.tolist() if len(like) < len(first) or len(first) < 1000 else _found(first, wanted, like):
        if [c[row].strip() for c in columns] == names:
            raise DataError(f"{path}, row {rows[row]}: the line of column names stands there again. Remove it.")


def _ask_whether_names(path: Path, names: list[str], columns: Sequence[Texts]) -> None:
    """Raises: DataError, when the first line looks like data: numbers, or what stands in the rows below it as well."""
    numbers = [bool(A_NUMBER.fullmatch(name)) for name in names]
    odd = 0
    for name, column, number in zip(names, columns, numbers):
        below = {c.strip() for c in column.take(np.arange(min(LIKE_DATA, len(column)))).cells()}
        odd += (number and not A_YEAR.fullmatch(name)) or name.encode() in below
    if all(numbers) or 2 * odd >= len(names):
        raise DataError(
            f"{path}, row 1: the line of column names looks like data ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''}). "
            f"{NO_NAMES} If these are the names, say header=True."
        )


def _found(texts: Texts, wanted: bytes, rows: np.ndarray) -> list[int]:
    cells = texts.take(rows).cells()
    return [int(r) for r, c in zip(rows, cells) if c == wanted]
