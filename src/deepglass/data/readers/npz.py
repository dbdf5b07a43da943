"""NumPy files (.npy, .npz): every header is checked against the bytes that are there, before anything is made of it."""

import io
import math
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from deepglass.data.readers.archives import AGAIN, BROKEN
from deepglass.data.readers.arrays import from_arrays
from deepglass.data.readers.files import shown
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

MOST_BYTES = 8 << 30  # of all the arrays of one file, once unpacked
MOST_ARRAYS = 10_000
MOST_HEADER = 10_000  # characters, NumPy's own limit
CHUNK_BYTES = 16 << 20
KINDS = "biufSU"
SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "val": "validation", "test": "test"}
LABELS = ("labels", "label", "y", "targets", "target", "classes", "class")
IMAGES = ("images", "image", "pictures", "picture")


def read_npy(path: Path) -> np.ndarray:
    """Read one array. Raises: DataError, naming the file, for objects, structures, or a size that does not fit."""
    try:
        with path.open("rb") as file:
            return _array(file, os.fstat(file.fileno()).st_size, str(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


def read_npz(path: Path, content: bytes | None = None) -> dict[str, np.ndarray]:
    """Read the arrays of a .npz by name. Raises: DataError, naming file and array.

    Args: content: the bytes of the file, where they have been read already.
    """
    arrays: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(path if content is None else io.BytesIO(content)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            total = sum(i.file_size for i in infos)
            if len(infos) > MOST_ARRAYS or total > MOST_BYTES:
                raise DataError(
                    f"{path} claims {len(infos):,} arrays of {total:,} bytes; at most {MOST_ARRAYS:,} arrays and "
                    f"{MOST_BYTES:,} bytes are read."
                )
            for info in infos:
                name = info.filename.removesuffix(".npy")
                where = f"{path}, array {shown(name)!r}"
                if name in arrays:
                    raise DataError(f"{where} stands twice. Remove one of them.")
                if info.flag_bits & 0x1:
                    raise DataError(f"{where} is encrypted. Save it without a password.")
                try:
                    with archive.open(info) as member:
                        arrays[name] = _array(member, info.file_size, where)
                except (*BROKEN, NotImplementedError, RuntimeError) as error:
                    raise DataError(f"{where} is damaged ({error}). {AGAIN}") from None
    except (*BROKEN, NotImplementedError) as error:
        raise DataError(f"{path} is no .npz that can be read ({error}). {AGAIN}") from None
    return arrays


def _array(file: IO[bytes], size: int, where: str) -> np.ndarray:
    """Read an array of a file of `size` bytes."""
    shape, fortran, kind, start = _header(file, where)
    if kind.hasobject:
        raise DataError(
            f"{where} holds Python objects, which could run code when read. Save it as numbers or text: array.astype(float); "
            f'drawings of uneven length as JSON: {{"strokes": [[[x, y], ...], ...]}} for each.'
        )
    if kind.names is not None or kind.subdtype is not None:
        raise DataError(
            f"{where} holds records ({', '.join(kind.names or ())}). Save each of them as an array of its own."
        )
    if kind.kind not in KINDS or not kind.itemsize:
        raise DataError(f"{where} holds {kind}, which is no number or text. Convert it first.")
    claimed, present = math.prod(shape) * kind.itemsize, size - start
    if claimed != present:
        told = " x ".join(map(str, shape)) or "1"
        raise DataError(f"{where}: claims {told} values of {kind}, {claimed:,} bytes, and holds {present:,}. {AGAIN}")
    if claimed > MOST_BYTES:
        raise DataError(f"{where}: {claimed:,} bytes; at most {MOST_BYTES:,} are read.")
    buffer = bytearray()
    while chunk := file.read(min(CHUNK_BYTES, claimed - len(buffer) + 1)):
        buffer += chunk
        if len(buffer) > claimed:
            break
    if len(buffer) != claimed:
        raise DataError(f"{where}: breaks off after {len(buffer):,} of {claimed:,} bytes. {AGAIN}")
    try:
        array = np.frombuffer(buffer, kind).reshape(shape, order="F" if fortran else "C")
    except ValueError as error:  # no value at all, and an axis beyond what an index can reach
        raise DataError(f"{where}: {error}. {AGAIN}") from None
    return np.ascontiguousarray(array.astype(kind.newbyteorder("="), copy=False)).reshape(shape)


def _header(file: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    try:
        version = np.lib.format.read_magic(file)
        lengths = {(1, 0): 2, (2, 0): 4}
        if version not in lengths:
            raise DataError(f"{where}: .npy of version {version[0]}.{version[1]}; 1.0 and 2.0 are read. Save it again.")
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        head = _Head(file)
        shape, fortran, kind = reader(head, max_header_size=MOST_HEADER)
    except DataError:
        raise
    except Exception as error:  # whatever a foreign header makes NumPy's parser raise
        text = " ".join(str(error).split())[:120]
        raise DataError(f"{where} is no array that can be read ({text}). {AGAIN}") from None
    if any(length < 0 for length in shape):
        raise DataError(f"{where}: claims the impossible shape {shape}. {AGAIN}")
    return tuple(map(int, shape)), bool(fortran), kind, np.lib.format.MAGIC_LEN + head.given


class _Head:
    """The header's bytes, counted; NumPy may ask for 4 GB of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.given = file, 0

    def read(self, count: int = -1, /) -> bytes:
        if count > 8 * MOST_HEADER:
            raise ValueError(f"its header claims {count:,} bytes")
        data = self.file.read(count)
        self.given += len(data)
        return data


def npz_source(path: Path, target: str | list[str] | None, kinds: Mapping[str, str]) -> Source:
    """Make a source of a .npz: arrays by name, such as x and y, or images and labels.

    Splits of its own are parts of the names: train_images, val_images, ... or x_train, x_test.
    """
    arrays = read_npz(path)
    if not arrays:
        raise DataError(f"{path} holds no arrays. Save some: numpy.savez(file, x=..., y=...).")
    parts: dict[str, dict[str, np.ndarray]] = {}  # field -> split -> array
    for name, array in arrays.items():
        field, split = _parted(name)
        if split in parts.setdefault(field, {}):
            raise DataError(f"{path}: more than one array is the {split} part of {field!r}. Rename one of them.")
        parts[field][split] = array
    named = {split for by_split in parts.values() for split in by_split}
    if named != {""} and "train" not in named:
        parts = {name: {"": array} for name, array in arrays.items()}  # names that only look like splits
        named = {""}
    _same_splits(path, parts, named)
    order = [s for s in ("", "train", "validation", "test") if s in named]
    counts = {s: _count(path, s, {f: parts[f][s] for f in parts}) for s in order}
    joined = {f: _joined(path, f, [p[s] for s in order]) for f, p in parts.items()}
    targets = _targets(path, target, list(joined))
    for name in targets:  # a column of classes is a list of classes
        if joined[name].ndim == 2 and joined[name].shape[1] == 1 and joined[name].dtype.kind in "iubSU":
            joined[name] = joined[name][:, 0]
    kinds = {**{f: "image" for f in joined if f.lower() in IMAGES and joined[f].ndim in (3, 4)}, **kinds}
    source = from_arrays(joined, targets, kinds=kinds, name=path.name)
    splits: dict[str, np.ndarray] = {}
    start = 0
    for split in order:
        splits[split] = np.arange(start, start + counts[split])
        start += counts[split]
    notes = [*source.notes]
    if named != {""}:
        notes.append("splits: " + ", ".join(f"{s} {counts[s]:,}" for s in order) + ", as the names of the arrays say")
    own = None if named == {""} else splits
    return Source(path.name, source.fields, source.inputs, targets, splits=own, notes=tuple(notes))


def npy_source(path: Path, target: str | list[str] | None, kinds: Mapping[str, str]) -> Source:
    """Make a source of a .npy of inputs, with the labels in another one: target="labels.npy"."""
    inputs = {"x": read_npy(path)}
    if target is None:
        return from_arrays(inputs, (), kinds=kinds, name=path.name)
    if not isinstance(target, str) or Path(target).suffix.lower() != ".npy":
        raise SettingError(
            f"target={target!r}: the labels of {path} are in a file of their own, such as target='y.npy'."
        )
    labels = read_npy(Path(target))
    _count(path, "", {"x": inputs["x"], target: labels})
    return from_arrays({**inputs, "y": labels}, ("y",), kinds=kinds, name=path.name)


def _parted(name: str) -> tuple[str, str]:
    """Part the name of a split from that of a field: train_images -> images, train; x_test -> x, test."""
    words = "|".join(SPLITS)
    found = re.fullmatch(rf"(?:({words})_(.+)|(.+)_({words}))", name, re.IGNORECASE)
    if not found:
        return name, ""
    before, after, field, behind = found.groups()
    return after or field, SPLITS[(before or behind).lower()]


def _same_splits(path: Path, parts: Mapping[str, Mapping[str, Any]], named: set[str]) -> None:
    for field, by_split in parts.items():
        lacking = sorted(named - set(by_split))
        if lacking:
            has = ", ".join(sorted(s or "no split" for s in by_split))
            told = ", ".join(s or "no split" for s in lacking)
            raise DataError(f"{path}: the array {field!r} is there for {has} and not for {told}. Give one for each.")


def _count(path: Path, split: str, arrays: Mapping[str, np.ndarray]) -> int:
    """The number of examples, in which all arrays have to agree."""
    for name, array in arrays.items():
        if array.ndim == 0:
            raise DataError(f"{path}: {shown(name)!r} is a single value. Give one entry an example.")
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{shown(n)} has {c:,}" for n, c in counts.items())
        raise DataError(f"{path}{f', {split}' if split else ''}: the numbers of examples differ: {told}.")
    return next(iter(counts.values()))


def _joined(path: Path, field: str, arrays: list[np.ndarray]) -> np.ndarray:
    shapes = [a.shape[1:] for a in arrays]
    if any(s != shapes[0] for s in shapes):
        raise DataError(f"{path}: the splits of {field!r} differ in shape: {', '.join(map(str, shapes))}.")
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _targets(path: Path, target: str | list[str] | None, fields: list[str]) -> tuple[str, ...]:
    """The fields to learn: those named, else the one called labels or the like, else the last one of several."""
    if target is not None:
        named = [target] if isinstance(target, str) else list(target)
        for name in named:
            if name not in fields:
                raise SettingError(
                    f"{path} has no array {name!r}.{suggestion(name, fields)} Arrays: {', '.join(fields)}."
                )
        return tuple(named)
    for name in LABELS:
        found = [f for f in fields if f.lower() == name]
        if found and len(fields) > 1:
            return (found[0],)
    return (fields[-1],) if len(fields) > 1 else ()


ARRAY_FILES = {".npz": npz_source, ".npy": npy_source}
