"""Pictures: many picture files that act as one array, each decoded when it is asked for."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from deepglass.data.readers.files import Files
from deepglass.data.readers.picture import Look, Size, look_at, read_picture
from deepglass.errors import DataError
from deepglass.threads import cores

AT_ONCE = 32  # pictures that a thread takes at a time
MOST_THREADS = 8  # beyond, they wait for each other: part of the work holds Python's lock
T = TypeVar("T")


@dataclass(frozen=True)
class Pictures:
    """Pictures of one size and colour, read from their files. Indexing gives an array (n, channels, height, width) uint8.

    Args: names: the file of each picture.
    """

    files: Files
    names: Sequence[str]
    grey: bool
    size: Size

    def __len__(self) -> int:
        return len(self.names)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self.names), 1 if self.grey else 3, *self.size

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.shape))

    def one(self, index: int) -> np.ndarray:
        """Decode one picture, (channels, height, width). Raises: DataError, naming file and sample."""
        name = self.names[index]
        try:
            return read_picture(self.files.read(name), self.files.where(name), grey=self.grey, size=self.size)[0]
        except DataError as error:
            raise DataError(f"{error} It is sample {index}.") from None

    def __getitem__(self, ids: Any) -> np.ndarray:
        wanted = np.arange(len(self))[ids]
        if wanted.ndim == 0:
            return self.one(int(wanted))
        pixels = np.empty((len(wanted), *self.shape[1:]), dtype=np.uint8)
        for place, picture in enumerate(in_threads(self.one, wanted.tolist())):
            pixels[place] = picture
        return pixels

    def contents(self) -> Iterator[bytes]:
        """Return the encoded bytes of every picture, in order."""
        return (self.files.read(name) for name in self.names)


@dataclass
class Decoded:
    """What came of decoding many pictures: pixels (n, channels, height, width), or nothing when they were only looked at.

    `sizes` are those upright, with the first file of each in `first`. `failed` says why, by position; `done` counts what had to
    be done, with the first file of each.
    """

    pixels: np.ndarray | None
    grey: bool
    size: Size | None
    sizes: Counter[Size]
    first: dict[Size, str]
    failed: dict[int, str]
    done: dict[str, tuple[int, str]]


def decode(
    files: Files,
    names: Sequence[str],
    *,
    grey: bool | None,
    size: Size | None,
    keep: bool,
    whole: bool,
    problems: dict[str, str],
    tell: Callable[[int], None],
) -> Decoded:
    """Read pictures in threads, and bring them to one colour: RGB as soon as one of them is, unless `grey` is given.

    Args:
        size: what they are brought to; None when they have to agree by themselves.
        keep: return the pixels.
        whole: decode, and so find all damage; otherwise only the heads are read.
        problems: why files cannot be read, where that is known already.
        tell: is told how many are done.
    """
    out = Decoded(None, True if grey is None else grey, size, Counter(), {}, {}, {})

    def read(index: int) -> tuple[np.ndarray | None, Look] | str:
        name = names[index]
        if name in problems:
            return f"{files.where(name)} {problems[name]}."
        try:
            data = files.read(name)
            differ = size is None and len(out.sizes) > 1  # nothing can come of it but a message with all the sizes
            if not whole or differ:
                return None, look_at(data, files.where(name))
            return read_picture(data, files.where(name), grey=grey, size=size)
        except DataError as error:
            return str(error)

    for index, found in enumerate(in_threads(read, range(len(names)))):
        tell(index + 1)
        if isinstance(found, str):
            out.failed[index] = found
            continue
        pixels, look = found
        out.sizes[look.size] += 1
        out.first.setdefault(look.size, names[index])
        for what in look.done:
            count, first = out.done.get(what, (0, names[index]))
            out.done[what] = count + 1, first
        if grey is None and not look.grey:
            out.grey = False
        if keep and pixels is not None and (size is not None or len(out.sizes) == 1):
            _put(out, pixels, index, len(names))
    if size is None and len(out.sizes) == 1:
        (out.size,) = out.sizes
    return out


def _put(out: Decoded, pixels: np.ndarray, index: int, count: int) -> None:
    if out.pixels is None:
        out.pixels = np.zeros((count, *pixels.shape), dtype=np.uint8)
    if out.pixels.shape[1] < len(pixels):  # the first one in colour: those before are grey
        out.pixels = np.repeat(out.pixels, len(pixels), axis=1)
    out.pixels[index] = pixels


def in_threads(work: Callable[[int], T], items: Sequence[int], at_once: int = AT_ONCE) -> Iterator[T]:
    """Return the results in order, with a bounded number of them under way. Args: at_once: items that a thread takes."""
    threads = min(MOST_THREADS, cores())
    parts = [items[i : i + at_once] for i in range(0, len(items), at_once)]
    if threads == 1 or len(parts) < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = []
        try:
            for part in parts:
                waiting.append(pool.submit(lambda p: [work(i) for i in p], part))
                if len(waiting) > 2 * threads:
                    yield from waiting.pop(0).result()
            while waiting:
                yield from waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()
