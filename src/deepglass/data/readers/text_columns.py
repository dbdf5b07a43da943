"""Text columns: tables with a column of free text, as input beside a target, or as what is to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepglass.data.readers.table import Table, Typed
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table
from deepglass.data.readers.text_arrays import aligned, are_texts
from deepglass.data.readers.texts import Texts
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source, texts
from deepglass.data.text_levels import is_dna
from deepglass.errors import DataError

LONG = 8.0  # words of a text that is one beside other columns: a name or a title of a person has fewer (our choice)
LOOKED_AT = 2000  # rows that the rule looks at


@dataclass(frozen=True)
class TextColumns:
    """Which columns of a table are texts. `beside` are those that are left out because of them."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    beside: tuple[str, ...]
    why: str

    def __bool__(self) -> bool:
        return bool(self.inputs or self.targets)


def text_columns(table: Table, settings: DataSettings) -> TextColumns:
    """Find the columns of text: those that `kinds` calls so, else by rule.

    The rule: a column of many different texts of several words is one, if they have LONG words or more on average, or if no other
    column but identifiers is there to learn from. Only the longest of several is taken, alone; so is a last column of such texts,
    as target.
    """
    names = list(table.columns)
    targets = [settings.target] if isinstance(settings.target, str) else list(settings.target or names[-1:])
    special = {c for c in (settings.weight, settings.group, settings.time, settings.split) if c}
    rest = [n for n in (settings.inputs or names) if n in names and n not in targets and n not in special]
    named = [n for n in names if settings.kinds.get(n) == "text"]
    form = TableFormat.of(settings)
    if named:
        inputs = [n for n in rest if n in named]
        others = [n for n in rest if n not in named]
        kept = bool(settings.inputs) or not inputs  # what inputs= names stays beside the text
        beside = () if kept else tuple(others)
        return TextColumns(tuple(inputs), tuple(t for t in targets if t in named), beside, "as kinds= says")
    open_ones = [n for n in rest if n not in settings.kinds]
    words = {n: _words(table, n, form) for n in open_ones}
    likely = sorted((n for n in words if words[n] > 0), key=lambda n: -words[n])
    written = tuple(t for t in targets if t in names and t not in settings.kinds and _words(table, t, form) > 0)
    if not likely:
        return TextColumns((), (), (), "")
    useful = [n for n in rest if n not in likely and not _is_identifier(table, n)]
    if words[likely[0]] < LONG and useful and not written:
        return TextColumns((), (), (), "")
    beside = tuple(n for n in rest if n != likely[0])
    return TextColumns((likely[0],), written, beside, f"many different texts, {words[likely[0]]:.1f} words on average")


def from_text_table(
    table: Table,
    found: TextColumns,
    settings: DataSettings,
    test: Table | None = None,
    *,
    own: Mapping[str, np.ndarray] | None = None,
) -> Source:
    """Make a source of a table with columns of text: each is a field of its own, all other inputs are `features`.

    Args: test, own: as in `from_table`.
    Raises: DataError, as `from_table`; an empty text is one without tokens, and no missing value.
    """
    form = TableFormat.of(settings)
    fields = (*found.inputs, *found.targets)
    strings = {n: _strings(table, n, form) + ([] if test is None else _strings(test, n, form)) for n in fields}
    kinds = {**settings.kinds, **dict.fromkeys(fields, "category")}
    targets = (
        [settings.target] if isinstance(settings.target, str) else list(settings.target or list(table.columns)[-1:])
    )
    special = {c for c in (settings.weight, settings.group, settings.time, settings.split) if c}
    used = [n for n in settings.inputs or table.columns if n not in (*found.beside, *targets, *special)]
    asked = settings.model_copy(
        update={"inputs": used, "kinds": {n: k for n, k in kinds.items() if n not in found.beside}}
    )
    more = None if test is None else _numbered(test, fields, len(table))
    read = from_table(_numbered(table, fields, 0), asked, more, own=own)
    raws, notes = _with_texts(read, found, strings)
    hidden = [f"{n}: " for n in fields]
    notes += [n for n in read.notes if not n.startswith(tuple(hidden))]
    if found.beside:
        notes.append(f"left out beside the text: {', '.join(found.beside)} (inputs=[...] names what is learned from)")
    inputs = tuple(n for n in raws if n not in read.targets)
    raws, tagged = aligned(raws, inputs, read.targets)
    return replace(read, fields=raws, inputs=inputs, notes=(*notes, *tagged))


def _with_texts(read: Source, found: TextColumns, strings: Mapping[str, list[str]]) -> tuple[dict[str, Raw], list[str]]:
    """Put texts in the place of the row numbers that stand for them."""
    features = read.fields["features"]
    places = [i for i, c in enumerate(features.columns) if c.name not in found.inputs]
    rows = np.zeros(len(read), dtype=np.int64)
    for i, column in enumerate(features.columns):
        if column.name in found.inputs:
            rows = np.array([int(str(c)) for c in column.classes])[np.asarray(features.values)[:, i].astype(np.int64)]
    raws: dict[str, Raw] = {}
    if places:
        columns = tuple(features.columns[i] for i in places)
        raws["features"] = replace(features, values=np.asarray(features.values)[:, places], columns=columns)
    notes = []
    for name in (*found.inputs, *read.targets):
        if name not in strings:
            raws[name] = read.fields[name]
            continue
        if name in read.targets:
            raw = read.fields[name]
            rows = np.array([int(str(c)) for c in raw.classes])[np.asarray(raw.values)]
        values = [strings[name][row] for row in rows]
        reading: dict[str, Any] = {"column": name, "form": dict(features.reading), "from": "line"}
        raws[name] = texts(values, **reading)
        empty = sum(not v.strip() for v in values)
        notes.append(f"{name}: text ({found.why})" + (f"; {empty:,} of {len(values):,} are empty" if empty else ""))
    return raws, notes


def _numbered(table: Table, fields: Sequence[str], first: int) -> Table:
    """A table with the number of the row where a text stood, to be read as a category: so `from_table` tells which rows it kept."""
    table.check_asked(fields)
    numbers = Texts.of([str(first + i) for i in range(len(table))])
    return replace(table, columns={**table.columns, **dict.fromkeys(fields, numbers)})


def _strings(table: Table, name: str, form: TableFormat) -> list[str]:
    table.check_needed([name])
    cells = table.columns[name]
    if isinstance(cells, Typed):
        raise DataError(
            f"{table.name}, column {name!r} holds a {cells.kind}, no text. Correct kinds= ('none' leaves a column out)."
        )
    return ["" if gone else cells[i] for i, gone in enumerate(cells.missing(form.missing).tolist())]


def _words(table: Table, name: str, form: TableFormat) -> float:
    """Words of a cell on average, where these are many different texts; 0 where they are anything else."""
    cells = table.columns[name]
    if isinstance(cells, Typed) or cells.parsed is not None or not len(cells):
        return 0.0
    rows = np.unique(np.linspace(0, len(cells) - 1, min(LOOKED_AT, len(cells))).round().astype(np.int64))
    some = cells.take(rows)
    there = [some[int(i)] for i in np.flatnonzero(~some.missing(form.missing))]
    if not are_texts(there):
        return 0.0
    return LONG if is_dna(there[:100]) else sum(len(t.split()) for t in there) / len(there)


def _is_identifier(table: Table, name: str) -> bool:
    """Whether a column counts the rows, or names each of them."""
    cells = table.columns[name]
    if isinstance(cells, Typed):
        return cells.whole and bool((np.diff(cells.values) == 1).all())
    if cells.parsed is not None:
        return bool((np.diff(cells.parsed) == 1).all())
    return len(set(cells.cells())) == len(cells)
