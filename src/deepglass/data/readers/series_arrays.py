"""Series arrays: one long series to be cut into windows, or the rows of a table as one series an example."""

from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.readers.series import windows_of
from deepglass.data.readers.series_rows import Rows
from deepglass.data.readers.signal_table import read_signal_table
from deepglass.data.readers.table import Table
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion


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
    rows = Rows.untimed(names, array)
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
