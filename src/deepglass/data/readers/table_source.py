"""Table source: which columns of a table are inputs, targets or weights, and what becomes of missing values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.columns import Taken, take_column, without_suffix
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.texts import Texts
from deepglass.data.settings import DataSettings
from deepglass.data.source import Column, Raw, Source
from deepglass.errors import DataError

FILLED = "(missing)"  # the class of a category that is not known
SPLITS = {"train": "train", "training": "train", "validation": "validation", "val": "validation", "test": "test"}


def from_table(
    table: Table, settings: DataSettings, test: Table | None = None, *, own: Mapping[str, np.ndarray] | None = None
) -> Source:
    """Make a source of a table: all input columns become one field, `features`.

    Args: test: the table of the test split, when it stands in a file of its own; own: the rows of each split, when known.
    Raises: DataError, for missing values (with columns and rows) and for texts that do not agree.
    """
    names = list(table.columns)
    target = settings.target
    targets = [target] if isinstance(target, str) else list(target or [names[-1]])
    special = {w: c for w in ("weight", "group", "time", "split") if (c := getattr(settings, w)) is not None}
    table.check_asked([*targets, *(settings.inputs or []), *settings.kinds, *special.values()])
    used = settings.inputs or [c for c in names if c not in targets and c not in special.values()]
    if not used:
        raise DataError(
            f"{table.name} has no column besides the target {', '.join(targets)}. There is nothing to learn from."
        )
    notes = [*table.notes] + ([] if target else [f"target: the last column, {targets[0]!r}, because none was named"])
    if test is not None:
        table, own = _with_test(table, test, [*used, *targets, *special.values()], notes)
    table = _labels_cut(table, targets, settings.label_suffix, notes)
    form = TableFormat.of(settings)
    inputs = {c: take_column(table, c, form, kind=settings.kinds.get(c)) for c in used}
    learned = {t: take_column(table, t, form, kind=_target_kind(settings, t), target=True) for t in targets}
    others = {
        w: take_column(table, c, form, kind=settings.kinds.get(c))
        for w, c in special.items()
        if w in ("weight", "time")
    }
    said = {w: _labels(table, c, form) for w, c in special.items() if w in ("group", "split")}
    notes += [taken.note for taken in inputs.values()]
    inputs = {c: taken for c, taken in inputs.items() if taken.column is not None}
    if not inputs:
        raise DataError(f"{table.name}: none of the columns {', '.join(used)} can be an input: all are left out.")
    for t, taken in learned.items():
        if taken.column is None:
            raise DataError(f"{table.name}, column {t!r}: every value is missing, so it cannot be learned.")
    for word, taken in others.items():
        _refuse_missing_in(table, special[word], taken, word)
    kept = _kept_rows(table, inputs, learned, settings.on_missing, notes)
    if test is not None and own is not None:
        _refuse_new_classes(table, learned, int(own["test"][0]))
    fields = {"features": _features(list(inputs.values()), kept, form, notes, fill=settings.on_missing == "fill")}
    for t, taken in learned.items():
        fields[t], note = _target(t, taken, kept, _target_kind(settings, t))
        notes.append(note)
    if own is not None:
        own = {name: np.flatnonzero(np.isin(kept, ids)) for name, ids in own.items()}
    if "split" in said:
        own = _stated(table, special["split"], said["split"], kept)
    weights = _weights(table, special["weight"], others["weight"])[kept] if "weight" in others else None
    return Source(
        table.name,
        fields,
        ("features",),
        tuple(targets),
        splits=own,
        notes=tuple(notes),
        weights=weights,
        groups=np.unique(said["group"][kept], return_inverse=True)[1] if "group" in said else None,
        times=others["time"].values[kept] if "time" in others else None,
    )


def new_rows(table: Table, columns: Sequence[Mapping[str, Any]], form: TableFormat, *, fill: bool) -> Raw:
    """Read the columns that a network has learned from, in that order, out of a table of new rows.

    Args:
        columns: the encodings of the columns, as a table field holds them.
        fill: missing values are filled, as they were in training.
    Raises: DataError, when a column is absent or holds something else than was learned.
    """
    table.check_needed([c["name"] for c in columns])
    taken = {}
    for column in columns:
        kind = column["kind"] + (f" {column['form']}" if column.get("form") else "")
        one = take_column(table, column["name"], form, kind=kind)
        if one.column is None:  # every value is missing
            is_name = column["kind"] in ("category", "boolean")
            gap = np.full(len(table), -1.0 if is_name else np.nan)
            one = Taken(Column(column["name"], column["kind"]), gap, np.ones(len(table), dtype=bool), "")
        taken[column["name"]] = one
    if not fill:
        _kept_rows(table, taken, {}, "stop", [], advice="Correct them; the training rows had none, or were left out.")
    read = [_filled(t) if fill else (t.column, t.values) for t in taken.values()]
    return Raw("table", np.stack([v for _, v in read], axis=1), columns=tuple(c for c, _ in read if c is not None))


def _target_kind(settings: DataSettings, name: str) -> str | None:
    kind = settings.kinds.get(name)
    return kind if kind in (None, "number", "category") else "category" if kind == "boolean" else kind


def _with_test(table: Table, test: Table, needed: list[str], notes: list[str]) -> tuple[Table, dict[str, np.ndarray]]:
    for name in needed:
        if name not in test.columns:
            raise DataError(
                f"{test.parts[0][0]}, row 1: the test file has no column {name!r} (it has {', '.join(test.columns)}). Rows "
                f"without it can be predicted, not evaluated."
            )
    notes.append(
        f"test: the {len(test):,} rows of {test.name}; training and validation: the {len(table):,} of {table.name}"
    )
    count = len(table)
    only = replace(table, columns={n: table.columns[n] for n in dict.fromkeys(needed)})
    both = only.below(test)
    return both, {"test": np.arange(count, len(both))}


def _labels_cut(table: Table, targets: list[str], suffix: str, notes: list[str]) -> Table:
    if not suffix:
        return table
    columns = dict(table.columns)
    for t in targets:
        cells = columns[t]
        if isinstance(cells, Texts):
            columns[t], had = without_suffix(cells, suffix)
            notes.append(f"{t}: {suffix!r} taken off the end of {int(had.sum()):,} of {len(had):,} labels")
    return replace(table, columns=columns)


def _kept_rows(
    table: Table,
    inputs: Mapping[str, Taken],
    targets: Mapping[str, Taken],
    on_missing: str,
    notes: list[str],
    advice: str = "",
) -> np.ndarray:
    """Decide which rows stay. Raises: DataError, listing what is missing where, when nothing was said about it."""
    gaps = {n: np.flatnonzero(t.missing) for n, t in [*inputs.items(), *targets.items()] if t.missing.any()}
    if gaps and on_missing == "stop":
        rows = np.unique(np.concatenate(list(gaps.values())))
        listed = "; ".join(
            f"column {n!r}: {len(ids):,} of {len(table):,} values are missing ({table.rows(ids)})"
            for n, ids in gaps.items()
        )
        inputs_too = any(n in inputs for n in gaps)
        fill = 'on_missing="fill" (--set data.on_missing=fill) fills inputs, ' if inputs_too else ""
        say = (
            advice
            or f'Say what to do: {fill}on_missing="drop" (--set data.on_missing=drop) leaves out {len(rows):,} rows.'
        )
        file = table.place(int(rows[0]))[0]
        raise DataError(f"{file}, {listed}. {say}")
    drop = np.zeros(len(table), dtype=bool)
    for name, ids in gaps.items():
        if name in targets or on_missing == "drop":
            drop[ids] = True
    if drop.any():
        which = ", ".join(f"{n} {len(ids):,}" for n, ids in gaps.items() if n in targets or on_missing == "drop")
        counts, start = [], 0
        for file, lines in table.parts:
            count = int(drop[start : start + len(lines)].sum())
            counts += [f"{count:,} of {file}"] if count and len(table.parts) > 1 else []
            start += len(lines)
        parts = f" ({', '.join(counts)})" if counts else ""
        notes.append(f"left out {int(drop.sum()):,} of {len(table):,} rows with missing values{parts}: {which}")
    if drop.all():
        most = max(gaps, key=lambda n: len(gaps[n]))
        raise DataError(
            f"{table.name}: every row lacks a value, so none is left. The emptiest is column {most!r} ({len(gaps[most]):,} of "
            f'{len(table):,} missing): choose inputs= without it, or on_missing="fill".'
        )
    return np.flatnonzero(~drop)


def _features(taken: Sequence[Taken], kept: np.ndarray, form: TableFormat, notes: list[str], *, fill: bool) -> Raw:
    """The input columns as one field, of the rows that are kept; categories that are missing are told."""
    columns, values = [], np.empty((len(kept), len(taken)))
    for i, one in enumerate(taken):
        column, filled = _filled(one) if fill else (one.column, one.values)
        assert column is not None  # what is left out is no input
        columns.append(column)
        values[:, i] = filled[kept]
        if column.classes[-1:] == (FILLED,):
            gaps = int(one.missing[kept].sum())
            notes.append(f"{column.name}: {gaps:,} missing, a category of their own, {FILLED!r}")
    return Raw("table", values, columns=tuple(columns), reading=form.to_dict())


def _filled(taken: Taken) -> tuple[Column, np.ndarray]:
    """Give the missing of a category a class of their own. Numbers stay nan: their median is known after the split."""
    column = taken.column
    assert column is not None
    if column.kind not in ("category", "boolean") or not taken.missing.any():
        return column, taken.values
    classes = (*column.classes, FILLED)
    return replace(column, kind="category", classes=classes), np.where(taken.missing, len(classes) - 1, taken.values)


def _target(name: str, taken: Taken, kept: np.ndarray, kind: str | None) -> tuple[Raw, str]:
    column, values = taken.column, taken.values[kept]
    assert column is not None
    if column.kind == "boolean":
        return raw_of(name, values == 1, "category", is_target=True)
    if column.kind == "category":
        raw = Raw("category", values.astype(np.int64), classes=column.classes)
        return raw, f"{name}: {len(column.classes)} classes"
    if column.kind == "date":
        raise DataError(f"The target {name!r} holds dates, which cannot be learned. Choose another target.")
    return raw_of(name, values.astype(np.int64) if taken.whole else values, kind, is_target=True)


def _refuse_new_classes(table: Table, targets: Mapping[str, Taken], count: int) -> None:
    """Raises: DataError, when the test file has labels that none of the first `count` rows has."""
    for name, taken in targets.items():
        assert taken.column is not None
        classes = taken.column.classes
        new = np.flatnonzero(~np.isin(taken.values[count:], taken.values[:count]) & ~taken.missing[count:]) + count
        if classes and len(new):
            label = str(classes[int(taken.values[new[0]])])
            like = [str(c) for c in classes if label.startswith(str(c)) and label != str(c)]
            suffix = label.removeprefix(like[0]) if like else ""
            hint = f" If {suffix!r} at its end is no part of it, say label_suffix={suffix!r}." if like else ""
            file, line = table.place(int(new[0]))
            raise DataError(
                f"{file}, row {line}, column {name!r}: no training row has the label {label!r} ({len(new):,} test rows have such "
                f"labels).{hint or ' Correct the labels of the test file.'}"
            )


def _labels(table: Table, name: str, form: TableFormat) -> np.ndarray:
    """The texts of a column that says group or split."""
    taken = take_column(table, name, form, kind="category")
    _refuse_missing_in(table, name, taken, "group or split")
    assert taken.column is not None
    return np.array(taken.column.classes, dtype=object)[taken.values.astype(np.int64)].astype(str)


def _refuse_missing_in(table: Table, name: str, taken: Taken, role: str) -> None:
    if taken.column is None or (taken.column.kind == "category" and role in ("weight", "time")):
        raise DataError(
            f"{table.name}, column {name!r} cannot be the {role}: it holds no numbers or dates. {taken.note}."
        )
    if taken.missing.any():
        ids = np.flatnonzero(taken.missing)
        raise DataError(
            f"{table.place(int(ids[0]))[0]}, column {name!r} (the {role}): {len(ids)} of {len(table)} values are missing "
            f"({table.rows(ids)}). Correct them."
        )


def _weights(table: Table, name: str, taken: Taken) -> np.ndarray:
    bad = np.flatnonzero(taken.values < 0)
    if len(bad):
        file, line = table.place(int(bad[0]))
        raise DataError(
            f"{file}, row {line}, column {name!r}: the weight {taken.values[bad[0]]:g} is below 0. Correct it."
        )
    return taken.values


def _stated(table: Table, name: str, said: np.ndarray, kept: np.ndarray) -> dict[str, np.ndarray]:
    known = np.array([SPLITS.get(s.strip().lower(), "") for s in np.unique(said)])
    for text, word in zip(np.unique(said), known):
        if not word:
            first = int(np.flatnonzero(said == text)[0])
            file, line = table.place(first)
            raise DataError(
                f"{file}, row {line}, column {name!r}: {str(text)!r} is no split. Write train, validation or test."
            )
    words = known[np.searchsorted(np.unique(said), said[kept])]
    return {word: np.flatnonzero(words == word) for word in dict.fromkeys(known.tolist())}
