"""Series: a table with a time column as windows, each a stretch to look back on and the stretch after it to forecast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from deepglass.data.readers.columns import Taken, take_column
from deepglass.data.readers.series_rows import Rows, laid_out
from deepglass.data.readers.series_time import Step, written
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.settings import DataSettings
from deepglass.data.source import Column, Raw, Source
from deepglass.data.windows import Windows
from deepglass.errors import DataError, SettingError

INPUT = "series"  # the field that the network sees
SEVERAL = "target"  # the field to learn, where it holds several variables


@dataclass(frozen=True)
class Chosen:
    """Which columns of a table are what. `inputs` are the variables that the network sees, `targets` those that it forecasts."""

    time: str | None
    series: str | None
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys([*self.targets, *self.inputs]))


def read_series(table: Table, settings: DataSettings) -> Source:
    """Make a source of windows from a table with a time column.

    An example is `lookback` time steps of the input variables (field `series`) and the `horizon` steps after them of the
    target variables (a field of the target's name, or `target` for several); with horizon=0 there is no target but the window
    itself, field `filled`. Rows are put in the order of their time; what is doubled, missing or uneven is refused or mended as
    `doubled`, `gaps` and `on_missing` say, and told.
    Raises: DataError, naming file, row and column; SettingError, for columns that are not there and settings that do not go
        together.
    """
    _refuse_settings(settings)
    form = TableFormat.of(settings)
    chosen = choose(table, settings, form)
    rows = laid_out(table, chosen.time, chosen.series, chosen.variables, settings, form)
    notes = [*table.notes, *chosen.notes, *rows.notes]
    return windows_of(
        rows,
        name=table.name,
        inputs=chosen.inputs,
        targets=chosen.targets,
        settings=settings,
        reading={
            "form": form.to_dict(),
            "time": chosen.time,
            "series": chosen.series,
            "kinds": {n: k for n, k in settings.kinds.items() if n == chosen.time},
        },
        notes=notes,
    )


def windows_of(
    rows: Rows,
    *,
    name: str,
    inputs: Sequence[str],
    targets: Sequence[str],
    settings: DataSettings,
    reading: dict[str, object],
    notes: Sequence[str] = (),
    facts: dict[str, str] | None = None,
) -> Source:
    """Cut rows into windows. Raises: DataError, when no series is long enough for one."""
    assert settings.lookback is not None
    lookback, horizon, stride = settings.lookback, settings.horizon, settings.stride
    starts = _starts(rows, lookback + horizon, stride, name, settings)
    if settings.on_missing == "drop":
        starts = _without_holes(rows.values, starts, 0, lookback + horizon, name)
    place = {n: i for i, n in enumerate(rows.names)}
    if settings.on_missing == "keep" and horizon:  # what was not measured cannot be learned
        starts = _without_holes(rows.values[:, [place[n] for n in targets]], starts, lookback, horizon, name)
    first = starts + lookback if horizon else starts
    last = first + (horizon or lookback) - 1
    asked = {
        "lookback": lookback,
        "horizon": horizon,
        "stride": stride,
        "step": rows.step.to_dict(),
        "dates": rows.dates,
        "gaps": settings.gaps,
        "doubled": settings.doubled,
        "on_missing": settings.on_missing,
    }
    target = "filled" if not horizon else targets[0] if len(targets) == 1 and targets[0] != INPUT else SEVERAL
    learned = list(targets if horizon else inputs)

    def raw(names: Sequence[str], at: np.ndarray, length: int, before: int, after: int) -> Raw:
        values = torch.from_numpy(np.ascontiguousarray(rows.values[:, [place[n] for n in names]]))
        how = {
            **reading,
            **asked,
            "variables": list(names),
            "before": before,
            "after": after,
            "breaks": rows.breaks.tolist(),
        }
        windows = Windows(values, torch.from_numpy(at), length)
        return Raw("series", windows, columns=tuple(Column(n) for n in names), reading=how)

    seen = raw(inputs, starts, lookback, 0, horizon)
    wanted = raw(learned, first, horizon or lookback, lookback if horizon else 0, 0)
    several = f" of {len(rows.titles)} series" if len(rows.titles) > 1 else ""
    apart = "" if rows.step.unit == "rows" else f" ({rows.step} apart)"
    told = (
        f"series: {len(starts):,} windows{several}, {lookback} time steps{apart} of {_some(inputs)} each"
        + (f", then {horizon} of {_some(targets)} to forecast" if horizon else "")
        + (f"; a new one every {stride} steps" if stride > 1 else "")
        + "."
    )
    from_, to = (written(float(end), dates=rows.dates) for end in (rows.stamps.min(), rows.stamps.max()))
    return Source(
        name,
        {INPUT: seen, target: replace(wanted, aligned=not horizon)},
        (INPUT,),
        (target,),
        notes=(*notes, f"time: {from_} to {to}, {len(rows.stamps):,} rows; the past trains, the future tests.", told),
        facts=facts or {},
        times=rows.stamps[first],
        spans=np.stack([rows.moments[first], rows.moments[last]], axis=1),
    )


def choose(table: Table, settings: DataSettings, form: TableFormat) -> Chosen:
    """Say which columns hold time, series, inputs and targets: of inputs, all columns of numbers unless some are named."""
    names = list(table.columns)
    said = [settings.target] if isinstance(settings.target, str) else list(settings.target or [])
    if settings.time is None:
        dates = [n for n in names if _is_date(table, n, form, settings)]
        hint = (
            f"Columns that hold dates: {', '.join(dates)}"
            if dates
            else "It has no column of dates; add one, or a row number"
        )
        raise SettingError(
            f"data.lookback={settings.lookback} cuts windows out of a series in time. Say which column of {table.name} holds "
            f"the time: data.time=COLUMN. {hint}."
        )
    table.check_asked([settings.time, *([settings.series] if settings.series else []), *said, *(settings.inputs or [])])
    special = {settings.time, settings.series}
    for wanted in [*said, *(settings.inputs or [])]:
        if wanted in special:
            role = "time" if wanted == settings.time else "series"
            raise SettingError(
                f"The column {wanted!r} is the {role} (data.{role}); it cannot be forecast from itself. Leave it out."
            )
    others = [n for n in names if n not in special]
    numeric: list[str] = []
    left: list[str] = []
    for n in others:
        if n in said or n in (settings.inputs or ()):
            numeric.append(n)
            continue
        taken = take_column(table, n, form, kind=settings.kinds.get(n))
        (numeric if taken.column is not None and taken.column.kind == "number" else left).append(n)
    if not numeric:
        raise DataError(
            f"{table.name} has no column of numbers beside the time {settings.time!r}. There is nothing to forecast."
        )
    targets = said or [numeric[-1]]
    inputs = settings.inputs or [*targets, *(n for n in numeric if n not in targets)]
    notes = [] if said or not settings.horizon else [f"target: the last column, {targets[0]!r}, because none was named"]
    notes += [f"{n}: left out, it holds no numbers" for n in left]
    return Chosen(settings.time, settings.series, tuple(inputs), tuple(targets), tuple(notes))


def _refuse_settings(settings: DataSettings) -> None:
    """Raises: SettingError, for settings that say something else about rows that are windows."""
    mends = {
        "group": "Name the column that tells several series apart with series=.",
        "split": "Say the splits in time steps: steps=[train, validation, test].",
        "weight": "Leave it out.",
        "signal": "Leave one of them out.",
    }
    for name, mend in mends.items():
        if (value := getattr(settings, name)) is not None:
            raise SettingError(
                f"data.{name}={value!r} does not go with data.lookback, whose examples are windows. {mend}"
            )
    if isinstance(settings.test, str):
        raise SettingError(
            f"data.test={settings.test!r} is a file, and windows are parted in time. Put its rows below the others, and say "
            f"steps=[train, validation, test]."
        )


def _starts(rows: Rows, length: int, stride: int, name: str, settings: DataSettings) -> np.ndarray:
    """Where windows begin: inside one piece of one series each."""
    ends = np.append(rows.breaks[1:], len(rows.stamps))
    starts = [np.arange(low, high - length + 1, stride) for low, high in zip(rows.breaks, ends)]
    found = np.concatenate(starts).astype(np.int64)
    if not len(found):
        longest = int((ends - rows.breaks).max())
        pieces = " without a gap" if settings.gaps == "part" else ""
        raise DataError(
            f"{name}: a window takes {length:,} time steps (lookback {settings.lookback} and horizon {settings.horizon}), and "
            f"the longest series has {longest:,}{pieces}. Choose a smaller lookback or horizon, or give a longer series."
        )
    return found


def _without_holes(values: np.ndarray, starts: np.ndarray, after: int, length: int, name: str) -> np.ndarray:
    """The windows that lack no value in the `length` rows from `after` rows past their start."""
    holes = np.concatenate([[0], np.isnan(values).any(axis=1).cumsum()])
    kept = starts[holes[starts + after + length] == holes[starts + after]]
    if not len(kept):
        raise DataError(f"{name}: every window lacks a value, so none is left. Use on_missing=fill.")
    return kept


def _is_date(table: Table, name: str, form: TableFormat, settings: DataSettings) -> bool:
    try:
        taken: Taken = take_column(table, name, form, kind=settings.kinds.get(name))
    except DataError:
        return False
    return taken.column is not None and taken.column.kind == "date"


def _some(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


__all__ = ["INPUT", "Chosen", "Rows", "Step", "choose", "read_series", "windows_of"]
