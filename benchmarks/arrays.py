"""Arrays: the data that all contestants are given, as numpy arrays."""

import gzip
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Arrays(NamedTuple):
    """Inputs float32, images (examples, 28, 28) from 0 to 1; targets int64."""

    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def mnist_folder() -> Path | None:
    """Where the files of MNIST are: $DEEPGLASS_DATA/mnist, or ../shared/data/mnist beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DEEPGLASS_DATA") or beside) / "mnist"
    return folder if (folder / "train-images-idx3-ubyte.gz").exists() else None


def mnist(rows: int, tests: int) -> Arrays:
    """The first rows of MNIST; without its files, generated pictures of the same size, ten blurred blobs to be told apart."""
    x, y, test_x, test_y = mnist_bytes(rows, tests)
    return Arrays(x.astype(np.float32) / 255, y, test_x.astype(np.float32) / 255, test_y)


def mnist_bytes(rows: int, tests: int) -> Arrays:
    """The same with pixels as bytes, 0 to 255."""
    folder = mnist_folder()
    if folder is None:
        x, y = _blobs(rows + tests)
        return Arrays(x[:rows], y[:rows], x[rows:], y[rows:])
    x, y = (_idx(folder / f"train-{part}-ubyte.gz")[:rows] for part in ("images-idx3", "labels-idx1"))
    test_x, test_y = (_idx(folder / f"t10k-{part}-ubyte.gz")[:tests] for part in ("images-idx3", "labels-idx1"))
    return Arrays(x, y.astype(np.int64), test_x, test_y.astype(np.int64))


def iris(tests: int = 30) -> Arrays:
    """Iris, standardized, in a fixed random order."""
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    return _parted(x, y, tests)


def digits(tests: int = 360) -> Arrays:
    """The 8x8 digits of scikit-learn, standardized as a whole, in a fixed random order."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _parted((x - x.mean()) / x.std(), y, tests, standardize=False)


def generated(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten normal columns, and on which side of a plane a row lies."""
    random = np.random.default_rng(0)
    x = random.standard_normal((rows, 10), dtype=np.float32)
    return x, (x @ random.standard_normal(10, dtype=np.float32) > 0).astype(np.int64)


def _parted(x: np.ndarray, y: np.ndarray, tests: int, standardize: bool = True) -> Arrays:
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order].astype(np.float32), y[order].astype(np.int64)
    rows = len(x) - tests
    if standardize:
        x = (x - x[:rows].mean(0)) / x[:rows].std(0)
    return Arrays(x[:rows], y[:rows], x[rows:], y[rows:])


def _idx(path: Path) -> np.ndarray:
    with gzip.open(path) as file:
        content = file.read()
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _blobs(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    y = random.integers(0, 10, count)
    rows, columns = np.mgrid[:28, :28]
    blobs = np.stack(
        [np.exp(-((rows - 7 - 13 * (k % 2)) ** 2 + (columns - 4 - 5 * (k // 2)) ** 2) / 20) for k in range(10)]
    )
    pixels = np.empty((count, 28, 28), np.uint8)
    for start in range(0, count, 10_000):
        part = slice(start, start + 10_000)
        noise = random.standard_normal((len(y[part]), 28, 28), dtype=np.float32)
        pixels[part] = (255 * (0.6 * blobs[y[part]] + 0.4 * noise).clip(0, 1)).astype(np.uint8)
    return pixels, y.astype(np.int64)
