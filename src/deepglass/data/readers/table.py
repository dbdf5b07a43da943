"""Text tables (CSV): read strictly, so that no column shifts and no value changes on the way."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from deepglass.errors import DataError

if TYPE_CHECKING:
    import pandas


def read_table(path: Path) -> "pandas.DataFrame":
    """Read a comma-separated file in UTF-8 with one line of column names.

    A column is numbers when every value in it is one; otherwise it stays the text as written.
    Raises: DataError, naming file, row and what was found, when a row has a field too many or too few.
    """
    import pandas

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if "\0" in text:
        raise DataError(f"{path}: byte {text.index(chr(0))} is NUL; this is not a text table.")
    try:
        rows = [(number, row) for number, row in _numbered(text) if row]
    except csv.Error as error:
        raise DataError(f"{path}: {error}.") from None
    if not rows:
        raise DataError(f"{path} is empty.")
    header = [name.strip() for name in rows[0][1]]
    blank = [i + 1 for i, name in enumerate(header) if not name]
    if blank:
        raise DataError(f"{path}, row {rows[0][0]}: column {blank[0]} has no name.")
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise DataError(f"{path}, row {rows[0][0]}: the column {doubled[0]!r} stands twice.")
    for number, row in rows[1:]:
        if len(row) != len(header):
            raise DataError(
                f"{path}, row {number}: {len(row)} fields where the header has {len(header)}. Correct this row."
            )
    if len(rows) == 1:
        raise DataError(f"{path} holds column names and no rows.")
    columns = zip(*(row for _, row in rows[1:]))
    places = [number for number, _ in rows[1:]]
    return pandas.DataFrame({name: _values(path, name, list(values), places) for name, values in zip(header, columns)})


def _numbered(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)  # line ends alone part lines, as csv asks for
    return [(reader.line_num, row) for row in reader]


def _values(path: Path, name: str, values: list[str], places: list[int]) -> "list[str] | list[float] | list[int]":
    """Numbers when all of them are, exactly; text otherwise. An empty field or a nan is refused, with its place."""
    stripped = [v.strip() for v in values]
    missing = [place for place, v in zip(places, stripped) if v.lower() in ("", "nan")]
    if missing:
        raise DataError(
            f"{path}, column {name!r}: {len(missing)} values are missing (first: row {missing[0]}). "
            f"Fill them or remove these rows."
        )
    if any("_" in v for v in stripped):  # 1_000 is a number in Python alone
        return values
    for kind in (int, float):
        try:
            numbers = [kind(v) for v in stripped]
        except ValueError:
            continue
        if kind is int and (max(map(abs, numbers)) >= 2**53 or any(_padded(v) for v in stripped)):
            return values  # identifiers: a number would lose digits or leading zeros
        return numbers
    return values


def _padded(text: str) -> bool:
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0"
