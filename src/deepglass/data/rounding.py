"""Rounding: a second copy of a field in bfloat16, for a network whose first layer takes it in no other type.

A step of a small dense network waits for the memory of its rows: 128 rows of MNIST take 40 to 80 of its 450 microseconds, of
which half the bytes take half.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

LONG_ROW = 256  # numbers from which a row is read for longer than it is looked for
ROUNDED_BYTES = 128 << 20  # of the copy at most, which comes on top of what is there


def rounded(encoded: Mapping[str, Any], name: str, kept: dict[str, Tensor]) -> Mapping[str, Any]:
    """Return the fields with one of them in bfloat16, where its rows are long and the copy is no burden; else as they are.

    Args: kept: the copies made before, by field.
    """
    values = encoded[name]
    if not isinstance(values, Tensor) or values.dtype != torch.float32 or 2 * values.numel() > ROUNDED_BYTES:
        return encoded
    if values[:1].numel() < LONG_ROW:
        return encoded
    if name not in kept:
        kept[name] = values.bfloat16()
    return {**encoded, name: kept[name]}
