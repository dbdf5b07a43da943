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


def as_tensors(network: nn.Module, x: Any, numbers: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    """The same as tensors, float64; whole numbers where they were given as such to a network that looks up vectors for tokens.

    Args: x: the inputs as they were given. A tensor of whole numbers stays one for every network.
    """
    tokens = any(isinstance(module, nn.Embedding) for module in network.modules())
    each = list(x.values()) if isinstance(x, Mapping) else list(x) if len(numbers) > 1 else [x]
    return {
        name: torch.from_numpy(found.astype(np.int64) if _is_whole(given, tokens) else found)
        for (name, found), given in zip(numbers.items(), each)
    }


def _is_whole(given: Any, tokens: bool) -> bool:
    if isinstance(given, Tensor):
        return not given.is_floating_point()
    return tokens and np.asarray(given).dtype.kind in "iu"
