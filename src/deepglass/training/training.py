"""Training: one training as an iterator over epochs and, finer, over steps. The order on the page is the order of events."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.order import order_of
from deepglass.errors import SettingError, TrainingError
from deepglass.names import find
from deepglass.networks import SUITS, build, made_from
from deepglass.randomness import Noise, derive, seed_dropout
from deepglass.tasks import Task, TaskSettings, task_for
from deepglass.threads import use_threads
from deepglass.training.guard import Guard
from deepglass.training.hardware import device_named, threads_of
from deepglass.training.players import OwnOptimizer, make_players
from deepglass.training.recipe import Recipe
from deepglass.training.records import Epoch, Step, history_hash
from deepglass.training.schedules import SCHEDULES, constant
from deepglass.training.spec import section_of
from deepglass.training.stopping import Stopping

MEASURE_BATCH = 1024  # examples measured at a time; part of the arithmetic, so it is fixed
MEASURED_TRAIN = 5000  # training examples measured after an epoch, at most


class Training:
    """One training. It ends when the epochs are over or validation no longer improves; then the best weights are back.

    Args:
        network: an nn.Module, trained in place, whose own names are used for everything that is saved; or what `build` takes.
        data: what `load` made. The test split is never read here.
        recipe: the hyperparameters; those that are not set are the ones that suit the network.
        task: what is to be learned (default: by the kind of the target).
        optimizer: makes an optimizer of your own from the parameters.

    >>> for epoch in Training(network, data, Recipe(epochs=3)):
    ...     print(epoch.number, epoch.train["loss"], epoch.validation["accuracy"])
    """

    def __init__(
        self,
        network: Any,
        data: Dataset,
        recipe: Recipe | None = None,
        *,
        task: Task | None = None,
        optimizer: OwnOptimizer | None = None,
    ) -> None:
        if not isinstance(network, nn.Module):
            network = build(network, data, seed=recipe.seed if recipe else 0)
        suits = SUITS.get(str((made_from(network) or {}).get("name")), {})
        given = recipe.model_dump(exclude_unset=True) if recipe else {}
        self.recipe = Recipe(**{**section_of(suits, "recipe"), **given})
        self.device = device_named(self.recipe.device)
        self.network = network.to(self.device).train()
        self.data = data
        self.task = copy.copy(task) if task is not None else task_for(data, TaskSettings(**section_of(suits, "task")))
        self.task.prepare(data, network)
        self.players = make_players(network, self.task.players(network), self.recipe, optimizer)
        self.reader = data.reader(self.device)
        self.train_ids = data.members("train")
        self.batch_size = len(self.train_ids) if self.recipe.batch_size == "all" else self.recipe.batch_size
        self.fewest = _fewest(network, self.batch_size)
        self.threads = self.recipe.threads or threads_of(network, data, self.batch_size)
        self.guard = Guard(self.device)
        self.schedule = find("schedule", self.recipe.schedule, SCHEDULES)
        self.all_steps = self.recipe.epochs * -(-len(self.train_ids) // self.batch_size)
        metric, direction = self._watched()
        patience = self.recipe.patience if self.recipe.early_stopping and metric else None
        self.stopping = Stopping(metric, direction, patience, self.recipe.min_change)
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}  # the network's state after the best epoch
        self.step_number = 0
        self.position = 0  # examples of this epoch that are behind us
        self.seconds = 0.0  # of this epoch's training part
        self.running: dict[str, Tensor] = {}  # this epoch's losses, summed over examples, on the device
        self.task.carry = self.task.start_carry(self.batch_size, self.device)

    def __iter__(self) -> Iterator[Epoch]:
        while not self.finished:
            for _ in self.steps():
                pass
            yield self.close_epoch()
        self.restore_best()

    @property
    def finished(self) -> bool:
        return len(self.history) >= self.recipe.epochs or self.stopping.enough

    def share(self, step: int) -> float:
        """The share of the learning rate that the schedule gives to a step, counted from 0."""
        return self.schedule(step / max(1, self.all_steps))

    def steps(self) -> Iterator[Step]:
        """Train what is left of this epoch, step by step; `close_epoch` comes after."""
        use_threads(self.threads)
        started = perf_counter()
        for batch in self._batches():
            step = self._step(batch)
            self.seconds += perf_counter() - started
            yield step
            started = perf_counter()

    def close_epoch(self) -> Epoch:
        """Measure the network, remember it if it is the best so far, and return the record of the epoch."""
        started = perf_counter()
        rate = self.players[0].learning_rate  # where each replica has its own, the record keeps the first
        seen = max(1, self.position)
        running = {name: float(total) / seen for name, total in self.running.items()}  # waits for the device
        epoch = Epoch(
            number=len(self.history) + 1,
            seconds=self.seconds + perf_counter() - started,
            learning_rate=float(rate.flatten()[0] if isinstance(rate, Tensor) else rate)
            * self.share(max(0, self.step_number - 1)),
            train=self.measure("train"),
            validation=self.measure("validation"),
            running=running,
        )
        self.history.append(epoch)
        watched = epoch.validation or epoch.train
        metric = self.stopping.metric
        if metric and watched and metric not in watched:
            raise TrainingError(f"monitor={metric!r} is not measured. Measured: {', '.join(watched)}.")
        if metric and self.stopping.see(epoch.number, watched.get(metric)):
            self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.position, self.seconds, self.running = 0, 0.0, {}
        if self.task.carry_resets == "epoch":
            self.task.carry = self.task.start_carry(self.batch_size, self.device)
        return epoch

    def measure(self, split: str) -> dict[str, float]:
        """Return metrics on the validation split, or on a fixed part of the training split, in evaluation mode."""
        ids = self.data.members(split)
        if not len(ids):
            return {}
        if split == "train" and len(ids) > MEASURED_TRAIN:
            spread = torch.linspace(0, len(ids) - 1, MEASURED_TRAIN).round().long()
            ids = ids[:MEASURED_TRAIN] if self.task.order == "lanes" else ids[spread]  # lanes follow what is contiguous
        return measure(self.network, self.task, self.data, ids, self.device, self.recipe.seed, self.batch_size)

    def restore_best(self) -> None:
        """Put the weights of the best epoch back into the network, when early stopping is on."""
        if self.recipe.early_stopping and self.best:
            self.network.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        """Return all of the training's state: `tensors` by name, plain `values`, and the `history`."""
        tensors = {f"network.{n}": v for n, v in self.network.state_dict().items()}
        tensors |= {f"best.{n}": v for n, v in self.best.items()}
        tensors |= {f"carry.{n}": v for n, v in self.task.carry.items()}
        tensors |= {f"running.{n}": v for n, v in self.running.items()}
        for player in self.players:
            tensors |= {f"optimizer.{player.name}.{n}": v for n, v in player.tensors().items()}
        values = {
            "epoch": len(self.history),
            "step": self.step_number,
            "position": self.position,
            "seconds": self.seconds,
            "stopping": self.stopping.state(),
            "history": history_hash(self.history),
            "recipe": self.recipe.model_dump(),
            "threads": self.threads,
        }
        copies = {n: v.detach().to("cpu", copy=True) for n, v in tensors.items()}
        return {"tensors": copies, "values": values, "history": list(self.history)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state: what follows is what would have followed, to the last bit.

        Raises: TrainingError, when the history is not the one that belongs to the state.
        """
        values, tensors = state["values"], _Parts(state["tensors"])
        history = list(state["history"])[: values["epoch"]]
        if history_hash(history) != values["history"]:
            raise TrainingError(
                f"The history does not belong to this state (epoch {values['epoch']}). Start afresh, or restore it."
            )
        self.network.load_state_dict(tensors.of("network"))
        self.best = {n: v.to(self.device) for n, v in tensors.of("best").items()}
        self.task.carry = {n: v.to(self.device) for n, v in tensors.of("carry").items()}
        self.running = {n: v.to(self.device) for n, v in tensors.of("running").items()}
        for player in self.players:
            player.load_tensors(tensors.of(f"optimizer.{player.name}"))
        self.history, self.step_number = history, values["step"]
        self.position, self.seconds = values["position"], values["seconds"]
        self.stopping.load(values["stopping"])
        self.threads = self.recipe.threads or values["threads"]

    def _batches(self) -> Iterator[Batch]:
        """The batches of this epoch that are still to come. Their order is a function of (seed, epoch) alone."""
        seed, epoch = self.recipe.seed, len(self.history) + 1
        rule = self.task.order if self.recipe.shuffle or self.task.order == "lanes" else "sequential"
        order = order_of(
            self.train_ids, rule, seed=seed, epoch=epoch, batch_size=self.batch_size, lengths=self.data.lengths("train")
        )
        change = self.data.settings.augment
        return self.reader.read(
            order[self.position :], self.batch_size, epoch=epoch, change=change, seed=seed, fewest=self.fewest
        )

    def _step(self, batch: Batch) -> Step:
        seed, epoch = self.recipe.seed, len(self.history) + 1
        recorded: dict[str, Tensor] = {}
        if self.schedule is not constant:
            for player in self.players:
                player.use_share(self.share(self.step_number))
        for index, player in enumerate(self.players):
            if not self.task.plays(player.name, self.step_number):
                continue
            seed_dropout(seed, self.step_number, index)
            noise = Noise(seed, epoch, batch.ids, f"player {player.name}")
            player.optimizer.zero_grad()
            losses = self.task.losses(self.network, batch, player.name, noise)
            losses["loss"].backward()
            self.guard.inspect(player, batch, losses, self.step_number + 1)
            if self.recipe.clip_norm is not None:  # after the guard: clipping makes all gradients nan when one is
                nn.utils.clip_grad_norm_(player.parameters.values(), self.recipe.clip_norm)
            player.optimizer.step()
            prefix = "" if len(self.players) == 1 else f"{player.name}_"
            recorded |= {prefix + part: value.detach() for part, value in losses.items()}
        self.task.carry = {name: value.detach() for name, value in self.task.carry.items()}
        for name, value in recorded.items():
            self.running[name] = self.running.get(name, 0) + value * len(batch)
        self.step_number += 1
        self.position += len(batch)
        return Step(self.step_number, epoch, len(batch), recorded)

    def _watched(self) -> tuple[str | None, str]:
        """The metric that decides which epoch is the best, if one does, and its direction."""
        if self.recipe.monitor is None:
            return self.task.monitor or (None, "min")
        return self.recipe.monitor, self.task.direction(self.recipe.monitor)


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


class _Parts(dict[str, Tensor]):
    def of(self, part: str) -> dict[str, Tensor]:
        return {n.removeprefix(part + "."): v for n, v in self.items() if n.startswith(part + ".")}


def _fewest(network: nn.Module, batch_size: int) -> int:
    """The smallest batch that a network can be trained with: two examples where batch norm takes their spread.

    Raises: SettingError, when every batch would be smaller.
    """
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if batch_size == 1 and any(isinstance(m, nn.BatchNorm1d) for m in norms):
        raise SettingError(
            "Batch norm cannot take a spread from batch_size=1: one example is always its own mean. "
            "Use batch_size=8 or more, or norm=layer."
        )
    return 2 if norms else 1
