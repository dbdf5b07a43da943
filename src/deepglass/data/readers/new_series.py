"""New series: the last rows of a table, as a network looks back on them to forecast what comes after."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deepglass.data.ragged import Ragged
from deepglass.data.readers.series_rows import laid_out
from deepglass.data.readers.series_time import Step
from deepglass.data.readers.series_values import series_values
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.errors import DataError


def last_windows(table: Table, reading: Mapping[str, Any]) -> tuple[np.ndarray, list[str]]:
    """Take the last window of each series of a table, read and mended as the series that were learned from.

    Args: reading: how these were read, as the encoding of the input holds it.
    Returns: values (series, lookback, variables), and for each the time of its last row as a number, a tab, and its name.
    Raises: DataError, when a column is absent, a series is shorter than the window or ends in a gap.
    """
    time, series, variables = reading.get("time"), reading.get("series"), list(reading["variables"])
    needed = [*([time] if time else []), *([series] if series else []), *variables]
    table.check_needed(needed)
    lookback = int(reading["lookback"])
    on_missing = reading["on_missing"] if reading["on_missing"] != "drop" else "stop"
    settings = DataSettings(
        lookback=lookback,
        series=series,
        gaps=reading["gaps"],
        doubled=reading["doubled"],
        on_missing=on_missing,
        kinds=reading.get("kinds", {}),
    )
    step = Step.from_dict(reading["step"])
    form = TableFormat.from_dict(reading.get("form", {}))
    rows = laid_out(table, time, series, variables, settings, form, None if step.unit == "rows" else step)
    windows, last = [], []
    for code in np.unique(rows.codes).tolist():
        (own,) = np.nonzero(rows.codes == code)
        begins = rows.breaks[rows.breaks <= own[-1]].max()
        held = len(own[own >= begins])
        if held < lookback:
            named = f"the series {rows.titles[code]!r}" if series else "the series"
            raise DataError(
                f"{table.name}: {named} ends with {held:,} time steps{' without a gap' if held < len(own) else ''}, and the "
                f"network looks back on {lookback:,}. Give more rows."
            )
        windows.append(rows.values[own[-lookback:]])
        last.append(f"{float(rows.stamps[own[-1]])!r}\t{rows.titles[code]}")
    return np.stack(windows), last


def given_series(name: str, encoding: Mapping[str, Any], shape: Sequence[int], values: Any) -> Raw:
    """Take series as they are given in arrays or lists, one or several.

    Raises: DataError, where one lacks a value and none was missing in those learned from.
    """
    steps, width = shape[0], len(encoding["variables"])
    if not isinstance(values, list | tuple):
        values = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
        if values.shape == (steps, width) or (width == 1 and values.shape == (steps,)):  # one example alone
            values = values.reshape(1, steps, width)
    raw, _ = series_values(name, values)
    numbers = raw.values.values.numpy() if isinstance(raw.values, Ragged) else np.asarray(raw.values)
    bad = np.isinf(numbers) | (np.isnan(numbers) & (not encoding.get("known")))
    if bad.any():
        raise DataError(
            f"Field {name!r}: {int(bad.sum()):,} values are missing or not finite. Correct them; those that were learned from had "
            f"none."
        )
    return raw
