"""Texts: strings of uneven length, kept as one tensor of UTF-8 bytes and where each text begins."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged


class Texts(Ragged):
    """Strings as a `Ragged` of bytes, so that they are stored, picked, hashed and copied as everything else is.

    Shapes: values (bytes,) uint8, offsets (texts + 1,) int64.

    >>> texts = Texts.from_strings(["one", "zwölf"])
    >>> texts[1], texts[[1, 0]].tolist()
    ('zwölf', ['zwölf', 'one'])
    """

    @classmethod
    def from_strings(cls, strings: Iterable[Any]) -> "Texts":
        """Join strings; a list of tokens is one text, with a blank between its tokens."""
        parts = [_text(s).encode("utf-8", "surrogatepass") for s in strings]
        joined = np.frombuffer(b"".join(parts), dtype=np.uint8).copy()
        return cls(torch.from_numpy(joined), torch.tensor([0, *map(len, parts)]).cumsum(0))

    @overload  # type: ignore[override]
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: Sequence[int] | np.ndarray | Tensor | slice) -> np.ndarray: ...
    def __getitem__(self, index: Any) -> Any:
        """One text, or several as an object array."""
        if isinstance(index, int | np.integer):
            place = range(len(self))[index]
            start, end = int(self.offsets[place]), int(self.offsets[place + 1])
            return self.values[start:end].numpy().tobytes().decode("utf-8", "surrogatepass")
        if isinstance(index, slice):
            index = range(*index.indices(len(self)))
        chosen = np.asarray(index)
        ids = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        found = np.empty(len(ids), dtype=object)
        found[:] = [self[int(i)] for i in ids]
        return found

    def __iter__(self) -> Iterator[str]:
        whole, at = self.values.numpy().tobytes(), self.offsets.tolist()
        return (whole[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(at))

    def tolist(self) -> list[str]:
        return list(self)

    def take(self, ids: Tensor) -> "Texts":
        return Texts.from_strings(self[ids.numpy()])

    def to(self, device: torch.device | str) -> "Texts":
        """Strings stay on the host; what they are encoded to moves."""
        return self


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else " ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value)
    )
