"""Series arrays: arrays and lists that hold one series an example, or one long series to be cut into windows."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.readers.series import windows_of
from deepglass.data.readers.series_rows import Rows
from deepglass.data.readers.series_time import Step
from deepglass.data.readers.signal_table import read_signal_table
from deepglass.data.readers.table import Table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion


def series_values(name: str, values: Any) -> tuple[Raw, str]:
    """Take an array (n, time) or (n, time, variables), or a list of series of different lengths, for series, with a note.

    Raises: DataError, when they have other axes or differ in their variables, or one has no time step.
    """
    try:
        array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
        even = array.dtype != object
    except ValueError:
        even = False
    if even:
        array = array[..., None] if array.ndim == 2 else array
        if array.ndim != 3 or 0 in array.shape[1:] or array.dtype.kind not in "biuf":
            raise DataError(
                f"Field {name!r}: series are numbers (examples, time) or (examples, time, variables); got {array.dtype} of shape "
                f"{array.shape}."
            )
        told = f"{name}: series of {array.shape[1]:,} time steps, {array.shape[2]} variables"
        return Raw("series", array.astype(np.float64)), told
    parts = [np.asarray(v, dtype=np.float64) for v in values]
    parts = [p[:, None] if p.ndim == 1 else p for p in parts]
    widths = {p.shape[1:] for p in parts}
    if any(p.ndim != 2 for p in parts) or len(widths) > 1:
        raise DataError(
            f"Field {name!r}: series of different lengths are (time, variables) each, with the same variables; got the shapes "
            f"{', '.join(sorted({str(p.shape) for p in parts})[:4])}."
        )
    empty = next((i for i, p in enumerate(parts) if not len(p)), None)
    if empty is not None:
        raise DataError(f"Field {name!r}: example {empty} (counted from 0) has no time step. Leave it out.")
    lengths = [len(p) for p in parts]
    told = f"{name}: series of {min(lengths):,} to {max(lengths):,} time steps, {parts[0].shape[1]} variables"
    return Raw("series", Ragged.of([torch.from_numpy(p) for p in parts])), told


def read_long_array(values: Any, settings: DataSettings) -> Source:
    """Cut an array (time,) or (time, variables), its rows in the order of time, into windows.

    Variables are called x0, x1, ...; to be forecast is the last one, or those that `target` names.
    Raises: DataError, for an array of other axes or with values that are missing; SettingError, for a variable that is none.
    """
    array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    if array.ndim not in (1, 2) or array.dtype.kind not in "biuf":
        raise DataError(
            f"data.lookback cuts windows out of numbers (time,) or (time, variables); got {array.dtype} of shape {array.shape}."
        )
    array = array.reshape(len(array), -1).astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad) and (settings.on_missing == "stop" or np.isinf(array).any()):
        raise DataError(
            f"The series: row {bad[0, 0]} (counted from 0), variable x{bad[0, 1]} is missing or not finite ({len(bad):,} values). "
            f"Correct it, or say on_missing=drop or keep."
        )
    names = [f"x{i}" for i in range(array.shape[1])]
    said = [settings.target] if isinstance(settings.target, str) else list(settings.target or names[-1:])
    for wanted in [*said, *(settings.inputs or [])]:
        if wanted not in names:
            raise SettingError(
                f"The series has no variable {wanted!r}.{suggestion(wanted, names)} Variables: {', '.join(names)}."
            )
    places = np.arange(len(array))
    rows = Rows(
        names=tuple(names),
        values=array,
        stamps=places.astype(np.float64),
        moments=places,
        codes=np.zeros(len(array), dtype=np.int64),
        titles=("",),
        breaks=np.zeros(1, dtype=np.int64),
        step=Step("rows", 1.0),
        dates=False,
    )
    if not len(array):
        raise DataError("The series has no time step. Give at least a window.")
    inputs = settings.inputs or [*said, *(n for n in names if n not in said)]
    return windows_of(
        rows, name="arrays", inputs=inputs, targets=said, settings=settings, reading={"time": None, "series": None}
    )


def read_series_examples(table: Table, settings: DataSettings) -> Source:
    """Make a source of a table in long form in which the rows of equal `series`, in their order, are one example.

    Target, weight, group and split are those of a series' first row.
    Raises: DataError and SettingError, as `read_signal_table` does; SettingError for time=, as rows are taken as they stand.
    """
    if settings.time is not None:
        raise SettingError(
            f"data.series={settings.series!r} with data.time takes each series for one to be forecast. Say how far to look back "
            f"(data.lookback=), or leave time out: the rows of a series are then taken in their order, and each is an example."
        )
    alike = settings.model_copy(update={"signal": settings.series, "series": None, "rate": 1.0})
    read = read_signal_table(table, alike)
    signal = read.fields["signal"]
    raw = replace(signal, kind="series", rate=0.0)
    lengths = signal.values.lengths
    names = [c.name for c in signal.columns]
    note = (
        f"series: {len(lengths):,} series, the rows of equal {settings.series!r}, {int(lengths.min()):,} to "
        f"{int(lengths.max()):,} time steps; variables: {', '.join(names)}"
    )
    fields = {"series": raw, **{n: f for n, f in read.fields.items() if n != "signal"}}
    return replace(read, fields=fields, inputs=("series",), notes=(note, *read.notes[1:]))
