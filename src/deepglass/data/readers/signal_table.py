"""Signal tables: one row a sample, one column a channel, and a column that says which rows are one signal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Column, Raw, Source
from deepglass.errors import DataError, SettingError


def read_signal_table(table: Table, settings: DataSettings) -> Source:
    """Make a source of a table in long form: the rows of equal `signal`, in their order, are the samples of one signal.

    Target, weight, group and split are those of a signal's first row; a target has to be the same in all of them.
    Raises: DataError, naming row and column; SettingError, for columns that are not there.
    """
    column = settings.signal
    assert column is not None
    if settings.rate is None:
        raise SettingError(f"data.signal={column!r}: say how many samples a second the signals have, such as rate=100.")
    table.check_asked([column])
    if settings.time is not None or isinstance(settings.test, str):
        raise SettingError("data.signal goes with neither time= nor a file for test=. Use split= or group=.")
    form = TableFormat.of(settings)
    asked = settings.model_copy(
        update={
            "inputs": [column],
            "kinds": {**settings.kinds, column: "category"},
            "signal": None,
            "on_missing": "stop",
        }
    )
    rows = from_table(table, asked)
    target = next(iter(rows.targets), "")
    special = {column, *rows.targets, *(s for s in (settings.weight, settings.group, settings.split) if s)}
    channels = settings.inputs or _numeric(table, special, form, settings.kinds)
    listed = rows.fields["features"]
    codes = np.asarray(listed.values)[:, 0].astype(np.int64)
    values, order, starts = _in_order(table, codes, channels, form)
    first = order[starts[:-1]]
    for name in rows.targets:
        _refuse_changing(table, name, np.asarray(rows.fields[name].values), codes, order, first)
    names = settings.channels or channels
    if len(names) != len(channels):
        raise SettingError(
            f"data.channels names {len(names)} channels, and there are {len(channels)}: {', '.join(channels)}."
        )
    reading = {"form": form.to_dict(), "signal": column, "columns": list(channels)}
    ragged = Ragged(torch.from_numpy(values), torch.from_numpy(starts))
    raw = Raw("signal", ragged, columns=tuple(Column(n) for n in names), rate=settings.rate, reading=reading)
    fields = {"signal": raw, **{t: replace(rows.fields[t], values=rows.fields[t].values[first]) for t in rows.targets}}
    lengths = np.diff(starts)
    note = (
        f"signal: {len(first):,} signals, the rows of equal {column!r}, {lengths.min():,} to {lengths.max():,} samples at "
        f"{settings.rate:g} Hz; channels: {', '.join(channels)}"
        + ("" if settings.inputs else " (inputs= names others)")
    )
    return replace(
        rows,
        fields=fields,
        inputs=("signal",),
        splits=None
        if rows.splits is None
        else {n: np.flatnonzero(np.isin(first, ids)) for n, ids in rows.splits.items()},
        notes=(note, *(n for n in rows.notes if n.startswith((f"{target}:", "target:")))),
        names=tuple(str(listed.columns[0].classes[codes[i]]) for i in first),
        weights=None if rows.weights is None else rows.weights[first],
        groups=None if rows.groups is None else rows.groups[first],
    )


def new_signals(table: Table, reading: Mapping[str, Any], form: TableFormat) -> tuple[Any, list[str]]:
    """Read signals out of a table as those that were learned: raw values as in `Raw`, and the name of each.

    Raises: DataError, when a column is absent or holds no numbers.
    """
    wide = "samples" in reading
    needed = list(reading["samples"]) if wide else [reading["signal"], *reading["columns"]]
    table.check_needed(needed)
    if wide:
        matrix = np.stack([take_column(table, n, form, kind="number").values for n in needed], axis=1)
        _refuse_missing(table, matrix, needed)
        return torch.from_numpy(matrix[:, None, :]), []
    taken = take_column(table, reading["signal"], form, kind="category")
    classes = taken.column.classes if taken.column is not None else ()
    codes = taken.values.astype(np.int64)
    values, order, starts = _in_order(table, codes, reading["columns"], form)
    return Ragged(torch.from_numpy(values), torch.from_numpy(starts)), [
        str(classes[codes[i]]) for i in order[starts[:-1]]
    ]


def _in_order(
    table: Table, codes: np.ndarray, channels: Sequence[str], form: TableFormat
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples (rows, channels) float32 signal after signal, the row of each, and where each signal begins."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))  # signals in the order in which they appear
    order = np.argsort(rank[inverse], kind="stable")
    values = np.stack([take_column(table, c, form, kind="number").values for c in channels], axis=1)
    _refuse_missing(table, values, channels)
    starts = np.concatenate([[0], np.bincount(rank[inverse]).cumsum()])
    return values[order].astype(np.float32), order, starts


def _numeric(table: Table, special: set[str], form: TableFormat, kinds: Mapping[str, str]) -> list[str]:
    found = []
    for name in (n for n in table.columns if n not in special):
        taken = take_column(table, name, form, kind=kinds.get(name))
        if taken.column is not None and taken.column.kind == "number":
            found.append(name)
    if not found:
        raise DataError(
            f"{table.name} has no column of numbers that could be a channel. Name the channels with inputs=."
        )
    return found


def _refuse_missing(table: Table, values: np.ndarray, names: Sequence[str]) -> None:
    gaps = np.argwhere(~np.isfinite(values))
    if len(gaps):
        row, column = gaps[0]
        file, line = table.place(int(row))
        raise DataError(
            f"{file}, row {line}, column {names[int(column)]!r}: a sample is missing ({len(gaps):,} in all). Fill the gaps first."
        )


def _refuse_changing(
    table: Table, name: str, values: np.ndarray, codes: np.ndarray, order: np.ndarray, first: np.ndarray
) -> None:
    own = np.zeros(int(codes.max()) + 1, dtype=values.dtype)
    own[codes[first]] = values[first]
    changed = np.flatnonzero(values != own[codes])
    if len(changed):
        file, line = table.place(int(changed[0]))
        raise DataError(
            f"{file}, row {line}, column {name!r}: the target changes within one signal. Give each signal one target."
        )
