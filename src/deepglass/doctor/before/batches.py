"""Batches: what a sample of a loop's batches holds, as arrays of rows, and how mixed the batches are."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from deepglass.probes.examples import Kept

DIGITS = 5  # to which targets of one row agree, beside the largest: float32 has 7, and a difference loses some
MOST_COLUMNS = 1_024  # of flattened inputs that cheap models see, evenly spread; and numbers of words that are counted


def inputs_of(kept: Sequence[Kept]) -> np.ndarray | None:
    """The first tensor of numbers among the arguments of all batches, (rows, ...); None where they differ in shape."""
    firsts = [
        next((v for v in [*k.arguments, *k.keywords.values()] if isinstance(v, Tensor) and v.ndim), None) for k in kept
    ]
    tensors = [t for t in firsts if t is not None]
    if not tensors or len(tensors) < len(kept) or len({t.shape[1:] for t in tensors}) > 1:
        return None
    joined = torch.cat(tensors).cpu()
    return joined.double().numpy() if torch.is_floating_point(joined) else _shares(joined)


def _shares(words: Tensor) -> np.ndarray | None:
    """Numbered words as counts of each, (rows, words): their numbers are no quantities."""
    flat = words.reshape(len(words), -1).long()
    if flat.min() < 0 or flat.max() >= MOST_COLUMNS:
        return None
    counts = torch.zeros(len(flat), int(flat.max()) + 1)
    return counts.scatter_add_(1, flat, torch.ones_like(flat, dtype=counts.dtype)).double().numpy()


def once_each(x: np.ndarray, targets: Tensor) -> np.ndarray:
    """The places of rows, each content once."""
    y = targets.reshape(len(targets), -1).double().cpu().numpy()
    if targets.is_floating_point() and np.isfinite(y).all():
        # Targets that were worked out from a difference have lost the last digits, each time others.
        y = (y / (np.abs(y).max() or 1.0)).round(DIGITS)
    both = np.ascontiguousarray(np.concatenate([x.reshape(len(x), -1), y], axis=1)) + 0.0
    _, first = np.unique(
        both.view([("", both.dtype)] * both.shape[1]).ravel() if both.shape[1] < 64 else _hashes(both),
        return_index=True,
    )
    return np.sort(first)


def _hashes(rows: np.ndarray) -> np.ndarray:
    return np.array([hash(row.tobytes()) for row in rows])


def narrowed(x: np.ndarray) -> np.ndarray:
    if x.shape[1] <= MOST_COLUMNS:
        return x
    return x[:, np.linspace(0, x.shape[1] - 1, MOST_COLUMNS).astype(int)]


def mixture_of_classes(kept: Sequence[Kept]) -> float | None:
    """How mixed the classes of a batch are, over how mixed all are: 1 where batches are drawn at random, 0 where each is of one."""
    pairs = [(np.array(list(k.counts.values()), float), k.size) for k in kept if k.counts and k.size > 1]
    if len(pairs) < 2:
        return None
    total: dict[int, float] = {}
    for k in kept:
        for code, count in k.counts.items():
            total[code] = total.get(code, 0.0) + count
    shares = np.array(list(total.values())) / sum(total.values())
    whole = 1 - (shares**2).sum()
    inside = [(1 - ((c / c.sum()) ** 2).sum()) * c.sum() / max(1.0, c.sum() - 1) for c, _ in pairs]
    return float(np.mean(inside) / whole) if whole > 0 else None


def mixture_of_numbers(kept: Sequence[Kept]) -> float | None:
    pairs = [k.spread for k in kept if k.spread[1] > 0 or k.spread[0]]
    if len(pairs) < 2:
        return None
    means, variances = np.array([m for m, _ in pairs]), np.array([v for _, v in pairs])
    whole = variances.mean() + means.var()
    return float(variances.mean() / whole) if whole > 0 else None
