"""Estimate: how long a training will take and how much memory, measured on two steps of a copy before the first."""

import copy
from dataclasses import dataclass
from time import perf_counter

from torch import nn

from deepglass.randomness import Noise
from deepglass.threads import use_threads
from deepglass.training.training import Training


@dataclass(frozen=True)
class Estimate:
    """Seconds for all epochs at most, and bytes for weights, their gradients, the optimizer and the data."""

    seconds: float
    bytes: int

    def __str__(self) -> str:
        return f"at most about {spoken_time(self.seconds)}, {self.bytes / 2**20:,.0f} MiB besides torch itself"


def estimate(training: Training) -> Estimate:
    """Time two steps on a copy of the network, of which the second counts. The training itself is not touched."""
    network: nn.Module = copy.deepcopy(training.network)
    use_threads(training.threads)
    seconds = 0.0
    steps = -(-len(training.train_ids) // training.batch_size)
    for _ in range(2):
        batch = next(iter(training.reader.read(training.train_ids[: training.batch_size], training.batch_size)))
        started = perf_counter()
        for player in training.task.players(network):
            task = copy.copy(training.task)
            task.carry = dict(training.task.carry)
            task.losses(network, batch, player, Noise(0, 0, batch.ids))["loss"].backward()
        seconds = perf_counter() - started
    weights = sum(p.numel() * p.element_size() for p in network.parameters())
    data = (
        0
        if training.reader.encoded is None
        else sum(v.numel() * v.element_size() for v in training.reader.encoded.values() if hasattr(v, "numel"))
    )
    return Estimate(seconds * steps * max(1, training.recipe.epochs), 4 * weights + data)


def spoken_time(seconds: float) -> str:
    """Say a time as people do: "12 s", "3 min", "2 h 10 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
