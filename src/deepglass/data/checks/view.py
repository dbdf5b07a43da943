"""View: what the checks see of a Dataset. Of the test split these are the inputs alone; its targets are never read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.readers.pictures import Pictures
from deepglass.data.readers.streamed_recordings import StreamedRecordings
from deepglass.data.source import Label, Raw
from deepglass.data.stores import ArrayStore, FileStore, Store

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

OPEN = ("train", "validation")
MOST_EXAMPLES = 20_000  # a share is then known within 0.7 points (two standard errors), and a check takes a second
MOST_BYTES = 1 << 30  # as float32; data up to this size are searched whole for duplicates, of which a sample has few
MOST_READ = 2_000  # examples of data that are read or decoded one by one, such as a torch Dataset
MOST_FILES = 100_000  # files of pictures or recordings that are hashed
FILLED = "(missing)"  # the class that a reader makes of missing values
MOST_COLUMNS = 128  # of a wide field, such as a recording, so many columns are looked at, evenly spread


@dataclass(frozen=True)
class Column:
    """One column of numbers or of a category, input or target: float64 by split, nan where a value is missing.

    `classes` are the names behind the codes of a category; a `date` is a number of days.
    """

    field: str
    name: str
    kind: str  # number or category
    values: Mapping[str, np.ndarray]
    classes: Sequence[Label] = ()
    date: bool = False
    role: str = "column"  # or target

    @property
    def open(self) -> np.ndarray:
        """The values of the training and the validation split, in this order."""
        return np.concatenate([self.values[s] for s in OPEN])

    @cached_property
    def present(self) -> np.ndarray:
        """The values of the training split that are there."""
        train = self.values["train"]
        return train[np.isfinite(train)]

    @property
    def title(self) -> str:
        return f"{self.role} {self.name!r}"


@dataclass(frozen=True)
class View:
    """Examples of a Dataset, raw, by split. `ids` says which examples are looked at."""

    dataset: "Dataset"
    ids: Mapping[str, np.ndarray]
    by_content: bool = False  # for equality alone: the hash of a file stands for what is in it

    @classmethod
    def of(cls, dataset: "Dataset", most: int) -> "View":
        """Look at no more than `most` examples and MOST_BYTES in all, evenly spread over each split."""
        return cls._of(dataset, min(most, _fitting(dataset, MOST_READ)))

    @classmethod
    def contents(cls, dataset: "Dataset") -> "View":
        """Look at every example, as far as MOST_BYTES and MOST_FILES go, for what is equal; a file as its hash."""
        most = MOST_FILES if isinstance(dataset.store, FileStore) else _fitting(dataset, MOST_READ)
        return cls._of(dataset, most, by_content=True)

    @classmethod
    def _of(cls, dataset: "Dataset", most: int, by_content: bool = False) -> "View":
        parts = {s: getattr(dataset.splits, s) for s in (*OPEN, "test")}
        if by_field(dataset.store) is None:
            parts["test"] = parts["test"][:0]  # such a store gives inputs and targets together, or not at all
        kept = min(1.0, most / max(1, sum(map(len, parts.values()))))
        return cls(dataset, {s: _even(ids, kept) for s, ids in parts.items()}, by_content)

    @property
    def note(self) -> str:
        """What has to be said when not everything was looked at."""
        seen, there = sum(map(len, self.ids.values())), len(self.dataset)
        parts = [f"{seen:,} of {there:,} examples"] if seen < there else []
        if not self.by_content:
            widths = {n: _width(f.kind, f.shape, self.dataset.source.fields[n]) for n, f in self.dataset.inputs.items()}
            parts += [f"{MOST_COLUMNS} of {w:,} columns of {n!r}" for n, w in widths.items() if w > MOST_COLUMNS]
        return f"Looked at {', '.join(parts)}." if parts else ""

    @cached_property
    def raw(self) -> dict[str, dict[str, Any]]:
        """Raw values by split and field: of the test split the inputs alone."""
        names = {s: [*self.dataset.inputs, *(self.dataset.targets if s in OPEN else ())] for s in self.ids}
        return {s: self._read(names[s], torch.from_numpy(ids)) for s, ids in self.ids.items()}

    def _read(self, names: Sequence[str], ids: Tensor) -> dict[str, Any]:
        values = by_field(self.dataset.store)
        if values is not None:  # field by field, so that no target is touched that is not asked for
            return {n: self._taken(values[n], ids) for n in names}
        return {n: v for n, v in self.dataset.store.take(ids, 0).items() if n in names} if len(ids) else {}

    def _taken(self, values: Any, ids: Tensor) -> Any:
        if isinstance(values, Ragged):
            return values.take(ids)
        if isinstance(values, Pictures | StreamedRecordings) and self.by_content:
            digests = b"".join(hashlib.sha256(values.files.read(values.names[i])).digest() for i in ids.tolist())
            return torch.from_numpy(np.frombuffer(digests, dtype=np.int64).reshape(len(ids), 4).copy())
        if isinstance(values, StreamedRecordings):
            return values.take(ids.numpy())
        return torch.as_tensor(values[ids.numpy() if isinstance(values, Pictures) else ids])

    @cached_property
    def columns(self) -> list[Column]:
        """The inputs that are columns."""
        return [c for name in self.dataset.inputs for c in self._columns(name, (*OPEN, "test"))]

    @cached_property
    def targets(self) -> list[Column]:
        """The targets, of the training and the validation split."""
        return [replace(c, role="target") for name in self.dataset.targets for c in self._columns(name, OPEN)]

    @cached_property
    def images(self) -> dict[str, dict[str, Tensor]]:
        """The image inputs by field and split, each (examples, channels, height, width)."""
        names = [n for n, f in self.dataset.inputs.items() if f.kind == "image"]
        return {n: {s: raw[n] for s, raw in self.raw.items() if isinstance(raw.get(n), Tensor)} for n in names}

    @property
    def open_ids(self) -> np.ndarray:
        return np.concatenate([self.ids[s] for s in OPEN])

    def _columns(self, name: str, splits: Sequence[str]) -> list[Column]:
        field, raw = self.dataset.fields[name], self.dataset.source.fields[name]
        parts = {s: _matrix(self.raw[s].get(name), len(self.ids[s])) for s in splits}
        if field.kind not in ("number", "category", "table") or any(p is None for p in parts.values()):
            return []
        values = {s: p for s, p in parts.items() if p is not None}
        if field.kind == "category":
            index = np.asarray(field.encoding["index"]) if field.role == "target" else np.arange(len(raw.classes))
            coded = {s: _classes(p[:, 0], index) for s, p in values.items()}
            classes = field.classes if field.role == "target" else raw.classes
            return [Column(name, name, "category", coded, classes)]
        width = max(p.shape[1] for p in values.values())
        values = {s: p if len(p) else np.empty((0, width)) for s, p in values.items()}
        found = []
        for i in range(width) if width <= MOST_COLUMNS else np.linspace(0, width - 1, MOST_COLUMNS).astype(int):
            column = raw.columns[i] if i < len(raw.columns) else None
            title = column.name if column else (name if width == 1 else f"{name}[{i}]")
            if column is not None and column.classes:
                index = np.array([-1 if c == FILLED else k for k, c in enumerate(column.classes)])
                coded = {s: _classes(p[:, i], index) for s, p in values.items()}
                found.append(Column(name, title, "category", coded, column.classes))
            else:
                date = column is not None and column.kind == "date"
                found.append(Column(name, title, "number", {s: p[:, i] for s, p in values.items()}, date=date))
        return found


def by_field(store: Store) -> Mapping[str, Any] | None:
    """The raw values of each field, where one can be read without the others; None where a store gives whole examples."""
    if isinstance(store, FileStore):
        return {**store.files, **store.rest.values}
    return store.values if isinstance(store, ArrayStore) else None


def _fitting(dataset: "Dataset", read: int) -> int:
    """How many examples in memory fit into MOST_BYTES, or `read` for those that are read one by one."""
    if isinstance(dataset.store, FileStore):
        return min(read, len(dataset) * MOST_BYTES // max(dataset.store.bytes, 1))
    if not isinstance(dataset.store, ArrayStore):
        return read
    return len(dataset) * MOST_BYTES // max(dataset.store.bytes, MOST_BYTES)


def _width(kind: str, shape: tuple[int, ...], raw: Raw) -> int:
    """The columns of a field, 0 for one that is no columns."""
    return len(raw.columns) if kind == "table" else int(np.prod(shape)) if kind == "number" else 0


def _even(ids: np.ndarray, kept: float) -> np.ndarray:
    if kept >= 1 or not len(ids):
        return ids
    return ids[np.linspace(0, len(ids) - 1, max(1, int(kept * len(ids)))).round().astype(int)]


def _matrix(values: Any, count: int) -> np.ndarray | None:
    """Values as float64 (n, columns), or None for examples of uneven length."""
    if values is None:
        return np.empty((0, 1)) if not count else None
    if not isinstance(values, Tensor):
        return None
    return values.reshape(len(values), -1).double().numpy() if len(values) else np.empty((0, 1))


def _classes(codes: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Codes through `index`; nan for a missing one, and for a class that the encoding leaves out."""
    known = np.isfinite(codes) & (codes >= 0) & (codes < len(index))
    places = np.where(known, index[np.where(known, codes, 0).astype(int)] if len(index) else -1, -1)
    return np.where(places >= 0, places, np.nan).astype(np.float64)
