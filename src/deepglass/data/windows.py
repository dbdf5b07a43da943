"""Windows: examples that are stretches of one long series, kept as that series and where each stretch begins."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.errors import ShapeError


@dataclass(frozen=True)
class Windows:
    """Overlapping examples of equal length. Shapes: values (rows, variables), starts (examples,) int64.

    Example i is values[starts[i]:starts[i] + length]. The rows are held once, however many windows run over them.
    """

    values: Tensor
    starts: Tensor
    length: int

    def __post_init__(self) -> None:
        last = int(self.starts.max()) + self.length if len(self.starts) else 0
        if self.values.ndim != 2 or self.length < 1 or last > len(self.values) or bool((self.starts < 0).any()):
            raise ShapeError(
                f"Windows of length {self.length} that reach to row {last} do not fit into values of shape "
                f"{tuple(self.values.shape)}. Give values (rows, variables) and starts inside them."
            )

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def shape(self) -> tuple[int, int, int]:
        """That of all examples written out: (examples, length, variables)."""
        return len(self.starts), self.length, self.values.shape[1]

    @property
    def ndim(self) -> int:
        return 3

    def __getitem__(self, ids: Any) -> Tensor:
        """Write out some examples: (some, length, variables); one for a single index."""
        if isinstance(ids, int):
            return self.values[int(self.starts[ids]) :][: self.length]
        if isinstance(ids, np.ndarray):
            ids = torch.from_numpy(ids)
        at = self.starts[ids]
        if not len(at):
            return self.values.new_empty(0, self.length, self.values.shape[1])
        rows, variables = self.values.shape
        every = (rows - self.length + 1, self.length, variables)  # a view of all windows there could be
        return self.values.contiguous().as_strided(every, (variables, variables, 1)).index_select(0, at)

    def element_size(self) -> int:
        """Bytes of a number."""
        return self.values.element_size()

    def index_select(self, dim: int, ids: Tensor) -> Tensor:
        """As of a tensor; `dim` is 0."""
        return self[ids]

    def numel(self) -> int:
        """The numbers that are held, not those of all windows written out."""
        return self.values.numel()

    def to(self, device: torch.device | str) -> "Windows":
        return replace(self, values=self.values.to(device), starts=self.starts.to(device))

    def rows(self, ids: np.ndarray, before: int = 0, after: int = 0) -> np.ndarray:
        """The rows that examples `ids` run over, with so many `before` and `after` each; int64, rising, each once."""
        edge = np.zeros(len(self.values) + 1, dtype=np.int64)
        starts = self.starts.cpu().numpy()[ids]
        np.add.at(edge, np.maximum(starts - before, 0), 1)
        np.add.at(edge, np.minimum(starts + self.length + after, len(self.values)), -1)
        return np.flatnonzero(edge.cumsum()[:-1])
