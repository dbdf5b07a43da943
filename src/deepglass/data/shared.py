"""Shared: arrays as tensors in the same memory, be it that of a file."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def as_tensor(values: Any) -> Tensor:
    """Return values as a tensor that shares their memory, and so is never to be written into: it may be a file's, or the user's."""
    if isinstance(values, Tensor):
        return values
    array = np.asarray(values)
    if array.dtype.byteorder not in ("=", "|"):
        array = array.astype(array.dtype.newbyteorder("="))
    array = np.require(array, requirements=["C"])
    return torch.from_numpy(array if array.flags.writeable else np.asarray(_Shared(array)))


class _Shared:
    """Memory that must not be written into, for torch, which has no tensors of that kind."""

    def __init__(self, array: np.ndarray) -> None:
        facts = array.__array_interface__
        self.__array_interface__ = {**facts, "data": (facts["data"][0], False)}
        self.array = array  # as long as the memory is in use
