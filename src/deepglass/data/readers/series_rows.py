"""Series rows: the rows of a table in the order of time, series after series, with what was wrong mended as it was asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepglass.data.readers.columns import Taken, take_column
from deepglass.data.readers.series_time import Step, off_grid, step_of, written
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError
from deepglass.plurals import counted

MOST_ADDED = 10  # times the rows there are: what fills larger gaps is hardly a measurement any more


@dataclass(frozen=True)
class Rows:
    """Rows in the order of series and time.

    Shapes: values (rows, variables) float64, nan where one is missing; stamps (rows,) days since 1970-01-01, or numbers;
    moments (rows,) int64, the place of each stamp among all different ones; codes (rows,) of `titles`, the series;
    breaks (pieces,), the row at which each piece begins that no window runs across.
    """

    names: tuple[str, ...]
    values: np.ndarray
    stamps: np.ndarray
    moments: np.ndarray
    codes: np.ndarray
    titles: tuple[str, ...]
    breaks: np.ndarray
    step: Step
    dates: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def untimed(cls, names: Sequence[str], values: np.ndarray) -> "Rows":
        """One series whose rows are its time steps. Shapes: values (rows, variables)."""
        places, none = np.arange(len(values)), np.zeros(len(values), dtype=np.int64)
        start, step = np.zeros(1, dtype=np.int64), Step("rows", 1.0)
        return cls(tuple(names), values, places.astype(np.float64), places, none, ("",), start, step, dates=False)


def laid_out(
    table: Table,
    time: str | None,
    series: str | None,
    variables: Sequence[str],
    settings: DataSettings,
    form: TableFormat,
    step: Step | None = None,
) -> Rows:
    """Read the columns of a table that make up series. Args: step: that of the series learned from; found out otherwise.

    Raises: DataError, naming row and column of a stamp that comes twice, is missing or stands off the others' grid, of a gap,
        and of a value that is missing, where nothing was said about these.
    """
    notes: list[str] = []
    stamps, dates = _stamps(table, time, form, settings)
    codes, titles = _series(table, series, form)
    taken = [take_column(table, n, form, kind="number") for n in variables]
    _refuse_empty(table, variables, taken)
    values = np.stack([t.values for t in taken], axis=1)
    order = np.lexsort((np.arange(len(table)), stamps, codes))  # by series, then by time, then as they stand
    late = np.flatnonzero((np.diff(stamps) < 0) & (np.diff(codes) == 0)) + 1
    if len(late):
        notes.append(f"{time}: {counted(len(late), 'row')} after a later one ({table.rows(late)}); put in order")
    stamps, codes, values = stamps[order], codes[order], values[order]
    stamps, codes, values, order = _single(table, time, settings, stamps, codes, values, order, dates, notes)
    _refuse_missing(table, variables, values, order, settings)
    if len(stamps) < 2:
        raise DataError(f"{table.name} has one row in time, and a series needs at least two. Give a longer series.")
    breaks = np.flatnonzero(np.diff(codes, prepend=-1))
    if len(breaks) == len(stamps):
        raise DataError(
            f"{table.name}, column {series!r} (the series): each of {len(stamps):,} series has one row in time, and needs at least "
            f"two. Name another column with series=, or none."
        )
    if settings.gaps == "ignore" or time is None:
        step = Step("rows", 1.0)
    else:
        parted = np.insert(stamps, breaks[1:], np.nan)
        step = step or step_of(parted, dates=dates)
        stamps, codes, values, breaks = _even(
            table, time, settings, step, stamps, codes, values, order, breaks, dates, notes
        )
    if settings.on_missing == "fill":
        values = _filled(values, np.flatnonzero(np.diff(codes, prepend=-1)), variables, notes)
    moments = np.searchsorted(np.unique(stamps), stamps)
    return Rows(tuple(variables), values, stamps, moments, codes, titles, breaks, step, dates, tuple(notes))


def _stamps(table: Table, time: str | None, form: TableFormat, settings: DataSettings) -> tuple[np.ndarray, bool]:
    if time is None:
        return np.arange(len(table), dtype=np.float64), False
    taken = take_column(table, time, form, kind=settings.kinds.get(time))
    if taken.column is None or taken.column.kind not in ("date", "number"):
        raise DataError(
            f"{table.name}, column {time!r} cannot be the time: it holds no dates or numbers. {taken.note}. Name another column "
            f"with data.time=, or say how its dates are written: kinds={{{time!r}: 'date %d.%m.%Y'}}."
        )
    if taken.missing.any():
        ids = np.flatnonzero(taken.missing)
        raise DataError(
            f"{table.place(int(ids[0]))[0]}, column {time!r} (the time): {len(ids):,} of {len(table):,} values are missing "
            f"({table.rows(ids)}). Correct them."
        )
    return taken.values.astype(np.float64), taken.column.kind == "date"


def _series(table: Table, series: str | None, form: TableFormat) -> tuple[np.ndarray, tuple[str, ...]]:
    if series is None:
        return np.zeros(len(table), dtype=np.int64), ("",)
    taken = take_column(table, series, form, kind="category")
    if taken.column is None or taken.missing.any():
        ids = np.flatnonzero(taken.missing) if taken.column is not None else np.arange(len(table))
        raise DataError(
            f"{table.name}, column {series!r} (the series): it is empty in {table.rows(ids)}. Name every row's series."
        )
    return taken.values.astype(np.int64), tuple(map(str, taken.column.classes))


def _refuse_empty(table: Table, variables: Sequence[str], taken: Sequence[Taken]) -> None:
    for name, one in zip(variables, taken):
        if one.column is None:
            raise DataError(
                f"{table.name}, column {name!r}: every value is missing. Leave it out with inputs=, or give it values."
            )


def _single(
    table: Table,
    time: str | None,
    settings: DataSettings,
    stamps: np.ndarray,
    codes: np.ndarray,
    values: np.ndarray,
    order: np.ndarray,
    dates: bool,
    notes: list[str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One row for each stamp of a series. Raises: DataError, where one comes twice and nothing was said about it."""
    again = (np.diff(stamps) == 0) & (np.diff(codes) == 0)
    if not again.any():
        return stamps, codes, values, order
    second = np.flatnonzero(again) + 1
    if settings.doubled == "stop":
        file, line = table.place(int(order[second[0]]))
        before = table.place(int(order[second[0] - 1]))[1]
        hint = (
            ""
            if settings.series
            else " If the table holds several series, name the column that tells them apart with series=."
        )
        raise DataError(
            f"{file}, row {line}, column {time!r}: {written(float(stamps[second[0]]), dates=dates)} stands in row {before} already "
            f"({counted(len(second), 'such row')}).{hint} Otherwise say doubled=mean "
            f"(--set data.doubled=mean), or correct them."
        )
    first = np.concatenate([[True], ~again])
    group = first.cumsum() - 1
    known = np.isfinite(values)
    sums, counts = np.zeros((group[-1] + 1, values.shape[1])), np.zeros((group[-1] + 1, values.shape[1]))
    np.add.at(sums, group, np.where(known, values, 0))
    np.add.at(counts, group, known)
    mean = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    notes.append(
        f"{time}: {counted(len(second), 'row')} with the time of another one ({table.rows(order[second])}); the mean was taken"
    )
    return stamps[first], codes[first], mean, order[first]


def _refuse_missing(
    table: Table, variables: Sequence[str], values: np.ndarray, order: np.ndarray, settings: DataSettings
) -> None:
    gaps = np.isnan(values)
    if settings.on_missing != "stop" or not gaps.any():
        return
    listed = "; ".join(
        f"column {n!r}: {int(gaps[:, i].sum()):,} of {len(table):,} values are missing "
        f"({table.rows(np.sort(order[np.flatnonzero(gaps[:, i])]))})"
        for i, n in enumerate(variables)
        if gaps[:, i].any()
    )
    file = table.place(int(order[np.flatnonzero(gaps.any(axis=1))[0]]))[0]
    raise DataError(
        f"{file}, {listed}. Say what to do: on_missing=fill takes the value before, on_missing=drop leaves out the windows that "
        f"hold one, on_missing=keep leaves holes and says beside each variable what is known (--set data.on_missing=...)."
    )


def _even(
    table: Table,
    time: str,
    settings: DataSettings,
    step: Step,
    stamps: np.ndarray,
    codes: np.ndarray,
    values: np.ndarray,
    order: np.ndarray,
    breaks: np.ndarray,
    dates: bool,
    notes: list[str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows at even distances: gaps are refused, filled with rows without values, or parted."""
    apart = step.between(stamps)
    inside = np.diff(codes) == 0
    odd = np.flatnonzero(off_grid(apart) & inside) + 1
    if len(odd):
        file, line = table.place(int(order[odd[0]]))
        here, before = (written(float(stamps[i]), dates=dates) for i in (odd[0], odd[0] - 1))
        raise DataError(
            f"{file}, row {line}, column {time!r}: {here} follows {before}, which is no whole number of steps of {step} "
            f"({len(odd):,} such rows: {table.rows(np.sort(order[odd]))}). Bring the series to even steps, or take rows for steps: "
            f"gaps=ignore (--set data.gaps=ignore)."
        )
    steps = np.where(inside, np.round(apart), 1).astype(np.int64)
    wide = np.flatnonzero(steps > 1) + 1
    if not len(wide):
        return stamps, codes, values, breaks
    absent = int((steps - 1).sum())
    if settings.gaps == "stop":
        left = counted(int(steps[wide[0] - 1]) - 1, "step")
        file, line = table.place(int(order[wide[0]]))
        here, before = (written(float(stamps[i]), dates=dates) for i in (wide[0], wide[0] - 1))
        raise DataError(
            f"{file}, row {line}, column {time!r}: {here} follows {before}, which leaves out {left} "
            f"of {step}, {absent:,} in all (before {table.rows(np.sort(order[wide]))}). Say what to do: gaps=fill takes the values "
            f"before, gaps=part ends the series there and begins anew, gaps=ignore takes rows for steps (--set data.gaps=...)."
        )
    if settings.gaps == "part":
        notes.append(
            f"{time}: parted at {counted(len(wide), 'gap')} ({counted(absent, 'missing step')} of {step}); no window crosses one"
        )
        return stamps, codes, values, np.union1d(breaks, wide)
    if absent > MOST_ADDED * len(stamps):
        raise DataError(
            f"{table.name}, column {time!r}: {absent:,} steps of {step} are missing between {len(stamps):,} rows, too many to "
            f"fill. Use gaps=part, or gaps=ignore."
        )
    notes.append(f"{time}: {counted(absent, 'missing step')} of {step} filled with the values before (gaps=fill)")
    place = np.concatenate([[0], steps.cumsum()])
    full = np.full((place[-1] + 1, values.shape[1]), np.nan)
    full[place] = values
    source = np.searchsorted(place, np.arange(place[-1] + 1), side="right") - 1
    later = np.arange(place[-1] + 1) - place[source]
    filled = stamps[source] + (0 if step.unit == "months" else step.size * later)
    added = later > 0
    for i in np.flatnonzero(added & (step.unit == "months")).tolist():
        filled[i] = step.after(float(stamps[source[i]]), int(later[i]))[-1]
    full[added] = full[place[source[added]]]
    return filled, codes[source], full, place[breaks]


def _filled(values: np.ndarray, begins: np.ndarray, variables: Sequence[str], notes: list[str]) -> np.ndarray:
    """Put the value before into each hole of a series, and the first known one into holes at its beginning."""
    import pandas

    holes = np.isnan(values)
    if not holes.any():
        return values
    parts = np.split(values, begins[1:])
    told = ", ".join(f"{n} {int(holes[:, i].sum()):,}" for i, n in enumerate(variables) if holes[:, i].any())
    notes.append(
        f"missing values were filled with the value before (at the beginning with the first one known): {told}"
    )
    return np.concatenate([pandas.DataFrame(part).ffill().bfill().fillna(0.0).to_numpy() for part in parts])
