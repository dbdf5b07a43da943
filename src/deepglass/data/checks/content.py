"""Content: which examples are equal, value by value."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.texts import Texts

CHUNK = 4096  # examples hashed at a time


def equal_groups(parts: Sequence[Any]) -> np.ndarray:
    """Number the examples so that two have the same number exactly when all their values are equal.

    Args: parts: raw values of fields, examples first in each; a missing value equals a missing value.
    Shapes: returns (examples,) int64. One pass of hashing; only examples whose hashes meet are compared in full.
    """
    words = [_words(p) for p in parts]
    hashes = sum(_hash(w, i) for i, w in enumerate(words))
    _, groups, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    groups = groups.astype(np.int64)
    met = np.flatnonzero(counts[groups] > 1)
    if len(met):
        rows = np.ascontiguousarray(np.concatenate([w[met] for w in words], axis=1))
        _, exact = np.unique(rows.view(f"V{rows.shape[1] * 8}").ravel(), return_inverse=True)
        groups[met] = len(counts) + exact
    return groups


def joined(parts: Sequence[Any]) -> Any:
    """Put values of several splits behind one another."""
    if isinstance(parts[0], Texts):
        return Texts.from_strings([text for p in parts for text in p])
    if isinstance(parts[0], Ragged):
        return Ragged.of([p[i] for p in parts for i in range(len(p))])
    return torch.cat([torch.as_tensor(p) for p in parts])


def _words(values: Any) -> np.ndarray:
    """The bytes of each example, as whole words of 64 bits: (examples, words) uint64."""
    if isinstance(values, Ragged):
        whole = Ragged(values.values, values.offsets)  # of texts their bytes
        examples = (whole[i].contiguous().numpy() for i in range(len(whole)))
        digests = [hashlib.sha256(e.tobytes()).digest() for e in examples]
        return np.frombuffer(b"".join(digests), dtype=np.uint64).reshape(len(values), 4)
    array = values.numpy() if isinstance(values, Tensor) else np.asarray(values)
    array = array.reshape(len(array), -1)
    if array.dtype.kind == "f":
        array = array + array.dtype.type(0)  # -0.0 becomes 0.0
        array[np.isnan(array)] = np.nan  # one form of nan
    data = np.ascontiguousarray(array).view(np.uint8).reshape(len(array), -1)
    rest = -data.shape[1] % 8
    if rest:
        data = np.pad(data, ((0, 0), (0, rest)))
    return np.ascontiguousarray(data).view(np.uint64)


def _hash(words: np.ndarray, salt: int) -> np.ndarray:
    """Mix each word with its own odd factor and add them up (multiply-shift hashing, Dietzfelbinger et al. 1997)."""
    random = np.random.default_rng(salt)
    factors = random.integers(0, 1 << 63, words.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(words), dtype=np.uint64)
    for start in range(0, len(words), CHUNK):
        chunk = words[start : start + CHUNK]
        chunk = (chunk ^ (chunk >> np.uint64(32))) * factors  # the high half of a float is where it differs
        hashes[start : start + CHUNK] = (chunk ^ (chunk >> np.uint64(29))).sum(axis=1, dtype=np.uint64)
    return hashes
