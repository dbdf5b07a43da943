"""Hardware: where a training computes, and with how many threads, by rule."""

import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.errors import TrainingError
from deepglass.networks import summary


def device_named(name: str) -> torch.device:
    """Return the device of a recipe; auto takes a GPU when there is one. Raises: TrainingError, when it cannot be used."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise TrainingError(
            f"device={name!r} cannot be used here: {str(error).splitlines()[0]} Use device=cpu."
        ) from None
    return device


def work_of(network: nn.Module, data: Dataset, batch_size: int) -> int:
    """The multiply-adds of a step: forward, and twice that backward."""
    try:
        return 3 * batch_size * summary(network, data).multiply_adds
    except Exception:  # a network that cannot be traced is still one that can be trained
        return 1 << 40
