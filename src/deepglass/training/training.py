"""Training: one training as an iterator over epochs and, finer, over steps. The order on the page is the order of events."""

import copy
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from itertools import islice
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset
from deepglass.data.order import order_of
from deepglass.errors import DeepglassError, TrainingError
from deepglass.memory import keep_freed_memory
from deepglass.networks import SUITS, build, made_from
from deepglass.probes.prober import Prober
from deepglass.settings import checked
from deepglass.tasks import Supervised, Task, TaskSettings, task_for
from deepglass.threads import threads_for, use_threads
from deepglass.training.averaging import Average
from deepglass.training.execution import Execution, execution_for, precision_for
from deepglass.training.freezing import Frozen
from deepglass.training.guard import Guard
from deepglass.training.hardware import device_named, work_of
from deepglass.training.measuring import (
    MEASURE_BATCH,
    batches_of_both,
    batches_to_keep,
    measure,
    measure_both,
    train_examples_measured,
)
from deepglass.training.needs import check_needs, fewest_in_a_batch
from deepglass.training.pace import Pace
from deepglass.training.players import OwnOptimizer, make_players
from deepglass.training.recipe import PATIENCE, Recipe
from deepglass.training.records import Epoch, Step
from deepglass.training.running import Running
from deepglass.training.sampling import order_needs, order_rule
from deepglass.training.shortage import or_say
from deepglass.training.spec import section_of
from deepglass.training.state import load_state, state_of
from deepglass.training.stepping import Stepper, may_draw
from deepglass.training.stopping import Stopping, converged
from deepglass.training.usual import recipe_for


class Training:
    """One training. It ends when the epochs are over, when validation no longer improves, or when the loss has converged.

    Then the best weights are back, and frozen parts may learn again. With a schedule that comes to rest at the last epoch
    (cosine, one_cycle), validation stops nothing unless the recipe sets `patience`: such a schedule gains most at its end,
    and one that is cut off has never got there. After a drop on a plateau the patience starts anew.

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
        recipe: Recipe | Mapping[str, Any] | None = None,
        *,
        task: Task | None = None,
        optimizer: OwnOptimizer | None = None,
    ) -> None:
        keep_freed_memory()
        recipe = checked(Recipe, recipe, "recipe") if isinstance(recipe, Mapping) else recipe
        if not isinstance(network, nn.Module):
            network = build(network, data, seed=recipe.seed if recipe else 0)
        self.recipe = recipe_for(network, recipe)
        self.device = device_named(self.recipe.device)
        self.network = network.to(self.device).train()
        self.data = data
        known = section_of(SUITS.get(str((made_from(network) or {}).get("name")), {}), "task")
        self.task = copy.copy(task) if task is not None else task_for(data, TaskSettings(**known))
        self.task.prepare(data, network)
        self.order = order_rule(self.recipe, self.task.order, data)
        self.reader = data.reader(self.device)
        self.train_ids = data.members("train")
        self.batch_size = len(self.train_ids) if self.recipe.batch_size == "all" else self.recipe.batch_size
        self.steps_an_epoch = -(-len(self.train_ids) // (self.batch_size * self.recipe.accumulate))
        counted = self.task.multiply_adds
        self.work = work_of(network, data, self.batch_size) if counted is None else 3 * self.batch_size * counted
        self.begin(network, optimizer)

    def begin(self, network: nn.Module, optimizer: OwnOptimizer | None = None) -> None:
        """Set up what belongs to this training alone, and to no other of an equal network on the same data."""
        self.frozen = Frozen(network, self.recipe)
        self.players = make_players(network, self.task.players(network), self.recipe, optimizer)
        self.fewest = fewest_in_a_batch(network, self.batch_size)
        asked, measuring = self.recipe.threads, MEASURE_BATCH * (self.work // (3 * self.batch_size))
        self.threads, self.measuring_threads = asked or threads_for(self.work), asked or threads_for(measuring)
        check_needs(self.players, self.recipe, self.task, len(self.train_ids))
        metric, direction = self._watched()
        self.pace = Pace(self.recipe, self.steps_an_epoch, (metric, direction))
        patience = self.recipe.patience or (None if self.pace.schedule.settles else PATIENCE)
        stops = self.recipe.early_stopping and metric
        self.stopping = Stopping(metric, direction, patience if stops else None, self.recipe.min_change)
        self.average = Average(network, self.recipe.average) if self.recipe.average is not None else None
        self.kept: dict[str, list[Batch] | None] = {}  # what is measured, by split
        self.prober: Prober | None = None  # what looks into it while it is kept
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}  # the network's state after the best epoch
        self.step_number = 0
        self.position = 0  # examples of this epoch that are behind us
        self.seconds = 0.0  # of this epoch's training part
        self.running = Running()  # this epoch's losses
        self.task.carry = self.task.start_carry(self.batch_size, self.device)

    @cached_property
    def execution(self) -> Execution:
        """How outputs and gradients are computed; of a stack only the first one's is asked for."""
        precision = precision_for(self.recipe.precision, self.device)
        size: dict[str, int] = {"examples": self.batch_size, "multiply_adds": self.work // 3}
        return execution_for(self.network, self.task, precision, rewrites=self.recipe.rewrites, **size)

    @cached_property
    def stepper(self) -> Stepper:
        guard, draws = Guard(self.device, self.data.called), may_draw(self.execution)
        return Stepper(self.execution, self.task, self.players, self.recipe, self.pace, guard, draws)

    def __iter__(self) -> Iterator[Epoch]:
        try:
            while not self.finished:
                or_say(lambda: deque(self.steps(), 0), self)  # which only has them taken
                yield or_say(self.close_epoch, self, measuring=True)
        except DeepglassError:
            self.frozen.release()
            raise
        self.finish()

    @property
    def finished(self) -> bool:
        return len(self.history) >= self.recipe.epochs or self.stopping.enough or self.converged

    @property
    def converged(self) -> bool:
        """Whether the last epoch changed the training loss, with its penalty, by no more than the tolerance."""
        if self.recipe.tolerance is None or self.frozen.thaws_after(len(self.history)):
            return False
        objectives = [e.train.get("loss", math.nan) + e.train.get("penalty", 0) for e in self.history[-2:]]
        return converged(objectives, self.recipe.tolerance)

    @property
    def rate(self) -> float:
        """The learning rate of the last step; of the first replica, where each has its own."""
        full = self.players[0].learning_rate
        share = self.pace.share(max(0, self.step_number - 1))
        return float(full.flatten()[0] if isinstance(full, Tensor) else full) * share

    def steps(self) -> Iterator[Step]:
        """Train what is left of this epoch, step by step; `close_epoch` comes after."""
        use_threads(self.threads)
        self.frozen.follow(len(self.history) + 1)
        self.execution.begin()
        started = perf_counter()
        batches = self._batches()
        while group := list(islice(batches, self.recipe.accumulate)):
            step = self._step(group)
            self.seconds += perf_counter() - started
            yield step
            started = perf_counter()

    def close_epoch(self, measured: Mapping[str, Mapping[str, float]] | None = None) -> Epoch:
        """Measure the network, remember it if it is the best so far, and return the record of the epoch.

        Args: measured: the metrics by split with the penalty, where they are known already; who gives them keeps the best weights.
        """
        started = perf_counter()
        seen = max(1, self.position)
        running = {name: total / seen for name, total in self.running.fold().items()}  # waits for the device
        spent = self.seconds + perf_counter() - started
        metric = self.stopping.metric
        with self._averaged():
            found = measured or self._measure("train", "validation")
            epoch = Epoch(
                number=len(self.history) + 1,
                seconds=spent,
                learning_rate=self.rate,
                train=found["train"] if measured else {**found["train"], **self._penalty()},
                validation=found["validation"],
                running=running,
            )
            self.history.append(epoch)
            watched = epoch.validation or epoch.train
            if metric and watched and metric not in watched:
                raise TrainingError(f"monitor={metric!r} is not measured. Measured: {', '.join(watched)}.")
            if metric and self.stopping.see(epoch.number, watched.get(metric)) and not measured:
                self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        if (metric and self.pace.see(epoch.number, watched.get(metric))) or self.frozen.thaws_after(epoch.number):
            self.stopping.wait_anew()
        self.position, self.seconds, self.running = 0, 0.0, Running()
        if self.task.carry_resets == "epoch":
            self.task.carry = self.task.start_carry(self.batch_size, self.device)
        return epoch

    def measured_ids(self, split: str) -> Tensor:
        """The examples that `measure` looks at: the validation split, or a fixed part of the training split."""
        ids = self.data.members(split)
        most = train_examples_measured(self.task, len(self.train_ids))
        if split == "train" and len(ids) > most:
            spread = torch.linspace(0, len(ids) - 1, most).round().long()
            ids = ids[:most] if self.task.order == "lanes" else ids[spread]  # lanes follow what is contiguous
        return ids

    def measure(self, split: str) -> dict[str, float]:
        """Return metrics on `measured_ids`, in evaluation mode."""
        return self._measure(split)[split]

    def _measure(self, *splits: str) -> dict[str, dict[str, float]]:
        """The metrics of some splits; of few examples both come from one pass, which is half the time of two."""
        ids = {split: self.measured_ids(split) for split in ("train", "validation")}
        seed, module, task = self.recipe.seed, self.execution.module, self.task
        if "both" not in self.kept:
            parts = list(ids.values())
            apart = self.execution.chain is not None  # whose layers take each example by itself
            self.kept["both"] = batches_of_both(task, self.data, parts, self.device) if apart else None
        use_threads(self.measuring_threads)
        if both := self.kept["both"]:
            assert isinstance(task, Supervised)
            return dict(zip(ids, measure_both(module, task, both[0], len(ids["train"]), seed)))
        for split in (s for s in splits if s not in self.kept):
            self.kept[split] = batches_to_keep(task, self.data, ids[split], self.device)
        size, kept = self.batch_size, self.kept
        return {s: measure(module, task, self.data, ids[s], self.device, seed, size, kept[s]) for s in splits}

    def finish(self) -> None:
        """Give the network the weights that the training is for, and let frozen parts learn again."""
        self.restore_best()
        self.frozen.release()

    def restore_best(self) -> None:
        """Put the weights of the best epoch into the network, when early stopping is on; else their mean, when there is one."""
        if self.recipe.early_stopping and self.best:
            self.network.load_state_dict(self.best)
        elif self.average is not None:
            self.average.keep()

    def state_dict(self) -> dict[str, Any]:
        """Return all of the training's state: `tensors` by name, plain `values`, and the `history`."""
        return state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state: what follows is what would have followed, to the last bit.

        Raises: TrainingError, when the history is not the one that belongs to the state.
        """
        load_state(self, state)

    def _batches(self) -> Iterator[Batch]:
        """The batches of this epoch that are still to come. Their order is a function of (seed, epoch) alone."""
        seed, epoch = self.recipe.seed, len(self.history) + 1
        about = order_needs(self.order, self.data)
        order = order_of(self.train_ids, self.order, seed=seed, epoch=epoch, batch_size=self.batch_size, **about)
        change, reader = self.data.settings.augment, self.reader
        if (name := self.execution.rounded_input) and not change.active and self.recipe.accumulate == 1:
            reader = self.data.reader(self.device, in_bfloat16=name)
        return reader.read(
            order[self.position :], self.batch_size, epoch=epoch, change=change, seed=seed, fewest=self.fewest
        )

    def _step(self, batches: Sequence[Batch]) -> Step:
        epoch, examples = len(self.history) + 1, sum([batch.ids.shape[0] for batch in batches])
        losses = self.stepper.take(batches, self.step_number, epoch)
        self.running.add(losses, examples)
        self.step_number += 1
        self.position += examples
        if self.average is not None:
            self.average.follow(self.step_number)
        return Step(self.step_number, epoch, examples, losses)

    def _averaged(self) -> AbstractContextManager[None]:
        """The network with the mean of its weights, for as long as it is measured."""
        return nullcontext() if self.average is None else self.average.in_place()

    def _penalty(self) -> dict[str, float]:
        """What the weights cost now, beside the loss; nothing when they are free."""
        costs = [player.penalty.value() for player in self.players if player.penalty.active]
        return {"penalty": float(torch.stack(costs).sum())} if costs else {}

    def _watched(self) -> tuple[str | None, str]:
        """The metric that decides which epoch is the best, if one does, and its direction."""
        if self.recipe.monitor is None:
            return self.task.monitor or (None, "min")
        return self.recipe.monitor, self.task.direction(self.recipe.monitor)
