"""Batches: some examples at a time, the same whether they are kept encoded in memory or streamed."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from deepglass.data.augment import Augment, augment, augment_signals
from deepglass.data.augment.mixup import blend, partners, shares
from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.shared import as_tensor
from deepglass.data.stores import Store
from deepglass.data.table_encoding import width
from deepglass.data.windows import Windows
from deepglass.errors import DataError
from deepglass.randomness import Noise

PICKED_BYTES = 1 << 18  # of small batches that are picked in one go: a quarter of a common second-level cache


@dataclass(frozen=True)
class Batch:
    """Some examples: encoded fields by name, with sample ids and, when there are any, weights.

    Shapes: a dense field (examples, ...), a ragged one a `Ragged`; ids (examples,) int64; weights (examples,) float.
    Args: mixed: what was blended into the inputs, when the data is augmented by mixup.
    """

    fields: Mapping[str, Any]
    ids: Tensor
    weights: Tensor | None = None
    mixed: "Mixed | None" = None

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def pick(self, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
        """Return some fields, in the order asked for."""
        return {name: self.fields[name] for name in names}

    def halves(self) -> tuple["Batch", "Batch"]:
        """Return the first half of the examples and the second."""
        middle = len(self) // 2
        return self._part(0, middle), self._part(middle, len(self))

    def _part(self, start: int, end: int) -> "Batch":
        at = torch.arange(start, end)
        fields = {n: v.take(at) if isinstance(v, Ragged) else v[start:end] for n, v in self.fields.items()}
        return Batch(fields, self.ids[start:end], None if self.weights is None else self.weights[start:end])

    def to(self, device: torch.device | str) -> "Batch":
        weights = None if self.weights is None else self.weights.to(device)
        mixed = None if self.mixed is None else Mixed(self.mixed.partners.to(device), self.mixed.shares.to(device))
        return Batch({n: v.to(device) for n, v in self.fields.items()}, self.ids.to(device), weights, mixed)


@dataclass(frozen=True)
class Mixed:
    """The other half of a batch by mixup. Its inputs are shares * own + (1 - shares) * partners', and its targets its own.

    So the loss of an example is its share of the loss against its own target, and for the rest against its partner's.
    Shapes: shares (examples,), 0 to 1.
    """

    partners: Batch
    shares: Tensor


@dataclass(frozen=True)
class Reader:
    """Reads batches of examples from a store and encodes them; `encoded` holds them all already when they fit."""

    store: Store
    fields: Mapping[str, Field]
    device: torch.device
    weights: Tensor | None = None
    encoded: Mapping[str, Any] | None = None
    workers: int | None = None
    partners: Tensor | None = None  # the training examples, from which mixup draws
    lengths: Mapping[str, Tensor] = dataclasses.field(
        default_factory=dict
    )  # of sequences that are cut to the longest of a batch

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
            change: augmentation of the inputs; its numbers come from (seed, epoch, sample).
            fewest: a last batch with fewer examples than this joins the one before it.
        """
        parts = list(order.split(batch_size)) if len(order) else []  # split makes an empty part of nothing
        if len(parts) > 1 and len(parts[-1]) < fewest:
            parts[-2:] = [torch.cat(parts[-2:])]
        if change is None or not change.active:
            return self._read(parts, epoch)
        if not change.mixup:
            return (self._change(batch, change, epoch, seed) for batch in self._read(parts, epoch))
        assert self.partners is not None
        pairs = [
            torch.cat([ids, partners(Noise(seed, epoch, ids, "augment"), self.partners)])
            for ids in map(Tensor.long, parts)
        ]
        return (self._mix(self._change(b, change, epoch, seed), change, epoch, seed) for b in self._read(pairs, epoch))

    def _read(self, parts: list[Tensor], epoch: int) -> Iterator[Batch]:
        if self.encoded is not None:
            return self._resident(parts)
        return (self._encode(values, ids) for values, ids in zip(self.store.stream(parts, epoch, self.workers), parts))

    def _resident(self, parts: list[Tensor]) -> Iterator[Batch]:
        """Pick batches from what is in memory; small ones several at a time, as long as they fit into the processor's cache."""
        assert self.encoded is not None
        dense = [v for v in self.encoded.values() if isinstance(v, Tensor | Windows)]
        a_row = sum(v[:1].numel() * v.element_size() for v in dense)
        together = (
            max(1, PICKED_BYTES // max(1, a_row * len(parts[0]))) if parts and len(dense) == len(self.encoded) else 1
        )
        for start in range(0, len(parts), together):
            group = parts[start : start + together]
            if len(group) == 1:
                yield self._pick(group[0])
                continue
            sizes = [len(ids) for ids in group]
            whole = self._pick(torch.cat(group))
            fields = {n: v.split(sizes) for n, v in whole.fields.items()}
            weights = [None] * len(group) if whole.weights is None else whole.weights.split(sizes)
            for i, ids in enumerate(whole.ids.split(sizes)):
                cut = {n: self._cut(n, v[i], group[i]) for n, v in fields.items()}
                yield Batch(cut, ids, weights[i])

    def _pick(self, ids: Tensor) -> Batch:
        assert self.encoded is not None
        at = ids.to(self.device, torch.int64)
        fields = {
            n: v.take(ids) if isinstance(v, Ragged) else self._cut(n, v, ids).index_select(0, at)
            for n, v in self.encoded.items()
        }
        return Batch(fields, at, self._weights(ids))

    def _cut(self, name: str, values: Tensor, ids: Tensor) -> Tensor:
        """Leave out the entries along time that are padding in all examples `ids`; one stays. Anything else as it is."""
        lengths = self.lengths.get(name)
        return values if lengths is None or not len(ids) else values[:, : max(1, int(lengths[ids].max()))]

    def _encode(self, values: Mapping[str, Any], ids: Tensor) -> Batch:
        for name, field in self.fields.items():
            if field.kind == "category" and not isinstance(values[name], Ragged):
                _check_codes(field, values[name], ids)
        fields = {name: field.encode(values[name]).to(self.device) for name, field in self.fields.items()}
        return Batch(fields, ids.to(self.device, torch.int64), self._weights(ids))

    def _weights(self, ids: Tensor) -> Tensor | None:
        return None if self.weights is None else self.weights[ids].to(self.device)

    def _change(self, batch: Batch, change: Augment, epoch: int, seed: int) -> Batch:
        noise = Noise(seed, epoch, batch.ids, "augment")
        fields = dict(batch.fields)
        for name, field in self.fields.items():
            if field.role != "input":
                continue
            if field.kind == "image":
                fields[name] = augment(fields[name], change, noise, *raw_scale(field))
            if field.kind == "signal":
                fields[name] = augment_signals(fields[name], change, noise, field.rate)
            if change.noise and field.kind in ("image", "number", "signal", "table"):
                fields[name] = _noisy(fields[name], field, change.noise * noise.normal(f"noise {name}", *field.shape))
        return replace(batch, fields=fields)

    def _mix(self, both: Batch, change: Augment, epoch: int, seed: int) -> Batch:
        """Blend the first half of a batch with the second: partners look as they do in their own place in this epoch."""
        own, other = both.halves()
        share = shares(Noise(seed, epoch, own.ids, "augment"), change.mixup)
        inputs = {n: blend(own[n], other[n], share) for n, field in self.fields.items() if field.role == "input"}
        return replace(own, fields={**own.fields, **inputs}, mixed=Mixed(other, share))


def _check_codes(field: Field, values: Any, ids: Tensor) -> None:
    """See that classes are the indices that a field knows: a torch Dataset of the user's may give any number.

    Args: values: one an example, shape (n,). ids: of the samples, shape (n,), for the message.
    Raises: DataError, naming the first sample whose index is no class.
    """
    codes = as_tensor(values)
    known = len(field.encoding["index"])
    right = (codes >= 0) & (codes < known) & (codes == codes.long())
    if bool(right.all()):
        return
    at = int(torch.nonzero(~right.reshape(len(codes), -1).all(dim=1))[0])
    shown = ", ".join(map(str, field.classes[:20]))
    raise DataError(
        f"Field {field.name!r}: sample {int(ids[at])} has the class index {codes[at].tolist()}, which is none of the {known} "
        f"classes, numbered from 0 ({shown}). Correct this sample, or give the dataset a list `classes` with all of them."
    )


def raw_scale(field: Field) -> tuple[Tensor, Tensor]:
    """The encoded value of raw 0 and what one raw step makes, shapes (channels, 1, 1).

    Raw 0 is what moves in where an image is moved away.
    """
    zero, one = (field.encode(torch.full((1, *field.shape), v))[0, :, :1, :1] for v in (0.0, 1.0))
    return zero, one - zero


def _noisy(encoded: Tensor, field: Field, noise: Tensor) -> Tensor:
    """Add noise to the numbers of a field; the classes of a table stay as they are."""
    if field.kind == "table":
        kinds = [[c["kind"], *[""] * (width(c) - 1)] for c in field.encoding["columns"]]  # the value stands first
        noise = noise * torch.tensor([kind == "number" for column in kinds for kind in column], device=noise.device)
    return encoded + noise
