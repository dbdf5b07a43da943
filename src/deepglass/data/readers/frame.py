"""DataFrames: columns of numbers, categories and booleans."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data.readers.arrays import MOST_CLASSES, raw_of
from deepglass.data.source import Column, Raw, Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

if TYPE_CHECKING:
    import pandas


def from_frame(
    frame: "pandas.DataFrame",
    target: str | Sequence[str] | None,
    *,
    inputs: Sequence[str] | None = None,
    kinds: Mapping[str, str] | None = None,
    name: str = "DataFrame",
) -> Source:
    """Make a source of a DataFrame: all input columns become one field, `features`.

    Raises: DataError, for missing values (with column and rows) and for text that is no category.
    """
    frame = frame.rename(columns=str)
    kinds = dict(kinds or {})
    targets = [target] if isinstance(target, str) else list(target or [frame.columns[-1]])
    for wanted in [*targets, *(inputs or []), *kinds]:
        if wanted not in frame.columns:
            raise SettingError(
                f"{name} has no column {wanted!r}.{suggestion(wanted, frame.columns)} Columns: {', '.join(frame.columns)}."
            )
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise DataError(f"{name} has the column {doubled[0]!r} twice. Rename one of them.")
    used = list(inputs) if inputs is not None else [c for c in frame.columns if c not in targets]
    if not used:
        raise DataError(
            f"{name} has no column besides the target {', '.join(targets)}. There is nothing to learn from."
        )
    notes = [] if target else [f"target: the last column, {targets[0]!r}, because none was named"]
    columns, parts = [], []
    for c in used:
        column, values, note = _column(name, c, frame[c], kinds.get(c))
        if column is not None:
            columns.append(column)
            parts.append(values)
        notes.append(note)
    if not columns:
        raise DataError(f"{name}: none of the columns {', '.join(used)} can be an input: all are free text.")
    fields = {"features": Raw("table", np.stack(parts, axis=1), columns=tuple(columns))}
    for t in targets:
        _refuse_missing(name, t, frame[t])
        fields[t], note = raw_of(t, _plain(frame[t]), kinds.get(t), is_target=True)
        notes.append(note)
    return Source(name, fields, ("features",), tuple(targets), notes=tuple(notes))


def columns_of(
    source: str, frame: "pandas.DataFrame", names: Sequence[str], kinds: Mapping[str, str]
) -> tuple[list[Column], np.ndarray]:
    """Read the columns that a network has learned from, in that order: their facts, and values (n, columns).

    Raises: DataError, when one is absent or holds something else than was learned.
    """
    frame = frame.rename(columns=str)
    absent = [n for n in names if n not in frame.columns]
    if absent:
        raise DataError(
            f"{source} has no column {absent[0]!r}.{suggestion(absent[0], frame.columns)} Needed: {', '.join(names)}."
        )
    read = [_column(source, n, frame[n], kinds[n]) for n in names]
    return [c for c, _, _ in read if c is not None], np.stack([values for _, values, _ in read], axis=1)


def _column(
    source: str, name: str, values: "pandas.Series[Any]", kind: str | None
) -> tuple[Column | None, np.ndarray, str]:
    _refuse_missing(source, name, values)
    plain = _plain(values)
    if kind != "category" and plain.dtype.kind in "biuf":
        return (
            Column(name),
            plain.astype(np.float64),
            f"{name}: {'yes or no' if plain.dtype.kind == 'b' else 'numbers'}",
        )
    if kind == "number":
        raise DataError(
            f"{source}, column {name!r}: {str(plain[0])!r} is not a number. Load with kinds={{{name!r}: 'category'}}."
        )
    classes, codes = np.unique(plain.astype(str), return_inverse=True)
    if kind is None and len(classes) > min(MOST_CLASSES, max(2, len(plain) // 2)):
        return None, codes, f"{name}: left out, free text ({len(classes)} different values)"
    return (
        Column(name, "category", tuple(classes.tolist())),
        codes.astype(np.float64),
        f"{name}: {len(classes)} categories",
    )


def _plain(values: "pandas.Series[Any]") -> np.ndarray:
    array = values.to_numpy()
    if array.dtype == object or str(values.dtype) in ("category", "str", "string"):
        return np.asarray([v if isinstance(v, str) else str(v) for v in array.tolist()])
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"Column {values.name!r} holds {values.dtype}, which cannot be used yet. Convert it to numbers."
        )
    return array


def _refuse_missing(source: str, name: str, values: "pandas.Series[Any]") -> None:
    rows = np.flatnonzero(values.isna().to_numpy())
    if len(rows):
        shown = ", ".join(str(r + 1) for r in rows[:5]) + (", ..." if len(rows) > 5 else "")
        raise DataError(
            f"{source}, column {name!r}: {len(rows)} of {len(values)} values are missing (rows {shown}). "
            f"Drop these rows or fill the values first."
        )
