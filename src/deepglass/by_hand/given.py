"""Given: the inputs of a calculation, read from whatever holds numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.by_hand.target import as_numbers
from deepglass.errors import ShapeError


def inputs_of(x: Any, batch: bool) -> dict[str, np.ndarray]:
    """Name -> numbers (examples, ...); one input is called x, those of a tuple x1 and x2. Raises: ShapeError; DataError."""
    if isinstance(x, tuple) and all(np.ndim(part) for part in x) and len(x) > 1:
        x = {f"x{k}": part for k, part in enumerate(x, start=1)}
    named = dict(x) if isinstance(x, Mapping) else {"x": x}
    found = {}
    for name, given in named.items():
        numbers = as_numbers(name, given)
        found[name] = numbers if batch else numbers[None]
    counts = {name: len(numbers) for name, numbers in found.items()}
    if not found or 0 in counts.values():
        raise ShapeError(f"{next(iter(found), 'x')} holds no example. Give one, or several with batch=True.")
    if len(set(counts.values())) > 1:
        each = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise ShapeError(f"The inputs hold different numbers of examples: {each}. Give as many of each.")
    return found


def as_tensors(network: nn.Module, numbers: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    """The same as tensors: whole numbers where the network looks up vectors for tokens, else float64."""
    tokens = any(isinstance(module, nn.Embedding) for module in network.modules())
    return {
        name: torch.from_numpy(x.astype(np.int64) if tokens and np.array_equal(x, x.astype(np.int64)) else x)
        for name, x in numbers.items()
    }
