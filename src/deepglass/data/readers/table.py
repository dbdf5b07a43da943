"""Tables: columns as they were read, each cell with its place in its file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepglass.data.readers.texts import Texts
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

MOST_NAMED = 20  # columns that a message names


@dataclass(frozen=True)
class Typed:
    """A column whose values have a type already, as in a DataFrame or a Parquet file.

    Kinds: number; boolean, 0 and 1; date, days since 1970-01-01. Shapes: values (rows,) float64, missing (rows,) bool.
    `whole`: the values are whole numbers.
    """

    kind: str
    values: np.ndarray
    missing: np.ndarray
    whole: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: np.ndarray) -> "Typed":
        return replace(self, values=self.values[rows], missing=self.missing[rows])


Cells = Texts | Typed


@dataclass(frozen=True)
class Table:
    """Columns of equal length by name. `parts` are the files it came from, each with the row of the file (counted from 1,
    the line of names included) in which each example begins. `notes` say what was found out about the format."""

    name: str
    columns: Mapping[str, Cells]
    parts: tuple[tuple[str, np.ndarray], ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.parts)

    def place(self, row: int) -> tuple[str, int]:
        """Return the file of an example and its row in there."""
        for name, rows in self.parts:
            if row < len(rows):
                return name, int(rows[row])
            row -= len(rows)
        raise IndexError(row)

    def rows(self, members: Iterable[int], most: int = 3) -> str:
        """Say where the first of some examples stand: "rows 3, 5, 9, ..." of one file, each file named if there are more."""
        members = list(members)
        places = [self.place(int(m)) for m in members[:most]]
        word = "row " if len(members) == 1 else "rows "
        more = ", ..." if len(members) > most else ""
        if len(self.parts) == 1:
            return word + ", ".join(str(line) for _, line in places) + more
        return word + ", ".join(f"{line} of {name}" for name, line in places) + more

    def check_asked(self, names: Iterable[str]) -> None:
        """Raises: SettingError, when a setting names a column that is not there."""
        for name in (n for n in names if n not in self.columns):
            near = suggestion(name, self.columns)
            raise SettingError(f"{self.name} has no column {name!r}.{near} Columns: {_some(list(self.columns))}.")

    def check_needed(self, names: Sequence[str]) -> None:
        """Raises: DataError, when new rows lack a column that was learned from."""
        for name in (n for n in names if n not in self.columns):
            near = suggestion(name, self.columns)
            raise DataError(f"{self.parts[0][0]} has no column {name!r}.{near} Needed: {_some(names)}.")

    def take(self, rows: np.ndarray) -> "Table":
        """Keep some examples, given in rising order."""
        columns = {n: c.take(rows) for n, c in self.columns.items()}
        parts, start = [], 0
        for name, lines in self.parts:
            inside = rows[(rows >= start) & (rows < start + len(lines))] - start
            parts.append((name, lines[inside]))
            start += len(lines)
        return replace(self, columns=columns, parts=tuple(parts))

    def below(self, other: "Table") -> "Table":
        """Return this table with another one, of the same columns, below it."""
        columns = {}
        for name, cells in self.columns.items():
            more = other.columns[name]
            if isinstance(cells, Texts) and isinstance(more, Texts):
                columns[name] = Texts.joined([cells, more])
            elif isinstance(cells, Typed) and isinstance(more, Typed) and cells.kind == more.kind:
                values = np.concatenate([cells.values, more.values])
                missing = np.concatenate([cells.missing, more.missing])
                columns[name] = Typed(cells.kind, values, missing, cells.whole and more.whole)  # type: ignore[assignment]
            else:
                raise DataError(
                    f"{other.name}, column {name!r} is of another type than in {self.name}. Save both files alike."
                )
        return Table(self.name, columns, (*self.parts, *other.parts), (*self.notes, *other.notes))


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f", ... {more:,} more" if more > 0 else "")
