"""Dataset: data made ready, with its fields and its splits; the test split is behind glass."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.augment import check_augment
from deepglass.data.batches import Batch, Reader
from deepglass.data.description import Description, describe
from deepglass.data.encode import Field, class_named, fit
from deepglass.data.portrait import portrait
from deepglass.data.ragged import Ragged
from deepglass.data.readers.files import shown
from deepglass.data.rounding import rounded
from deepglass.data.sequences import encoded_lengths
from deepglass.data.settings import TABLE_SETTINGS, DataSettings
from deepglass.data.sides import Sides
from deepglass.data.signal_encoding import check_signal_settings
from deepglass.data.source import Source
from deepglass.data.split import Splits, folds, split
from deepglass.data.stores import ArrayStore, FileStore, Store, TorchStore, store_of
from deepglass.data.text_encoding import check_text_settings
from deepglass.data.windows import Windows
from deepglass.errors import DataError, SettingError
from deepglass.settings import checked

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from deepglass.data.checks import Problem

# Settings that are over once the raw data are there.
READING = (
    *("source", "target", "inputs", "options", "kinds", *TABLE_SETTINGS, "image_size", "colour", "on_damaged", "limit"),
    *("label_pattern", "rate", "mono", "channels", "simplify", "texts", "context", "context_stride"),
    "share_vocabulary",
    "babi_tasks",
)
# Encoded data up to this size stays in memory. Beyond it the raw values stay, bytes a quarter as large for images, and a batch is
# encoded when its turn comes: one gathers less, and allocates no second copy.
RESIDENT_BYTES = 512 << 20


@dataclass(frozen=True)
class Dataset(Sides):
    """Examples with encoded fields and splits. Made by `load`; never changed, only derived from with `with_` and `folds`.

    Args:
        store: the raw values, shared by all datasets derived from this one.
        fields: inputs and targets by name, inputs first, each with its encoding.
        weights: how much each example counts in the loss, shape (examples,), or None.
        borrowed: whether the encodings were fitted elsewhere (`like=`), and so are kept whatever is derived from this.
    """

    source: Source
    store: Store
    fields: Mapping[str, Field]
    splits: Splits
    settings: DataSettings
    weights: Tensor | None = None
    borrowed: bool = False

    def __len__(self) -> int:
        return sum(self.splits.counts().values())

    def __repr__(self) -> str:
        return str(self.describe())

    def _repr_html_(self) -> str:
        return self.describe().to_html()

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def uneven_inputs(self) -> tuple[str, ...]:
        """The inputs of which a batch is cut to its longest example."""
        by_batch = self.settings.padding == "batch" and not self.settings.streaming
        return tuple(n for n in self.inputs if by_batch and n in self._lengths)

    def reader(self, device: torch.device | str = "cpu", in_bfloat16: str | None = None) -> Reader:
        """Return what reads batches, with everything encoded in advance when it fits. Args: in_bfloat16: a field that may be so."""
        place = torch.device(device)
        weights = None if self.weights is None else self.weights.to(place)
        if (encoded := self._resident(place)) is not None and in_bfloat16 is not None:
            encoded = rounded(encoded, in_bfloat16, self.__dict__.setdefault(f"_rounded on {place}", {}))
        lengths = self._lengths if encoded is not None and self.settings.padding == "batch" else {}
        store = self.store.as_used(self.fields) if isinstance(self.store, FileStore) else self.store
        train, workers = torch.from_numpy(self.splits.train), self.settings.workers
        return Reader(store, self.fields, place, weights, encoded, workers, train, lengths)

    def members(self, name: str) -> Tensor:
        """Return the example indices of a split, int64. Raises: DataError, for the test split, or one that is none."""
        if name not in ("train", "validation", "test"):
            raise DataError(f"There is no split {name!r}. Splits: train, validation, test.")
        if name == "test":
            raise DataError(
                "The test split is behind glass: training, stopping and tuning never see it. "
                "run.evaluate() opens it, and writes that down."
            )
        return torch.from_numpy(getattr(self.splits, name))

    def called(self, index: int) -> str:
        """Name an example for a message: by its index, and by its file where it has one."""
        names = self.source.names
        return f"{index} ({shown(names[index])})" if names else str(index)

    def lengths(self, name: str) -> Tensor | None:
        """Entries of each example of a split, shape (examples,), of the first field of uneven length; None without one."""
        if isinstance(self.store, ArrayStore):
            for field, values in self.store.values.items():
                known = self.fields.get(field)
                if known is None or known.kind == "signal":  # those are encoded to one length
                    continue
                if known.is_sequence:
                    if field in self._lengths:
                        return self._lengths[field][self.members(name)]
                elif isinstance(values, Ragged):
                    return values.lengths[self.members(name)]
        return None

    def codes(self, name: str) -> Tensor | None:
        """The class of each example of a split, int64 (examples,), where the first target is a category.

        None where it is something else, and of a torch Dataset, which would have to be read through.
        """
        raw = self.source.codes()
        field = next(iter(self.targets.values()), None)
        if raw is None or field is None or field.kind != "category":
            return None
        return torch.tensor(field.encoding["index"], dtype=torch.int64)[torch.from_numpy(raw)[self.members(name)]]

    def open_test(self, write_down: Callable[[int], None]) -> Tensor:
        """Return the indices of the test split, after `write_down(number of examples)` has recorded the look."""
        if not len(self.splits.test):
            raise DataError(
                f"{self.name} was loaded with test={self.settings.test}: it has no test split. Load it with test=0.2."
            )
        write_down(len(self.splits.test))
        return torch.from_numpy(self.splits.test)

    def examples(self, split: str = "train", limit: int | None = None, device: torch.device | str = "cpu") -> Batch:
        """Return encoded examples of the training or validation split as one batch, at most `limit`, evenly spread."""
        ids = self.members(split)
        if limit is not None and len(ids) > limit:
            ids = ids[torch.linspace(0, len(ids) - 1, limit).round().long()]
        return self.read(ids, device)

    def read(self, ids: Tensor, device: torch.device | str = "cpu") -> Batch:
        """Return the encoded examples `ids` as one batch."""
        return next(iter(self.reader(device).read(ids, max(1, len(ids)))))

    def with_(self, **changes: Any) -> "Dataset":
        """Return this data with other settings, such as scaling="none"; storage is shared, splits and encodings made anew.

        Raises: SettingError, when there is no such setting, or it decides how the raw data are read.
        """
        settings = checked(DataSettings, {**self.settings.model_dump(), **changes}, "data")
        by_file = isinstance(settings.test, str) or isinstance(self.settings.test, str)
        for name in (*READING, "test") if by_file else READING:
            if getattr(settings, name) != getattr(self.settings, name):
                value = getattr(settings, name)
                raise SettingError(
                    f"{name}={value!r} decides how data are read. Load them again: load(..., {name}={value!r})."
                )
        return self._derived(settings)

    def folds(self, k: int) -> list["Dataset"]:
        """Divide training and validation k times for cross-validation; encodings are fitted on each training part."""
        source = self.source
        parts = folds(self.splits, k, self.settings, source.codes(), groups=source.groups, times=source.times)
        return [self._derived(self.settings, part) for part in parts]

    def describe(self) -> Description:
        """Say what is in here: fields, encodings, splits, and what was taken for what."""
        return describe(self.source, self.fields, self.splits)

    def check(self) -> list["Problem"]:
        """Say what may be wrong with these data, the gravest first; sound data give none, or remarks.

        Of the test split hashes and statistics of the inputs are compared; its targets are not read.
        """
        from deepglass.data.checks import check  # late: a training needs no checks

        return list(check(self).problems)

    def show(self, path: "str | Path | None" = None) -> "Figure":
        """Draw the data: examples, distributions, balance, what goes with the target, and augmentation when it is on.

        The test split is not looked at. A matplotlib Figure, which a notebook shows.
        Args: path: where it is saved, too: a .png, .svg, .pdf or .html file.
        """
        # The only arrow that points upwards in the house: see "A dataset draws itself" in docs/decisions.md.
        from deepglass.report.pictures import portrait_picture, save

        figure = portrait_picture(portrait(self))
        if path is not None:
            save(figure, path, self.name)
        return figure

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the raw content, or of the files of what is streamed.

        Of a torch Dataset, which may be endless to read, it is that of its name and length.
        """
        digest = hashlib.sha256()
        if isinstance(self.store, FileStore):
            return self.store.fingerprint()
        if not isinstance(self.store, ArrayStore):
            return hashlib.sha256(f"{self.name}:{len(self.source)}".encode()).hexdigest()
        for name, values in sorted(self.store.values.items()):
            parts: list[Any] = [values.values, values.offsets] if isinstance(values, Ragged) else [values]
            for tensor in [values.values, values.starts] if isinstance(values, Windows) else parts:
                digest.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode())
                digest.update(tensor.contiguous().numpy().data)
        return digest.hexdigest()

    @cached_property
    def _lengths(self) -> dict[str, Tensor]:
        """Entries of each example of texts, series and strokes that differ in it, int64 (examples,), by field."""
        if not isinstance(self.store, ArrayStore):
            return {}
        encoded = self._resident(torch.device("cpu")) or {}
        lengths = {}
        for name, field in self.fields.items():
            if field.is_sequence and not isinstance(self.store.values.get(name), Windows | None):
                values = encoded[name] if name in encoded else field.encode(self.store.values[name])
                found = encoded_lengths(field.kind, values)
                if len(found) and int(found.min()) < values.shape[1]:
                    lengths[name] = found
        return lengths

    def _derived(self, settings: DataSettings, splits: Splits | None = None) -> "Dataset":
        kept = self.fields if self.borrowed or isinstance(self.store, TorchStore) else None  # else fitted anew
        return make(
            self.source,
            settings,
            store=self.store,
            weights=self.weights,
            splits=splits,
            fields=kept,
            borrowed=self.borrowed,
        )

    def _resident(self, device: torch.device) -> Mapping[str, Any] | None:
        if self.settings.streaming or not isinstance(self.store, ArrayStore) or self.store.bytes > RESIDENT_BYTES:
            return None
        cache: dict[str, Mapping[str, Any]] = self.__dict__.setdefault("_encoded", {})
        if str(device) not in cache:
            cache[str(device)] = {n: f.encode(self.store.values[n]).to(device) for n, f in self.fields.items()}
        return cache[str(device)]


def make(
    source: Source,
    settings: DataSettings,
    *,
    store: Store | None = None,
    weights: Tensor | None = None,
    splits: Splits | None = None,
    fields: Mapping[str, Field] | None = None,
    borrowed: bool = False,
) -> Dataset:
    """Split a source and fit its encodings. `splits` and `fields` are given when a run's own are used again."""
    store = store or store_of(source.fields)
    if splits is None:
        parting: dict[str, Any] = {"own": source.splits, "groups": source.groups, "times": source.times}
        parting["spans"] = source.spans
        splits = split(_kept(source, settings), settings, classes=source.codes(), **parting)
    if weights is None and source.weights is not None:
        weights = torch.from_numpy(np.asarray(source.weights, dtype=np.float32))
    if fields is None:
        names = [(n, "input") for n in source.inputs] + [(n, "target") for n in source.targets]
        raws = source.fields
        fields = {n: fit(n, raws[n], role, splits.train, settings, beside=raws) for n, role in names}
    check_signal_settings(settings, {f.kind for f in fields.values() if f.role == "input"})
    check_text_settings(settings, {f.kind for f in fields.values()})
    check_augment(settings.augment, fields)
    return Dataset(source, store, fields, splits, settings, weights, borrowed)


def _kept(source: Source, settings: DataSettings) -> np.ndarray:
    """The examples of the classes that are kept: all of them, unless `classes` names some."""
    codes = source.codes()
    if settings.classes is None:
        return np.arange(len(source))
    if codes is None:
        raise SettingError(f"classes={settings.classes!r} needs a target that is a category; {source.name} has none.")
    raw = source.fields[name := source.targets[0]]
    wanted = [raw.classes.index(class_named(name, raw, c, "classes")) for c in settings.classes]
    return np.flatnonzero(np.isin(codes, wanted))
