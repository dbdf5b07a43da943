"""Batches: some examples at a time, the same whether they are kept encoded in memory or streamed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from deepglass.data.augment import augment
from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.settings import Augment
from deepglass.data.stores import Store
from deepglass.randomness import Noise


@dataclass(frozen=True)
class Batch:
    """Some examples: encoded fields by name, with sample ids and, when there are any, weights.

    Shapes: a dense field (examples, ...), a ragged one a `Ragged`; ids (examples,) int64; weights (examples,) float.
    """

    fields: Mapping[str, Any]
    ids: Tensor
    weights: Tensor | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def pick(self, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
        """Return some fields, in the order asked for."""
        return {name: self.fields[name] for name in names}

    def to(self, device: torch.device | str) -> "Batch":
        weights = None if self.weights is None else self.weights.to(device)
        return Batch({n: v.to(device) for n, v in self.fields.items()}, self.ids.to(device), weights)


@dataclass(frozen=True)
class Reader:
    """Reads batches of examples from a store and encodes them; `encoded` holds them all already when they fit."""

    store: Store
    fields: Mapping[str, Field]
    device: torch.device
    weights: Tensor | None = None
    encoded: Mapping[str, Any] | None = None
    workers: int = 0

    def read(
        self,
        order: Tensor,
        batch_size: int,
        *,
        epoch: int = 0,
        change: Augment | None = None,
        seed: int = 0,
        fewest: int = 1,
    ) -> Iterator[Batch]:
        """Yield batches along `order`, the last one short when it does not come out even.

        Args:
            change: augmentation of the images; its numbers come from (seed, epoch, sample).
            fewest: a last batch with fewer examples than this joins the one before it.
        """
        parts = list(order.split(batch_size)) if len(order) else []  # split makes an empty part of nothing
        if len(parts) > 1 and len(parts[-1]) < fewest:
            parts[-2:] = [torch.cat(parts[-2:])]
        if self.encoded is not None:
            batches = (self._pick(ids) for ids in parts)
        else:
            raw = self.store.stream(parts, epoch, self.workers)
            batches = (self._encode(values, ids) for values, ids in zip(raw, parts))
        if change is None or not change.active:
            return batches
        return (self._change(batch, change, epoch, seed) for batch in batches)

    def _pick(self, ids: Tensor) -> Batch:
        assert self.encoded is not None
        at = ids.to(self.device)
        fields = {n: v.take(ids) if isinstance(v, Ragged) else v[at] for n, v in self.encoded.items()}
        return Batch(fields, at, self._weights(ids))

    def _encode(self, values: Mapping[str, Any], ids: Tensor) -> Batch:
        fields = {name: field.encode(values[name]).to(self.device) for name, field in self.fields.items()}
        return Batch(fields, ids.to(self.device), self._weights(ids))

    def _weights(self, ids: Tensor) -> Tensor | None:
        return None if self.weights is None else self.weights[ids].to(self.device)

    def _change(self, batch: Batch, change: Augment, epoch: int, seed: int) -> Batch:
        noise = Noise(seed, epoch, batch.ids, "augment")
        fields = dict(batch.fields)
        for name, field in self.fields.items():
            if field.kind == "image" and field.role == "input":
                fields[name] = augment(fields[name], change, noise, background(field))
        return replace(batch, fields=fields)


def background(field: Field) -> Tensor:
    """The encoded value of raw 0, shape (channels, 1, 1): what moves in where an image is moved away."""
    return field.encode(torch.zeros(1, *field.shape))[0, :, :1, :1]
