"""Task: what is to be learned. It owns the step: players, losses, metrics, and how an output becomes a prediction."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.errors import SettingError
from deepglass.networks import call
from deepglass.randomness import Noise
from deepglass.tasks.uneven import check_uneven


class Task(ABC):
    """Base of every task; a task of one's own needs `losses`, and whatever else differs from the defaults here.

    >>> class Reconstruct(Task):
    ...     def losses(self, network, batch, player, noise):
    ...         x = batch["image"]
    ...         return {"loss": (network(x) - x).square().mean()}
    """

    name = "task"
    multiply_adds: int | None = None  # of the network on one example, where `prepare` has counted them
    largest = 0  # numbers that its largest layer makes of one example, where `prepare` has counted them
    monitor: tuple[str, str] | None = ("loss", "min")  # what early stopping watches, and whether less or more is better
    order = "shuffled"  # a rule of data/order.py
    carry_resets = "epoch"  # when `carry` starts anew: "epoch" or "never"
    takes_any_precision = (
        False  # whether `losses` does its own arithmetic in float32 whatever a network, or a copy of it, gives
    )
    shares_loss = False  # whether `losses` heeds `batch.mixed`, the partners' targets that mixup gives

    def __init__(self) -> None:
        self.inputs: tuple[str, ...] = ()
        self.targets: tuple[str, ...] = ()
        # Tensors that one step leaves to the next (hidden states, running averages): detached by the loop after every
        # step, and saved with the training.
        self.carry: dict[str, Tensor] = {}

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        """Take what is needed from the data and the network, before the first step."""
        self.inputs, self.targets = tuple(data.inputs), tuple(data.targets)
        check_uneven(data, network)
        if data.settings.augment.mixup and data.targets and not self.shares_loss:
            raise SettingError(
                f"data.augment.mixup={data.settings.augment.mixup} mixes targets, and the task {self.name!r} does not heed "
                f"`batch.mixed`. Use mixup=0, or heed it and set shares_loss = True in the task."
            )

    def players(self, network: nn.Module) -> dict[str, nn.Module]:
        """Name the sets of parameters that are trained apart, each with its own optimizer; one, unless said otherwise."""
        return {"network": network}

    def plays(self, player: str, step: int) -> bool:
        """Whether a player takes part in step `step` (from 0)."""
        return True

    @abstractmethod
    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        """Return {"loss": what this player minimizes, averaged over the batch} and, if wanted, parts to be recorded.

        Args: noise: random numbers for these examples, the same whenever this step is repeated.
        """

    def weight_of(self, batch: Batch) -> float | Tensor:
        """How much a batch counts where several make one step: by its examples, or by the sum of their weights."""
        return weight_of(batch)

    def start_carry(self, batch_size: int, device: torch.device) -> dict[str, Tensor]:
        """Return what `carry` holds before the first step."""
        return {}

    def measure(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, float]:
        """Return metrics of a network in evaluation mode: here the losses of all players, averaged over the examples."""
        totals: dict[str, Tensor] = {}
        count = 0
        for batch in batches:
            noise = Noise(seed, 0, batch.ids, "measure")
            for player in self.players(network):
                for part, value in self.losses(network, batch, player, noise).items():
                    name = part if len(self.players(network)) == 1 else f"{player}_{part}"
                    totals[name] = totals.get(name, torch.zeros((), device=value.device)) + value.detach() * len(batch)
            count += len(batch)
        measured = {name: float(total) / count for name, total in totals.items()}
        if measured and "loss" not in measured:
            measured["loss"] = sum(v for n, v in measured.items() if n.endswith("_loss"))
        return measured

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        """Return everything that is said of a network once training is over; here what is measured each epoch."""
        return dict(self.measure(network, batches, seed))

    def beside(self, data: Dataset, ids: Tensor, seed: int) -> dict[str, dict[str, Any]]:
        """Return what simple models reach on the examples `ids`, learned from the training split: name -> scores; here none."""
        return {}

    def direction(self, metric: str) -> str:
        """Whether "min" or "max" of a metric is better."""
        if self.monitor and metric == self.monitor[0]:
            return self.monitor[1]
        return "min" if "loss" in metric or "error" in metric else "max"

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return predictions as encoded tensors by name; a path of its own, so that a task may search or sample."""
        return {"output": call(network, inputs)}

    def decode(self, prediction: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        """Turn predictions into what a person reads: names of classes, probabilities, units."""
        return {name: values.detach().cpu().numpy() for name, values in prediction.items()}

    def alarms(self, data: Dataset, network: nn.Module) -> list[str]:
        """Say, before the first step, what does not fit together."""
        return []

    def facts(self) -> dict[str, Any]:
        """What was decided for this task, for the record of the run."""
        return {"name": self.name}


def weight_of(batch: Batch) -> float | Tensor:
    """How much a batch counts by its examples alone: their number, or the sum of their weights."""
    return len(batch) if batch.weights is None else batch.weights.sum()
