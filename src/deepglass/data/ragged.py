"""Ragged: examples of uneven length, kept as one tensor of values and where each example begins."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from deepglass.errors import ShapeError


@dataclass(frozen=True)
class Ragged:
    """Uneven examples. Shapes: values (entries, ...), offsets (examples + 1,) int64.

    Example i is values[offsets[i]:offsets[i+1]].
    """

    values: Tensor
    offsets: Tensor

    def __post_init__(self) -> None:
        if self.offsets.ndim != 1 or len(self.offsets) < 1 or int(self.offsets[-1]) != len(self.values):
            raise ShapeError(
                f"The last offset of a Ragged is the number of its values, {len(self.values)}; "
                f"got offsets of shape {tuple(self.offsets.shape)}."
            )

    @classmethod
    def of(cls, examples: Sequence[Tensor]) -> "Ragged":
        """Join tensors of shape (length, ...) that differ in length only."""
        lengths = torch.tensor([0, *(len(e) for e in examples)])
        return cls(torch.cat(list(examples)) if examples else torch.empty(0), lengths.cumsum(0))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Tensor:
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> Tensor:
        """Entries of each example, shape (examples,)."""
        return self.offsets.diff()

    @property
    def owners(self) -> Tensor:
        """The example that each value belongs to, shape (entries,)."""
        return torch.repeat_interleave(torch.arange(len(self), device=self.offsets.device), self.lengths)

    def take(self, ids: Tensor) -> "Ragged":
        """Pick examples, in the order of `ids`."""
        if len(ids) == 0:
            return Ragged(self.values[:0], self.offsets[:1] * 0)
        return Ragged.of([self[int(i)] for i in ids])

    def to(self, device: torch.device | str) -> "Ragged":
        return Ragged(self.values.to(device), self.offsets.to(device))
