"""Streamed recordings: many files of sound that act as one field of uneven signals, each read when it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from deepglass.data.placing import place
from deepglass.data.ragged import Ragged
from deepglass.data.readers.files import Files
from deepglass.data.readers.pictures import AT_ONCE, in_threads
from deepglass.data.readers.recording import read_recording
from deepglass.data.readers.resample import resample
from deepglass.errors import DataError

AT_ONCE_BYTES = 4 << 20  # that a thread reads before it hands them on; of long recordings one


@dataclass(frozen=True)
class StreamedRecordings:
    """Recordings at one rate, with as many channels each, read from their files.

    Args:
        names: the file of each.
        rate: samples a second that they are brought to, in hertz.
        channels: that each has, after mixing.
        mix: whether those of several channels are mixed into one.
        whole: samples of each at this rate, shape (n,) int64.
        samples, align: the length that is kept of longer ones, and where it lies, as `place` has it; None for all of it.
    """

    files: Files
    names: Sequence[str]
    rate: int
    channels: int
    mix: bool
    whole: np.ndarray
    samples: int | None = None
    align: str = "centre"

    def __len__(self) -> int:
        return len(self.names)

    @property
    def lengths(self) -> np.ndarray:
        """Samples of each that are kept, shape (n,)."""
        return self.whole if self.samples is None else np.minimum(self.whole, self.samples)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Recordings, samples of the longest, channels."""
        return len(self), int(self.lengths.max(initial=0)), self.channels

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        return int(self.lengths.sum()) * self.channels * self.dtype.itemsize

    def cut(self, samples: int, align: str) -> "StreamedRecordings":
        """The same, of which no more is kept than fits into `samples`."""
        return replace(self, samples=samples, align=align)

    def one(self, index: int) -> np.ndarray:
        """Read one recording, (samples, channels). Raises: DataError, naming file and sample."""
        name = self.names[index]
        try:
            samples, rate = read_recording(self.files.read(name), self.files.where(name))
        except DataError as error:
            raise DataError(f"{error} It is sample {index}.") from None
        samples = alike(samples, rate, self.rate, mix=self.mix)
        if self.samples is None or len(samples) <= self.samples:
            return samples
        first, _, used = place(len(samples), self.samples, self.align)
        return samples[first : first + used].copy()  # and nothing that holds the rest

    def each(self, ids: Sequence[int]) -> Iterator[np.ndarray]:
        """Read some, in this order, ahead of their use in threads; few where they are long."""
        longest = int(np.prod(self.shape[1:])) * self.dtype.itemsize
        return in_threads(self.one, ids, max(1, min(AT_ONCE, AT_ONCE_BYTES // max(1, longest))))

    def take(self, ids: np.ndarray) -> Ragged:
        """Read some, in this order."""
        return self.joined(list(self.each(ids.tolist())))

    def joined(self, parts: Sequence[np.ndarray]) -> Ragged:
        """Put recordings one behind the other."""
        offsets = torch.tensor([0, *map(len, parts)], dtype=torch.int64).cumsum(0)
        return Ragged(torch.from_numpy(np.concatenate([np.zeros((0, self.channels), np.float32), *parts])), offsets)

    def contents(self) -> Iterator[bytes]:
        """Return the encoded bytes of every file, in order."""
        return (self.files.read(name) for name in self.names)


def alike(samples: np.ndarray, rate: int, wanted: int, *, mix: bool) -> np.ndarray:
    """Bring one recording to the channels and the rate of the others. Shapes: (samples, channels), in and out."""
    if mix and samples.shape[1] != 1:
        samples = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    return resample(samples, rate, wanted)
