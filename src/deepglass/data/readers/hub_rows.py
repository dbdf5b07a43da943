"""Hub rows: the rows of a Hugging Face data set as they are held, and their pictures as files."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deepglass.data.readers.files import Entry, Folder
from deepglass.data.readers.hub_columns import AT_ONCE, Part
from deepglass.errors import DataError

MOST_STREAM_BYTES = 1 << 30  # of one split that is streamed: its rows are held in memory, so that each has a number
ADDRESS = re.compile(r"[A-Za-z][\w+.-]+://")


class Rows:
    """A column of encoded pictures as `Files`, each named as `Columns.place` does.

    Rows stay on the disk where `datasets` keeps them there.
    """

    def __init__(self, title: str, column: str, parts: Sequence[Part]) -> None:
        self.title, self.column = title, column
        self.parts = [(p.title, p.rows.select_columns([column]).with_format("arrow")) for p in parts]
        self.entries: list[Entry] = []
        self.folders: set[str] = set()
        self._places: dict[Path, Folder] = {}

    def where(self, name: str) -> str:
        return f"{name}, column {self.column!r}"

    def read(self, name: str) -> bytes:
        title, _, row = name.rpartition(", row ")
        cell = dict(self.parts)[title][int(row) - 1].column(0)[0].as_py() or {}
        if cell.get("bytes") is not None:
            return bytes(cell["bytes"])
        if not cell.get("path") or ADDRESS.match(cell["path"]):
            raise DataError(
                f"{self.where(name)} holds {cell.get('path') or 'nothing'} where a picture should be. Correct it."
            )
        path = Path(cell["path"])
        try:
            return self._places.setdefault(path.parent, Folder(path.parent, listed=False)).read(path.name)
        except DataError as error:
            raise DataError(f"{self.where(name)}: {error}") from None

    def head(self, name: str) -> bytes:
        return self.read(name)[:16]


def held(given: Any, title: str, limit: int | None, notes: list[str]) -> Any:
    """Return the rows of a split as a `datasets.Dataset`, the first `limit` of them, or all.

    The order of examples is a function of seed and epoch over their numbers, so those of a stream are held in memory.
    Raises: DataError, when a stream is larger than `MOST_STREAM_BYTES`, saying how many examples are not.
    """
    if isinstance(given, sys.modules["datasets"].IterableDataset):
        return _read_stream(given, title, limit, notes)
    if given.format["type"] == "custom":
        notes.append(f"{title}: the transform that was set on it is not applied; use .map() to keep what it does")
    if len(given.format["columns"]) < len(given.column_names):
        given = given.select_columns(given.format["columns"])
    if limit is not None and limit < len(given):
        notes.append(f"{title}: the first {limit:,} of {len(given):,} examples, as limit= says")
        given = given.select(range(limit))
    return given


def _read_stream(stream: Any, title: str, limit: int | None, notes: list[str]) -> Any:
    import datasets

    wanted = stream if limit is None else stream.take(limit)
    features = stream.features
    parts: list[Any] = []
    size = count = 0
    for batch in (wanted.with_format("arrow") if features else wanted).iter(AT_ONCE):
        part = _as_dataset(batch, features)
        size += part.data.nbytes
        if size > MOST_STREAM_BYTES:
            raise DataError(
                f"{title} is streamed, and its examples are held in memory so that they can be shuffled and split; {count:,} "
                f"of them take {MOST_STREAM_BYTES / 1e9:.1f} GB. Say how many to take: limit={max(count, 1)} "
                f"(--set data.limit={max(count, 1)}), or load it without streaming: then it stays on the disk."
            )
        parts.append(part)
        count += len(part)
    if not parts:
        raise DataError(f"{title} holds no examples. Give at least a few.")
    first = f"the first {count:,} examples, as limit= says" if count == limit else f"all {count:,} examples"
    notes.append(f"{title}: streamed, {first}, held in memory ({size / 1e6:,.1f} MB)")
    return datasets.concatenate_datasets(parts)


def _as_dataset(batch: Any, features: Any) -> Any:
    """One batch of a stream: an Arrow table where the features are known, else lists by column."""
    import datasets

    if isinstance(batch, Mapping):
        return datasets.Dataset.from_dict({n: [_plain(c) for c in cells] for n, cells in batch.items()})
    return datasets.Dataset(batch.cast(features.arrow_schema), info=datasets.DatasetInfo(features=features))


def _plain(cell: Any) -> Any:
    """A picture without the format of its file, in which it would be encoded again with losses; PNG has none."""
    pillow = sys.modules.get("PIL.Image")
    return cell.copy() if pillow is not None and isinstance(cell, pillow.Image) else cell
