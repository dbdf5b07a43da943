"""CIFAR-10: small colour photographs of ten kinds of things."""

import hashlib
import io
import tarfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deepglass.data.catalogue.entry import Content, Copy, Entry, File
from deepglass.data.catalogue.fetch import cache_folder, keep
from deepglass.data.readers.archives import open_archive
from deepglass.data.readers.files import Files
from deepglass.data.readers.folders import lay_out
from deepglass.data.readers.images import image_field
from deepglass.data.readers.npz import read_npy
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, categories, images
from deepglass.errors import DataError, DeepglassWarning

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BINARY, JPEG = "cifar-10-binary.tar.gz", "cifar10-jpeg.tar.gz"
BATCHES = tuple(f"cifar-10-batches-bin/{n}.bin" for n in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"))
RECORD = 1 + 3 * 32 * 32  # bytes: the class, then the red, green and blue pixels
EACH = (5_000, 1_000)  # examples of each class for training and for the test
PICTURES = "a65f6a803eddc69d46238008cc84ab649c34d0a1ee983b761c653cc88041899d"  # `digest` of the JPEG copy
JPEG_NOTE = "JPEG copy: its pixels differ a little from the original ones, and so may accuracies"


def decode_binary(contents: Mapping[str, Content], settings: DataSettings, each: tuple[int, int] = EACH) -> Source:
    """Return the photographs of the published binary version, which holds no pickles.

    Shapes: image (examples, 3, 32, 32) uint8; class (examples,).
    Raises: DataError, when a batch is absent, or a class has other than `each` examples for training and for the test.
    """
    content = contents[BINARY]
    batches = _batches(content, 10 * each[1])
    records = np.concatenate([np.frombuffer(b, np.uint8).reshape(-1, RECORD) for b in batches])
    first = sum(len(b) for b in batches[:-1]) // RECORD
    codes = records[:, 0]
    for part, expected, word in ((codes[:first], each[0], "training"), (codes[first:], each[1], "the test")):
        counts = np.bincount(part, minlength=10)
        if len(counts) > 10 or (counts != expected).any():
            raise DataError(
                f"{content.path}: has {', '.join(f'{n:,}' for n in counts[:10])} examples of its classes for {word}, not "
                f"{expected:,} of each. Get the file anew."
            )
    return _source(records[:, 1:].reshape(-1, 3, 32, 32), codes, first, "the original pixels, as published")


def decode_jpeg(
    contents: Mapping[str, Content],
    settings: DataSettings,
    each: tuple[int, int] = EACH,
    pictures: str = PICTURES,
) -> Source:
    """Return the photographs of a copy that someone turned into JPEG: train/CLASS/NNNN.jpg and test/CLASS/NNNN.jpg.

    Shapes: image (examples, 3, 32, 32) uint8; class (examples,), the training examples first.
    Raises: DataError, when it holds other pictures than are known.
    """
    content = contents[JPEG]
    codes = np.concatenate([np.repeat(np.arange(10), n) for n in each])
    stem = f"jpeg-{hashlib.sha256(content.data).hexdigest()[:16]}"
    pixels = _kept_pixels(stem)
    if pixels is None or pixels.shape != (len(codes), 3, 32, 32) or pixels.dtype != np.uint8:
        pixels = _decoded(content.path, each, pictures)
        path = cache_folder() / "datasets" / "cifar10" / f"{stem}-{_sha256(pixels)}.npy"
        keep(path, lambda part: np.save(part, pixels, allow_pickle=False))
    return _source(pixels, codes, 10 * each[0], JPEG_NOTE)


def digest(files: Files, names: list[str]) -> str:
    """Return the SHA-256 of the names and contents of pictures, however they are packed."""
    whole = hashlib.sha256()
    for name in names:
        whole.update(name.encode() + b"\0" + hashlib.sha256(files.read(name)).digest())
    return whole.hexdigest()


def _decoded(path: Path, each: tuple[int, int], pictures: str) -> np.ndarray:
    files = open_archive(path)
    expected = [f"{part}/{c}" for part, n in zip(("train", "test"), each) for c in CLASSES for _ in range(n)]
    names = sorted(lay_out(files).names, key=lambda n: (n.startswith("test/"), n))
    if [n.rpartition("/")[0] for n in names] != expected:
        raise DataError(
            f"{path}: has {len(names):,} pictures, not {each[0]:,} of each class below train/ and {each[1]:,} below test/. "
            f"Get the file anew."
        )
    found = digest(files, names)
    if found != pictures:
        raise DataError(
            f"{path}: its pictures differ from those that are known (their SHA-256 is {found} instead of {pictures}). Get "
            f"the file anew."
        )
    field, *_ = image_field(files, names, {}, DataSettings(colour="rgb", image_size=32))
    return np.asarray(field.values)


def _kept_pixels(stem: str) -> np.ndarray | None:
    """Return what was decoded before, unless it is damaged: its name ends in the SHA-256 of the pixels."""
    for path in sorted((cache_folder() / "datasets" / "cifar10").glob(f"{stem}-*.npy")):
        try:
            pixels = read_npy(path)
        except DataError:
            pixels = np.empty(0)
        if path.stem.endswith(_sha256(pixels)):
            return pixels
        warnings.warn(f"{path}: is damaged. Decoding the pictures anew.", DeepglassWarning, stacklevel=2)
    return None


def _sha256(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()


def _batches(content: Content, records: int) -> list[bytes]:
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content.data), mode="r:gz") as tar:
            for member in tar:
                if member.name in BATCHES and member.isfile() and member.size == records * RECORD:
                    stream = tar.extractfile(member)
                    found[member.name] = stream.read() if stream else b""
    except (tarfile.TarError, OSError, EOFError) as problem:
        raise DataError(f"{content.path}: is damaged ({problem}). Get the file anew.") from None
    lacking = [n for n in BATCHES if n not in found]
    if lacking:
        raise DataError(
            f"{content.path}: has no {lacking[0]} of {records:,} records of {RECORD:,} bytes. Get the file anew."
        )
    return [found[n] for n in BATCHES]


def _source(pixels: np.ndarray, codes: np.ndarray, first: int, note: str) -> Source:
    return Source(
        name="cifar10",
        fields={"image": images(pixels), "class": categories(codes, CLASSES)},
        inputs=("image",),
        targets=("class",),
        splits={"train": np.arange(first), "test": np.arange(first, len(codes))},
        notes=(note,),
    )


CIFAR10 = Entry(
    description="60,000 photographs of 10 kinds of animals and vehicles, 32x32 colour pixels",
    licence="none stated by the authors",
    source='Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009',
    copies=(
        Copy(
            files=(
                File(
                    BINARY,
                    170_052_171,
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    "file",
                ),
            ),
            decode=decode_binary,
            mirrors=("https://www.cs.toronto.edu/~kriz/",),
        ),
        Copy(files=(File(JPEG, 19_214_839, "", "decoded"),), decode=decode_jpeg),
    ),
)
