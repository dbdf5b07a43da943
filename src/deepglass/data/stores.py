"""Stores: where raw values are kept, in memory, in files of their own or behind a torch Dataset, and how examples are taken out."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from traceback import clear_frames
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.readers.ahead import decoded
from deepglass.data.readers.pictures import Pictures
from deepglass.data.readers.streamed_recordings import StreamedRecordings
from deepglass.data.shared import as_tensor
from deepglass.data.source import Raw
from deepglass.data.windows import Windows
from deepglass.errors import DataError
from deepglass.randomness import derive

Values = Any  # a tensor, an array or a Ragged, examples first


class Store(Protocol):
    """Raw values of every field, by example."""

    def take(self, ids: Tensor, epoch: int) -> dict[str, Values]:
        """Return the raw values of some examples."""
        ...

    def stream(self, batches: Sequence[Tensor], epoch: int, workers: int | None) -> Iterator[dict[str, Values]]:
        """Return the raw values batch after batch."""
        ...


class ArrayStore:
    """Raw values in memory (or a memory-mapped file), shared by every Dataset made from them."""

    def __init__(self, fields: Mapping[str, Raw]) -> None:
        self.values = {name: _tensor_or_ragged(raw.values) for name, raw in fields.items()}

    def take(self, ids: Tensor, epoch: int = 0) -> dict[str, Values]:
        return {name: v.take(ids) if isinstance(v, Ragged) else v[ids] for name, v in self.values.items()}

    def stream(self, batches: Sequence[Tensor], epoch: int, workers: int | None) -> Iterator[dict[str, Values]]:
        for ids in batches:
            yield self.take(ids, epoch)

    @property
    def bytes(self) -> int:
        tensors = [v.values if isinstance(v, Ragged) else v for v in self.values.values()]
        return sum(t.numel() * 4 for t in tensors)  # as the float32 that a network is given


class FileStore:
    """Pictures or recordings that stay in their files, beside fields in memory. An example is a pure function of its index.

    Args: fields: of which at least one holds `Pictures` or `StreamedRecordings`.
    """

    def __init__(self, fields: Mapping[str, Raw]) -> None:
        self.files: dict[str, Pictures | StreamedRecordings] = {n: r.values for n, r in fields.items() if in_files(r)}
        self.rest = ArrayStore({n: r for n, r in fields.items() if n not in self.files})
        self.names = list(fields)

    def as_used(self, fields: Mapping[str, Field]) -> "FileStore":
        """The same files, of whose recordings no more is read into a batch than a network is given of them."""
        used = copy(self)
        used.files = {
            n: f.cut(fields[n].shape[1], fields[n].encoding["align"]) if isinstance(f, StreamedRecordings) else f
            for n, f in self.files.items()
        }
        return used

    def take(self, ids: Tensor, epoch: int = 0) -> dict[str, Values]:
        where = ids.numpy()
        return self._joined(
            ids,
            {
                n: f.take(where) if isinstance(f, StreamedRecordings) else torch.from_numpy(f[where])
                for n, f in self.files.items()
            },
        )

    def stream(self, batches: Sequence[Tensor], epoch: int, workers: int | None) -> Iterator[dict[str, Values]]:
        for ids, found in zip(batches, decoded(self.files, [b.numpy() for b in batches], workers)):
            yield self._joined(ids, {n: self._uneven(n, ids, values) for n, values in found.items()})

    @property
    def bytes(self) -> int:
        """Of all that is in the files, decoded."""
        return sum(f.nbytes for f in self.files.values())

    def fingerprint(self) -> str:
        """SHA-256 of the files, and of the fields in memory."""
        digest = hashlib.sha256()
        for files in self.files.values():
            digest.update(f"{files.shape}".encode())
            for content in files.contents():
                digest.update(hashlib.sha256(content).digest())
        for name, values in sorted(self.rest.values.items()):
            digest.update(name.encode())
            for tensor in (values.values, values.offsets) if isinstance(values, Ragged) else (values,):
                digest.update(np.ascontiguousarray(tensor).data)
        return digest.hexdigest()

    def _uneven(self, name: str, ids: Tensor, values: np.ndarray) -> Values:
        """Pictures as they are; of recordings what is theirs, without what stands behind it."""
        files = self.files[name]
        if isinstance(files, Pictures):
            return torch.from_numpy(values)
        return files.joined([one[:length] for one, length in zip(values, files.lengths[ids.numpy()])])

    def _joined(self, ids: Tensor, found: Mapping[str, Values]) -> dict[str, Values]:
        rest = self.rest.take(ids)
        return {n: found[n] if n in found else rest[n] for n in self.names}


def in_files(raw: Raw) -> bool:
    """Whether the values of a field stay in their files."""
    return isinstance(raw.values, Pictures | StreamedRecordings)


def store_of(fields: Mapping[str, Raw]) -> "ArrayStore | FileStore":
    """Return the store that suits some raw values."""
    return FileStore(fields) if any(map(in_files, fields.values())) else ArrayStore(fields)


class TorchStore:
    """A torch Dataset of the user's. An example is a pure function of (seed, epoch, index), in any worker.

    Args:
        unpack: turns one item of the dataset into raw values by field name.
    """

    def __init__(self, dataset: Any, unpack: Callable[[Any], dict[str, Any]], seed: int = 0) -> None:
        self.dataset, self.unpack, self.seed = dataset, unpack, seed

    def take(self, ids: Tensor, epoch: int = 0) -> dict[str, Values]:
        return _collate([_Examples(self, epoch)[int(i)] for i in ids])

    def stream(self, batches: Sequence[Tensor], epoch: int, workers: int | None) -> Iterator[dict[str, Values]]:
        if not workers:
            for ids in batches:
                yield self.take(ids, epoch)
            return
        loader = torch.utils.data.DataLoader(
            _Examples(self, epoch),
            batch_sampler=[b.tolist() for b in batches],
            num_workers=workers,
            collate_fn=_collate_shared,
            generator=torch.Generator().manual_seed(0),  # otherwise the loader draws from the global one
        )
        try:
            for values in loader:
                if isinstance(values, DataError):
                    raise values
                yield values
        except Exception as error:
            clear_frames(error.__traceback__)  # torch's frames hold the processes, which end when nothing does
            raise


class _Examples(torch.utils.data.Dataset):
    """The user's dataset with every generator seeded for the one example, and given back afterwards."""

    def __init__(self, store: TorchStore, epoch: int) -> None:
        self.store, self.epoch = store, epoch

    def __getitem__(self, index: int) -> dict[str, Any]:
        with _all_seeded(derive(self.store.seed, "example", self.epoch, index)):
            return self.store.unpack(self.store.dataset[index])


@contextmanager
def _all_seeded(seed: int) -> Iterator[None]:
    python, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy_state)  # noqa: NPY002


def _collate(examples: list[dict[str, Any]]) -> dict[str, Values]:
    """Stack examples that agree in shape, and keep the others ragged."""
    joined: dict[str, Values] = {}
    for name in examples[0]:
        parts = [torch.as_tensor(np.asarray(e[name]) if not isinstance(e[name], Tensor) else e[name]) for e in examples]
        if all(p.shape == parts[0].shape for p in parts):
            joined[name] = torch.stack(parts)
        elif all(p.shape[1:] == parts[0].shape[1:] and p.ndim for p in parts):
            joined[name] = Ragged.of(parts)
        else:
            raise DataError(
                f"Field {name!r}: examples of shapes {tuple(parts[0].shape)} and "
                f"{next(tuple(p.shape) for p in parts if p.shape != parts[0].shape)} cannot stand in one batch. "
                f"Make them alike in the dataset."
            )
    return joined


def _collate_shared(examples: list[dict[str, Any]]) -> dict[str, Values] | DataError:
    """Collate in a worker, and move the result to shared memory there: where that is full, the error arrives.

    Otherwise a thread of the worker's queue would move it, which drops what it cannot send, and all would wait for ever.
    Returns: the error itself where examples do not fit together; torch would put a traceback into its words.
    """
    try:
        joined = _collate(examples)
    except DataError as error:
        return error
    for values in joined.values():
        for tensor in (values.values, values.offsets) if isinstance(values, Ragged) else (values,):
            tensor.share_memory_()
    return joined


def _tensor_or_ragged(values: Any) -> Tensor | Ragged | Windows:
    if isinstance(values, Ragged | Tensor | Windows):
        return values
    return as_tensor(values)
