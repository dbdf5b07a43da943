"""Catalogue: data with an official home, found on this machine or downloaded once."""

import hashlib
import http.client
import os
import secrets
import sys
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepglass.data.readers.idx import parse_idx, unpack
from deepglass.data.source import Source, categories, images
from deepglass.errors import DataError, DeepglassWarning
from deepglass.names import find

TIMEOUT_SECONDS = 30.0  # without a single byte
CHUNK_BYTES = 1 << 16
GZIP_MARGIN = 1 << 16  # how much longer than its content a packed file may be
ALLOW = "Allow it with offline=False, or without DEEPGLASS_OFFLINE."

Progress = Callable[[str, int, int | None], None]  # file, bytes so far, bytes in all when the server says so


@dataclass(frozen=True)
class File:
    """A file of a dataset: size and SHA-256 are those of its content once unpacked, however it was packed."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Entry:
    """What is known of a dataset before it is here. `decode` makes a Source of the contents by file name."""

    description: str
    licence: str
    source: str
    mirrors: tuple[str, ...]  # addresses that end in "/", the preferred one first
    files: tuple[File, ...]
    decode: Callable[["Entry", Mapping[str, bytes]], Source]


def catalogue_source(name: str, *, offline: bool | None = None, progress: Progress | None = None) -> Source:
    """Return a dataset of the catalogue: from $DEEPGLASS_DATA/NAME, else from the cache, else downloaded into it.

    Args:
        offline: refuse to download; None asks DEEPGLASS_OFFLINE.
        progress: is told of a download; None shows a bar on a terminal, a line a file elsewhere.
    Raises: UnknownName; DataError, when the data can neither be found nor downloaded, or is damaged.
    """
    entry = find("dataset", name, CATALOGUE)
    return entry.decode(entry, fetch(name, entry, offline=offline, progress=progress))


def fetch(
    name: str, entry: Entry, *, offline: bool | None = None, progress: Progress | None = None
) -> dict[str, bytes]:
    """Return the checked contents of the files of an entry, by file name. Arguments and errors: `catalogue_source`."""
    if offline is None:
        offline = os.environ.get("DEEPGLASS_OFFLINE", "").lower() not in ("", "0", "false", "no")
    return {file.name: _find(name, entry, file, offline, progress) for file in entry.files}


def cache_folder() -> Path:
    """Return the folder for what can be had again: $DEEPGLASS_CACHE, else where this platform keeps such things."""
    if chosen := os.environ.get("DEEPGLASS_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "deepglass" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "deepglass"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepglass"


def _find(name: str, entry: Entry, file: File, offline: bool, progress: Progress | None) -> bytes:
    looked = []
    if own := os.environ.get("DEEPGLASS_DATA"):
        folder = Path(own).expanduser() / name
        for path in (folder / file.name, folder / file.name.removesuffix(".gz")):
            if path.is_file():
                return _read(path, file)
        looked.append(str(folder))
    kept = cache_folder() / "datasets" / name / file.name
    looked.append(str(kept.parent))
    if kept.is_file():
        try:
            return _read(kept, file)
        except DataError as problem:
            if offline:
                raise DataError(f"{problem} Downloading is switched off. {ALLOW}") from None
            warnings.warn(f"{problem} Downloading it now.", DeepglassWarning, stacklevel=2)
    if offline:
        raise DataError(
            f"{name}: {file.name} is not in {' or in '.join(looked)}, and downloading is switched off. {ALLOW} "
            f"Or set DEEPGLASS_DATA to the folder that holds {name}/."
        )
    packed, content = _download(name, entry, file, progress)
    _keep(packed, kept)
    return content


def _read(path: Path, file: File) -> bytes:
    try:
        packed = path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path}: cannot be read ({problem.strerror}). Correct its permissions, or remove it."
        ) from None
    return _checked(packed, file, str(path))


def _checked(packed: bytes, file: File, where: str) -> bytes:
    content = unpack(packed, where, limit=file.size)
    if len(content) != file.size:
        raise DataError(f"{where}: holds {len(content):,} bytes instead of {file.size:,}. Get the file anew.")
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise DataError(f"{where}: its SHA-256 is {found} instead of {file.sha256}. Get the file anew.")
    return content


def _download(name: str, entry: Entry, file: File, progress: Progress | None) -> tuple[bytes, bytes]:
    """Return the bytes of a file as served and its content, from the first mirror that gives the right ones."""
    failures = []
    with nullcontext(progress) if progress else _shown() as tell:
        for mirror in entry.mirrors:
            try:
                packed = _get(mirror + file.name, file, tell)
                return packed, _checked(packed, file, mirror + file.name)
            except DataError as problem:
                failures.append(str(problem))
            except (OSError, http.client.HTTPException) as problem:  # URLError and time-outs are OSErrors
                failures.append(f"{mirror + file.name}: {problem or type(problem).__name__}.")
    raise DataError(
        f"{name}: {file.name} cannot be downloaded. {' '.join(failures)} Check the connection and try again, or get "
        f"the files elsewhere and set DEEPGLASS_DATA to the folder that holds {name}/."
    )


def _get(address: str, file: File, tell: Progress) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "deepglass"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        stated = answer.headers.get("Content-Length", "")
        total = int(stated) if stated.isdecimal() else None
        limit = file.size + GZIP_MARGIN
        packed = bytearray()
        tell(file.name, 0, total)
        while chunk := answer.read(CHUNK_BYTES):
            packed += chunk
            if len(packed) > limit:
                raise DataError(f"{address}: sends more than the {limit:,} bytes that were to be expected.")
            tell(file.name, len(packed), total)
    if total is not None and len(packed) != total:
        raise DataError(f"{address}: broke off after {len(packed):,} of {total:,} bytes.")
    return bytes(packed)


def _keep(packed: bytes, path: Path) -> None:
    """Write a file under a temporary name, then rename it: nobody ever sees half of it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(packed)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:  # the content is good all the same, only the next call has to download it again
        warnings.warn(f"{path}: cannot be kept ({problem.strerror}).", DeepglassWarning, stacklevel=2)


@contextmanager
def _shown() -> Iterator[Progress]:
    """Give a Progress that people can watch on standard error."""
    if not sys.stderr.isatty():
        yield _line
        return
    import rich.console
    import rich.progress

    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
    )
    with rich.progress.Progress(*columns, console=rich.console.Console(stderr=True)) as bars:
        bar = bars.add_task("", total=None)
        yield lambda file, done, total: bars.update(bar, description=file, completed=done, total=total)


def _line(file: str, done: int, total: int | None) -> None:
    if done == 0:
        size = f" ({total / 1e6:.1f} MB)" if total else ""
        print(f"Downloading {file}{size}.", file=sys.stderr)


# MNIST

TRAIN = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def decode_mnist(entry: Entry, contents: Mapping[str, bytes]) -> Source:
    """Return handwritten digits from the contents of the four files of MNIST, the training ones first.

    Shapes: image (examples, 1, 28, 28) uint8, 0 (paper) to 255 (ink); digit (examples,).
    Raises: DataError, when a file has another shape than its partner or than MNIST.
    """
    parts = []
    for image_file, label_file in (TRAIN, TEST):
        pixels = parse_idx(contents[image_file], image_file)
        labels = parse_idx(contents[label_file], label_file)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[1:] != (28, 28):
            raise DataError(f"{image_file}: holds {pixels.dtype} {pixels.shape}, not uint8 images of 28x28.")
        if labels.shape != pixels.shape[:1]:
            raise DataError(f"{label_file}: holds {labels.shape} labels for {len(pixels)} images of {image_file}.")
        if labels.dtype != np.uint8 or (labels > 9).any():
            raise DataError(f"{label_file}: holds other labels than the digits 0 to 9.")
        parts.append((pixels, labels))
    (train_pixels, train_labels), (test_pixels, test_labels) = parts
    first, count = len(train_labels), len(train_labels) + len(test_labels)
    return Source(
        name="mnist",
        fields={
            "image": images(np.concatenate([train_pixels, test_pixels])[:, None]),
            "digit": categories(np.concatenate([train_labels, test_labels]), range(10)),
        },
        inputs=("image",),
        targets=("digit",),
        splits={"train": np.arange(first), "test": np.arange(first, count)},
        notes=(f"{first:,} examples for training and {count - first:,} for the test, as published.",),
        facts={
            "description": entry.description,
            "licence": entry.licence,
            "source": entry.source,
            "address": entry.mirrors[0],
        },
    )


CATALOGUE: dict[str, Entry] = {
    "mnist": Entry(
        description="70,000 handwritten digits, 28x28 grey pixels",
        licence="CC BY-SA 3.0, as commonly stated",
        source='LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998',
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        files=(
            File(TRAIN[0], 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            File(TRAIN[1], 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            File(TEST[0], 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            File(TEST[1], 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        ),
        decode=decode_mnist,
    ),
}
