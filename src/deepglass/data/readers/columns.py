"""Columns: what each column of a table is taken for, said in a note; where that is in doubt, the person is asked."""

from dataclasses import dataclass

import numpy as np

from deepglass.data.readers.arrays import MOST_CLASSES
from deepglass.data.readers.dates import days, forms_of
from deepglass.data.readers.table import Table, Typed
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.texts import Numbers, Texts, read_numbers
from deepglass.data.source import Column
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

KINDS = (
    "number",
    "category",
    "boolean",
    "date",
    "text",
    "none",
)  # texts are read elsewhere: here, as none, they are left out
FEW = 0.2  # of a column of numbers: so many other texts look like mistakes, not like a column of text
FEW_TEXTS = 5  # so few different ones look like marks for missing values
YES_NO = {("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on")}
MAY_MEAN_MISSING = ("?", "na", "n/a", "nan", "null", "none", "-", "--", ".", "unknown")
MARKS = ((",", None), (",", "."), (".", ","), (",", " "), (".", " "), (".", "'"))  # decimal, thousands
WORDS = {",": "comma", ".": "point", " ": "blank", "'": "apostrophe"}


@dataclass(frozen=True)
class Taken:
    """A column taken for something. `column` is None when it is left out; values and missing (rows,)."""

    column: Column | None
    values: np.ndarray
    missing: np.ndarray
    note: str
    whole: bool = False  # whole numbers


def take_column(table: Table, name: str, form: TableFormat, *, kind: str | None = None, target: bool = False) -> Taken:
    """Take one column for what it is, or for the `kind` that is asked for.

    Args: target: its texts are classes: kept as they are written, and zeros before a number are part of the name.
    Raises: DataError, with file, rows, column and values, when the texts do not agree.
    """
    word = (kind or "").partition(" ")[0]
    if kind is not None and word not in KINDS:
        raise SettingError(
            f"kinds={{{name!r}: {kind!r}}}: no such kind of column.{suggestion(word, KINDS)} Kinds: {', '.join(KINDS)}."
        )
    cells = table.columns[name]
    if word in ("text", "none"):
        return _left_out(len(table), f"{name}: left out, as kinds= says")
    if isinstance(cells, Typed):
        return _typed(table, name, cells, "" if target and word == "category" else word)
    missing = cells.missing(form.missing)
    rows = np.flatnonzero(~missing)
    if not len(rows):
        return _left_out(len(table), f"{name}: left out, every value is missing")
    if word in ("category", "boolean"):
        return _classes(table, name, cells, missing, kind=word)
    if word == "date":
        return _dates(table, name, cells, missing, form=str(kind).partition(" ")[2])
    found = read_numbers(cells, ~missing, decimal=form.decimal, thousands=form.thousands)
    if word == "number" or found.good[rows].all():
        _refuse_odd(table, name, cells, missing, found, kind)
        codes = np.empty(0, dtype=np.int64) if word == "number" else np.flatnonzero(found.long | found.padded)
        if len(codes) and _are_names(table, name, cells, rows, found, target):
            what = "17 digits and more" if found.long.any() else "leading zeros"
            return _classes(table, name, cells, missing, why=f" (identifiers: {what}, kept as they are written)")
        return Taken(Column(name), found.values, missing, f"{name}: numbers", found.whole)
    _refuse_other_marks(table, name, cells, rows, found, form)
    odd = rows[~found.good[rows]]
    few = len(odd) <= FEW * len(rows) or len({cells[int(i)] for i in odd[:1000]}) <= FEW_TEXTS
    if 2 * len(odd) <= len(rows) and few:
        _refuse_odd(table, name, cells, missing, found, kind)
    return _texts(table, name, cells, missing, target)


def _left_out(count: int, note: str) -> Taken:
    return Taken(None, np.full(count, np.nan), np.zeros(count, dtype=bool), note)


def _typed(table: Table, name: str, cells: Typed, kind: str) -> Taken:
    odd = np.flatnonzero(~np.isfinite(cells.values) & ~cells.missing)
    if len(odd):
        file, _ = table.place(int(odd[0]))
        raise DataError(
            f"{file}, column {name!r}: {len(odd)} of {len(cells)} values are not finite ({table.rows(odd)}). Correct them, or "
            f"make them missing and choose on_missing=."
        )
    if cells.missing.all():
        return _left_out(len(cells), f"{name}: left out, every value is missing")
    if kind == "category" and cells.kind != "date":
        distinct = np.unique(cells.values[~cells.missing])
        codes = np.searchsorted(distinct, cells.values)
        names = [(bool(v) if cells.kind == "boolean" else int(v) if cells.whole else float(v)) for v in distinct]
        column = Column(name, "category", tuple(map(str, names)))
        return Taken(column, np.where(cells.missing, -1.0, codes), cells.missing, f"{name}: {len(names)} categories")
    if kind not in ("", cells.kind) and (cells.kind, kind) != ("boolean", "number"):
        raise DataError(f"{table.name}, column {name!r} holds a {cells.kind}, not a {kind}. Correct kinds=.")
    if cells.kind == "boolean":
        column = Column(name, "boolean", ("False", "True"))
        return Taken(column, np.where(cells.missing, -1, cells.values), cells.missing, f"{name}: yes or no")
    what = "dates" if cells.kind == "date" else "numbers"
    return Taken(Column(name, cells.kind), cells.values, cells.missing, f"{name}: {what}", cells.whole)


def _are_names(table: Table, name: str, cells: Texts, rows: np.ndarray, found: Numbers, target: bool) -> bool:
    """Whether whole numbers are identifiers. Raises: DataError, when a few leading zeros leave that open."""
    if found.long.any() or target:
        return True
    widths = (cells.ends - cells.starts)[rows]
    if (widths == widths[0]).all():
        return True
    first = int(np.flatnonzero(found.padded)[0])
    file, line = table.place(first)
    raise DataError(
        f"{file}, row {line}, column {name!r}: {cells[first]!r} has leading zeros ({int(found.padded.sum())} of {len(rows)} "
        f"values have). Is it a number or a name? Say kinds={{{name!r}: 'number'}} or {{{name!r}: 'category'}}."
    )


def _refuse_odd(table: Table, name: str, cells: Texts, missing: np.ndarray, found: Numbers, kind: str | None) -> None:
    """Raises: DataError, when some of a column of numbers are none, or too large for one."""
    odd = np.flatnonzero(~missing & (~found.good | np.isinf(found.values)))
    if not len(odd):
        return
    first = int(odd[0])
    file, line = table.place(first)
    texts = list(dict.fromkeys(cells[int(i)].strip() for i in odd[:1000]))
    others = f", nor are {len(odd) - 1} more of {len(cells)} values ({table.rows(odd[1:])})" if len(odd) > 1 else ""
    what = "a number" if not found.good[first] else "a number that a computer can hold"
    category = "" if kind == "number" else f", or load with kinds={{{name!r}: 'category'}}"
    shown = ", ".join(map(repr, texts[:FEW_TEXTS])) + (", ..." if len(texts) > FEW_TEXTS else "")
    raise DataError(
        f"{file}, row {line}, column {name!r}: {_short(cells[first])} is not {what}{others}. Correct it, say that it means a "
        f"missing value with missing=[{shown}] (--set 'data.missing=[...]'){category}."
    )


def _refuse_other_marks(
    table: Table, name: str, cells: Texts, rows: np.ndarray, found: Numbers, form: TableFormat
) -> None:
    """Raises: DataError, when the texts would be numbers if a comma, point or blank were read in another way."""
    sample = rows[:1000]
    part, all_of_it = cells.take(sample), np.ones(len(sample), dtype=bool)
    plain = int(found.good[sample].sum())
    ways = []
    for decimal, thousands in MARKS:
        if (decimal, thousands) != (form.decimal, form.thousands):
            good = int(read_numbers(part, all_of_it, decimal=decimal, thousands=thousands).good.sum())
            if good > plain and good >= (1 - FEW) * len(sample):
                ways.append((decimal, thousands))
    if not ways and form.decimal == "," and not plain:
        good = int(read_numbers(part, all_of_it).good.sum())
        ways = [(".", None)] if good >= (1 - FEW) * len(sample) else []
    if not ways:
        return
    first = int(rows[~found.good[rows]][0])
    file, line = table.place(first)
    said = []
    for decimal, thousands in ways[:2]:
        words = [f"decimal={WORDS[decimal]}"] if decimal != form.decimal else []
        words += [f"thousands={WORDS[thousands]}"] if thousands else []
        said.append(" with ".join(words) + " (" + " ".join(f"--set data.{w}" for w in words) + ")")
    raise DataError(
        f"{file}, row {line}, column {name!r}: {_short(cells[first])} is a number only if its marks are said: "
        f"{', or '.join(said)}. If it is a name, load with kinds={{{name!r}: 'category'}}."
    )


def _texts(table: Table, name: str, cells: Texts, missing: np.ndarray, target: bool) -> Taken:
    """Texts that are no numbers: yes or no, dates, categories, or free text."""
    codes, names = cells.classes(np.flatnonzero(~missing))
    if not target and tuple(sorted(n.strip().lower() for n in names)) in YES_NO:
        return _classes(table, name, cells, missing, kind="boolean")
    forms = forms_of(names)
    if forms and target:
        file, line = table.place(int(np.flatnonzero(~missing)[0]))
        raise DataError(
            f"{file}, row {line}, column {name!r}: {names[codes[0]]!r} is a date, which cannot be learned. Choose another "
            f"target, or load with kinds={{{name!r}: 'category'}}."
        )
    if forms:
        return _dates(table, name, cells, missing, form="")
    most = min(MOST_CLASSES, max(2, len(codes) // 2)) if not target else max(2, len(codes) // 2)
    if len(names) > most and target:
        file, line = table.place(int(np.flatnonzero(~missing)[0]))
        raise DataError(
            f"{file}, row {line}, column {name!r}: {_short(names[codes[0]])} is one of {len(names)} different texts in "
            f"{len(codes)} rows, too many for classes. Choose another target, or load with kinds={{{name!r}: 'category'}}."
        )
    if len(names) > most:
        return _left_out(len(cells), f"{name}: left out, free text ({len(names)} different values)")
    return _classes(table, name, cells, missing)


def _classes(table: Table, name: str, cells: Texts, missing: np.ndarray, *, kind: str = "", why: str = "") -> Taken:
    rows = np.flatnonzero(~missing)
    codes, names = cells.classes(rows)
    if why and len(names) > min(MOST_CLASSES, max(2, len(rows) // 2)):
        return _left_out(len(cells), f"{name}: left out{why}")
    values = np.full(len(cells), -1.0)
    values[rows] = codes
    if kind == "boolean":
        if len(names) > 2:
            raise DataError(
                f"{table.name}, column {name!r} has {len(names)} different values ({', '.join(names[:4])}, ...), not two. "
                f"Load with kinds={{{name!r}: 'category'}}."
            )
        return Taken(
            Column(name, "boolean", tuple(names)), values, missing, f"{name}: yes or no ({' 0, '.join(names)} 1)"
        )
    doubtful = [(n, int((codes == i).sum())) for i, n in enumerate(names) if n.strip().lower() in MAY_MEAN_MISSING]
    ask = (
        f", one of them {doubtful[0][0]!r} ({doubtful[0][1]} rows): if it means missing, say missing="
        if doubtful
        else ""
    )
    ask += f"[{doubtful[0][0].strip()!r}]" if doubtful else ""
    return Taken(Column(name, "category", tuple(names)), values, missing, f"{name}: {len(names)} categories{why}{ask}")


def _dates(table: Table, name: str, cells: Texts, missing: np.ndarray, *, form: str) -> Taken:
    rows = np.flatnonzero(~missing)
    codes, names = cells.classes(rows)
    forms = [form] if form else forms_of(names)
    file, line = table.place(int(rows[0]))
    if len(forms) != 1:
        ways = " or ".join(f"{{{name!r}: 'date {f}'}}" for f in forms) or f"{{{name!r}: 'date %d.%m.%Y'}} or the like"
        raise DataError(
            f"{file}, row {line}, column {name!r}: {_short(names[codes[0]])} "
            f"{'can be read as a date in several ways' if forms else 'is in no known form of dates'}. Say kinds={ways}."
        )
    found = days(names, forms[0])
    odd = rows[np.isnan(found)[codes]]
    if len(odd):
        file, line = table.place(int(odd[0]))
        others = f", nor are {len(odd) - 1} more ({table.rows(odd[1:])})" if len(odd) > 1 else ""
        raise DataError(
            f"{file}, row {line}, column {name!r}: {_short(cells[int(odd[0])])} is not a date like the others "
            f"({forms[0]}){others}. Correct it, name it in missing=[...], or load with kinds={{{name!r}: 'category'}}."
        )
    values = np.full(len(cells), np.nan)
    values[rows] = found[codes]
    return Taken(Column(name, "date", form=forms[0]), values, missing, f"{name}: dates ({forms[0]})")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")


def without_suffix(cells: Texts, suffix: str) -> tuple[Texts, np.ndarray]:
    """Return texts without an ending, and which of them had it."""
    had = np.fromiter((c.endswith(suffix.encode()) for c in cells.cells()), dtype=bool, count=len(cells))
    return Texts(cells.data, cells.starts, cells.ends - had * len(suffix.encode())), had
