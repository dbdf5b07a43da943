"""Parcel: numbers that lie on the device, fetched in one transfer."""

from collections.abc import Mapping

import torch
from torch import Tensor

Key = tuple[str, ...]


class Parcel:
    """Collects tensors under keys; `open` waits for the device once and returns plain numbers, or lists of them."""

    def __init__(self) -> None:
        self._parts: dict[Key, Tensor] = {}

    def put(self, *key: str, value: Tensor) -> None:
        self._parts[key] = value.detach()

    def put_all(self, numbers: Mapping[str, Tensor], *key: str) -> None:
        for name, value in numbers.items():
            self.put(*key, name, value=value)

    def open(self) -> dict[Key, float | list[float]]:
        """Return what was put in: a number for a tensor without axes, a list for a vector."""
        if not self._parts:
            return {}
        everything = torch.cat([part.reshape(-1) for part in self._parts.values()]).tolist()
        found: dict[Key, float | list[float]] = {}
        start = 0
        for key, part in self._parts.items():
            end = start + part.numel()
            found[key] = [float(v) for v in everything[start:end]] if part.ndim else float(everything[start])
            start = end
        self._parts = {}
        return found
