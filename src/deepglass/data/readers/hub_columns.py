"""Hub columns: what the columns of a Hugging Face data set hold, and their values out of Arrow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepglass.data.readers.parquet import arrow_cells
from deepglass.data.readers.table import Cells, Typed
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

AT_ONCE = 1000  # rows that are read at a time
MOST_TEXT_BYTES = 1 << 30  # of one column of texts, which is held in memory
MOST_ARRAY_BYTES = 4 << 30  # of one column of arrays, which is held in memory


@dataclass(frozen=True)
class Part:
    """One split: ours by name (empty for data without splits), its words in messages, and its rows, a `datasets.Dataset`."""

    name: str
    title: str
    rows: Any


@dataclass(frozen=True)
class Arrays:
    """A column of arrays: values (present rows, ...), missing (rows,). `why` says what keeps it from being one."""

    values: np.ndarray
    missing: np.ndarray
    why: str = ""

    def taken(self, rows: np.ndarray) -> np.ndarray:
        """Return the arrays of some rows, none of which is missing."""
        places = np.cumsum(~self.missing) - 1
        return self.values if len(rows) == len(self.values) else self.values[places[rows]]


@dataclass(frozen=True)
class Columns:
    """The columns that all splits have alike.

    Args:
        kinds: by name, what each holds: class, plain (a number, a text, a date), image or array.
        left_out: why the others cannot be used.
        names: the names of the classes of each column of them.
    """

    title: str
    parts: Sequence[Part]
    kinds: Mapping[str, str]
    left_out: Mapping[str, str]
    names: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, parts: Sequence[Part], title: str) -> "Columns":
        """Look at the features of every split. Raises: DataError, when there is no example."""
        kinds, left_out, names = {}, {}, {}
        for part in parts:
            if not len(part.rows):
                raise DataError(f"{part.title} holds no examples. Give at least a few.")
        features = parts[0].rows.features
        schema = features.arrow_schema
        for name, feature in features.items():
            others = [p for p in parts[1:] if p.rows.features.get(name) != feature]
            if others:
                told = others[0].rows.features.get(name)
                told = "lacks it" if told is None else f"holds {_said(told)}"
                left_out[name] = f"{parts[0].title} holds {_said(feature)}, {others[0].title} {told}"
                continue
            kind = type(feature).__name__
            found = {"ClassLabel": "class", "Image": "image"}.get(kind) or _kind(schema.field(name).type)
            if not found:
                left_out[name] = f"it holds {_said(feature)}, which cannot be used yet"
                continue
            kinds[name] = found
            if found == "class":
                names[name] = list(feature.names)
        return cls(title, parts, kinds, left_out, names)

    def without(self, reasons: Mapping[str, str]) -> "Columns":
        """Leave out columns, for reasons by name."""
        kinds = {c: kind for c, kind in self.kinds.items() if c not in reasons}
        return replace(self, kinds=kinds, left_out={**self.left_out, **reasons})

    @property
    def count(self) -> int:
        return sum(len(p.rows) for p in self.parts)

    def place(self, row: int) -> str:
        """Name a row, counted from 0 over all splits, by its split and its number in there, counted from 1."""
        for part in self.parts:
            if row < len(part.rows):
                return f"{part.title}, row {row + 1}"
            row -= len(part.rows)
        raise IndexError(row)

    def feature(self, name: str) -> Any:
        return self.parts[0].rows.features[name]

    def listed(self) -> str:
        """Say which columns there are."""
        said = [f"{n} ({_said(self.feature(n))})" for n in [*self.kinds, *self.left_out]]
        return f"Columns: {', '.join(said)}."

    def check(self, name: str, setting: str) -> None:
        """Raises: SettingError, when there is no such column; DataError, when it cannot be used, or not as this."""
        if name in self.left_out:
            raise DataError(f"{self.title}, column {name!r}: {self.left_out[name]}. {self.listed()}")
        if name not in self.kinds:
            raise SettingError(f"{self.title} has no column {name!r}.{suggestion(name, self.kinds)} {self.listed()}")
        if setting == "role" and self.kinds[name] in ("image", "array"):
            raise SettingError(
                f"{self.title}, column {name!r} holds {_said(self.feature(name))}, not one value a row. "
                "Name another column."
            )

    def missing(self, name: str) -> np.ndarray:
        """Which rows hold nothing in a column, (rows,) bool."""
        return np.concatenate([_null(b) for p in self.parts for b in _batches(p.rows, name)])

    def cells(self, name: str) -> Cells:
        """Return a column of single values as cells of a table. -1 is a class that is not known, as None is."""
        size = sum(_bytes(p.rows, name) for p in self.parts)
        if size > MOST_TEXT_BYTES:
            raise DataError(
                f"{self.title}, column {name!r} takes {size / 1e9:.1f} GB, more than the {MOST_TEXT_BYTES / 1e9:.1f} GB that are "
                f"held in memory. Leave it out with inputs=, or take fewer examples with limit=."
            )
        found = arrow_cells(self.title, name, _whole(self.parts, name))
        if self.kinds[name] != "class" or not isinstance(found, Typed):
            return found
        missing = found.missing | (found.values < 0)
        wrong = np.flatnonzero(~missing & (found.values >= len(self.names[name])))
        if len(wrong):
            raise DataError(
                f"{self.place(int(wrong[0]))}, column {name!r}: there is no class {found.values[wrong[0]]:.0f} among "
                f"{len(self.names[name])}. Correct it."
            )
        return Typed("number", np.where(missing, 0, found.values), missing, whole=True)

    def array(self, name: str) -> Arrays:
        """Read a column of arrays. `why` says where one differs in shape, and then there are no values."""
        nothing = Arrays(np.empty(0), np.empty(0, dtype=bool))
        found: list[np.ndarray] = []
        gaps = []
        for part in self.parts:
            row = 0
            for batch in _batches(part.rows, name):
                missing = _null(batch)
                gaps.append(missing)
                row += len(missing)
                if missing.all():
                    continue
                values = _dense(batch.drop_null())
                if values is None or (found and values.shape[1:] != found[0].shape[1:]):
                    return replace(
                        nothing, why=f"its arrays differ in shape or lack entries ({part.title}, by row {row})"
                    )
                self._check_size(name, values.itemsize * int(np.prod(values.shape[1:])))
                found.append(values)
        if not found:
            return replace(nothing, why="every value is missing")
        return replace(nothing, values=np.concatenate(found), missing=np.concatenate(gaps))

    def _check_size(self, name: str, one: int) -> None:
        size = one * self.count
        if size > MOST_ARRAY_BYTES:
            raise DataError(
                f"{self.title}, column {name!r}: its arrays take {size / 1e9:.1f} GB, more than the {MOST_ARRAY_BYTES / 1e9:.1f} "
                f"GB that are held in memory. Take fewer examples with limit={MOST_ARRAY_BYTES // one}, or other inputs=."
            )


def _kind(kind: Any) -> str:
    """What an Arrow type holds: plain, array, or nothing that can be used."""
    import pyarrow as pa

    test = pa.types
    if _is_list(kind) or isinstance(kind, pa.BaseExtensionType):
        inner = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
        while _is_list(inner):
            inner = inner.value_type
        return "array" if test.is_integer(inner) or test.is_floating(inner) or test.is_boolean(inner) else ""
    plain = (
        "boolean",
        "integer",
        "floating",
        "decimal",
        "date",
        "timestamp",
        "string",
        "large_string",
        "dictionary",
        "null",
    )
    return "plain" if any(getattr(test, f"is_{p}")(kind) for p in plain) else ""


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _batches(rows: Any, name: str) -> Iterator[Any]:
    """The Arrow arrays of a column, part by part, so that what lies on the disk stays there."""
    import pyarrow as pa

    arrow = rows.select_columns([name]).with_format("arrow")
    for start in range(0, len(rows), AT_ONCE):
        for chunk in arrow[start : start + AT_ONCE].column(0).chunks:
            yield chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk


def _null(values: Any) -> np.ndarray:
    return np.asarray(values.is_null().to_numpy(zero_copy_only=False))


def _whole(parts: Sequence[Part], name: str) -> Any:
    """All of a column as one Arrow array."""
    import pyarrow as pa

    chunks = [c for p in parts for c in p.rows.select_columns([name]).with_format("arrow")[:].column(0).chunks]
    return pa.chunked_array(chunks).combine_chunks()


def _bytes(rows: Any, name: str) -> float:
    return float(rows.data.column(name).nbytes * len(rows) / max(1, len(rows.data)))


def _dense(values: Any) -> np.ndarray | None:
    """Return nested lists as an array (rows, ...), or nothing when they are uneven or lack entries."""
    import pyarrow.compute as pc

    shape = [len(values)]
    while _is_list(values.type):
        lengths = pc.unique(pc.list_value_length(values)).to_pylist()
        if len(lengths) != 1 or not lengths[0]:
            return None
        shape.append(lengths[0])
        values = values.flatten()
    return None if values.null_count else values.to_numpy(zero_copy_only=False).reshape(shape)


def _said(feature: Any) -> str:
    """A feature in words."""
    kind = type(feature).__name__
    if kind == "dict":
        return "values in values"
    if kind == "ClassLabel":
        return f"classes {', '.join(feature.names[:3])}{', ...' if len(feature.names) > 3 else ''}"
    text = str(feature.dtype) if kind == "Value" else str(feature) if "List" in kind or kind == "Sequence" else kind
    return text if len(text) <= 60 else f"{text[:60]}..."
