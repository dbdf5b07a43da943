"""Measuring: the metrics of a network over some examples, in evaluation mode."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.data.order import order_of
from deepglass.randomness import derive
from deepglass.tasks import Task

MEASURE_BATCH = 1024  # examples measured at a time; part of the arithmetic, so it is fixed


def measure(
    network: nn.Module, task: Task, data: Dataset, ids: Tensor, device: torch.device, seed: int = 0, batch_size: int = 1
) -> dict[str, float]:
    """Return a task's metrics over the examples `ids`, in evaluation mode."""
    apart = copy.copy(task)  # what it carries from batch to batch is not the training's
    size = min(batch_size, len(ids)) if task.order == "lanes" else MEASURE_BATCH
    apart.carry = apart.start_carry(size, device)
    if task.order == "lanes":
        ids = order_of(ids, "lanes", seed=seed, epoch=0, batch_size=size)
    torch.default_generator.manual_seed(derive(seed, "measure"))
    with evaluating(network):
        return apart.measure(network, data.reader(device).read(ids, size), seed)


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards each module is in the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode
