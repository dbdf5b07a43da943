"""Check mine: a learner's own values beside the table, up to the first that is wrong."""

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepglass.by_hand.figures import number
from deepglass.by_hand.sheet import GIVEN, Row, indexed
from deepglass.errors import DataError, UnknownName
from deepglass.names import suggestion

# A value is right when it is off by 1 % at most, or when it is the right one rounded to three places or more: people
# calculate with rounded numbers, and pass the rounding on. Both are ours; a slip in a formula is seldom as small.
SHARE = 0.01
PLACES = 3
NOTHING = 1e-6  # what is off by less is right, whatever the value
DIGITS, TERMS = 6, 12  # of what is shown


@dataclass(frozen=True)
class Checked:
    """What became of a comparison.

    Args:
        right: how many values are right; with a wrong one, those before it.
        wrong: the row of the first wrong value, None when all are right; `mine` is what was given for it.
        expected: what its formula gives with the learner's own numbers before it.
        left_out: rows for which nothing was given.
        sentence: all of it in words.
    """

    right: int
    wrong: Row | None
    mine: float | None
    expected: float | None
    left_out: int
    sentence: str

    def __bool__(self) -> bool:
        return self.wrong is None

    def __repr__(self) -> str:
        return self.sentence

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        wrong = None
        if self.wrong is not None and self.mine is not None and self.expected is not None:
            wrong = {
                "quantity": self.wrong.quantity,
                "layer": self.wrong.layer,
                "formula": self.wrong.formula(),
                "mine": self.mine,
                "value": self.expected,
                "off_by": abs(self.mine - self.expected),
            }
        return {"right": self.right, "wrong": wrong, "left_out": self.left_out, "sentence": self.sentence}


def check(rows: Sequence[Row], mine: Any) -> Checked:
    """Compare values with the rows, in the order of the table."""
    texts = _texts(rows, _read(mine))
    values = {quantity: float(text) for quantity, text in texts.items()}
    left_out = sum(row.quantity not in values for row in rows)
    right = 0
    for row in rows:
        if row.quantity not in values:
            continue
        value = values[row.quantity]
        expected = row.value if row.named.made is None else row.named.made.at(values)
        if not any(_fits(texts[row.quantity], value, wanted) for wanted in (row.value, expected)):
            return Checked(right, row, value, expected, left_out, _wrong(row, value, expected, values, right))
        right += 1
    rest = f" {left_out} numbers of the table were not given." if left_out else ""
    count = "The one value given is" if right == 1 else f"All {right} values are"
    return Checked(right, None, None, None, left_out, f"{count} right.{rest}")


def _fits(text: str, value: float, wanted: float) -> bool:
    if value == wanted or (math.isnan(value) and math.isnan(wanted)):
        return True
    places = len(text.partition(".")[2]) if "e" not in text.lower() else 0
    if places >= PLACES and abs(value - wanted) <= 0.5000001 * 10.0**-places:
        return True
    return abs(value - wanted) <= max(NOTHING, SHARE * abs(wanted))


def _wrong(row: Row, value: float, expected: float, mine: Mapping[str, float], right: int) -> str:
    def write(n: Any) -> str:
        return number(mine.get(n.symbol, n.value), DIGITS)

    before = "" if not right else "The one before it is right. " if right == 1 else f"The {right} before it are right. "
    off = abs(value - expected)
    lines = [
        f"{row.quantity} ({row.layer}, {row.part}) is the first that is wrong. {before}You have {number(value, DIGITS)}, and it is "
        f"{number(expected, DIGITS)}: off by {number(off, 3)}."
    ]
    if row.named.made is None:
        return f"{lines[0]} It is {GIVEN}."
    indent = " " * len(row.quantity)
    lines += [
        f"  {row.quantity} = {row.formula(TERMS)}",
        f"  {indent} = {row.named.made.written(write, TERMS)}",
        f"  {indent} = {number(expected, DIGITS)}",
    ]
    return "\n".join(lines)


def _texts(rows: Sequence[Row], given: Mapping[str, Any]) -> dict[str, str]:
    """The values as they were written, by the quantity that they are meant for."""
    known = {_tight(row.quantity): row.quantity for row in rows}
    found: dict[str, str] = {}
    for quantity, value in given.items():
        for at, text in _each(value):
            candidates = [
                indexed(quantity, at),
                f"{quantity}[{at[0]};{','.join(map(str, at[1:]))}]" if at else quantity,
            ]
            called = next((known[_tight(c)] for c in candidates if _tight(c) in known), None)
            if called is None:
                near = suggestion(candidates[0], known.values())
                raise UnknownName(
                    f"Your values: the table has no {candidates[0]!r}.{near} Quantities are written as in the table, such as "
                    f"{next(iter(known.values()), 'z1[0]')}."
                )
            try:
                float(text)
            except ValueError as error:
                raise DataError(
                    f"Your values: {called} is {text!r}, which is no number. Correct it, or leave it out."
                ) from error
            found[called] = text
    if not found:
        raise DataError(
            "Your values: there are none. Give quantities and values, such as z1[0],0.25 in a line of a .csv file."
        )
    return found


def _each(value: Any, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], str]]:
    """Go through nested lists: index and text of each number."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list | tuple):
        for k, inner in enumerate(value):
            yield from _each(inner, (*at, k))
    else:
        yield at, str(value).strip()


def _tight(quantity: str) -> str:
    return "".join(quantity.split())


def _read(mine: Any) -> Mapping[str, Any]:
    if isinstance(mine, Mapping):
        return mine
    if not isinstance(mine, str | Path):
        raise DataError(
            f"Your values are of type {type(mine).__name__}. Give quantity -> number, or the path of a .csv or .json file."
        )
    path = Path(mine)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}. Give the path of a .csv or .json file."
        ) from error
    if path.suffix.lower() == ".json":
        try:
            content = json.loads(text, parse_float=str, parse_int=str)
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataError(f'{path} is no JSON: {error}. Write {{"z1[0]": 0.25}}, or give a .csv file.') from error
        if not isinstance(content, Mapping):
            raise DataError(f'{path} holds no object. Write {{"z1[0]": 0.25, "a1[0]": 0.56}}.')
        return content
    return _rows_of(path, text)


def _rows_of(path: Path, text: str) -> dict[str, str]:
    """Read lines of quantity and value; a heading may stand above, which then says where the two columns are."""
    found: dict[str, str] = {}
    first, last = 0, 1
    lines = text.splitlines()
    # Many spreadsheets write semicolons, and then 0,5 for a half; those in z1[5;0,2] stand between brackets.
    separator = ";" if any(";" in re.sub(r"\[.*?\]", "", line) for line in lines) else ","
    for line, cells in enumerate(csv.reader(lines, delimiter=separator), start=1):
        # A separator inside z1[0,1] that was not quoted: what stands between the brackets belongs together.
        cells = _joined(cells, separator)
        if not [c for c in cells if c]:
            continue
        if not found and "quantity" in cells and "value" in cells:
            first, last = cells.index("quantity"), cells.index("value")
            continue
        if len(cells) <= max(first, last):
            raise DataError(f"{path}, line {line}: {','.join(cells)!r} is no quantity and value. Write z1[0],0.25.")
        if cells[last]:  # an empty cell is a value that is still to be found
            found[cells[first]] = cells[last] if separator == "," else cells[last].replace(",", ".")
    return found


def _joined(cells: Sequence[str], separator: str) -> list[str]:
    joined: list[str] = []
    for cell in cells:
        if joined and joined[-1].count("[") > joined[-1].count("]"):
            joined[-1] += f"{separator}{cell.strip()}"
        else:
            joined.append(cell.strip())
    return joined
