"""Replicas: several trainings of networks of one shape, all taken in one step.

Their weights stand in one tensor with an axis of replicas in front, and every network keeps a view of its part. So a step
costs little more than one network's where that keeps no processor busy, and whatever is asked of a single training, such as
its state, is there at every moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from deepglass.data import Batch
from deepglass.data.order import order_of
from deepglass.errors import SettingError, TrainingError
from deepglass.garbage import without_collection
from deepglass.randomness import Noise, seed_dropout
from deepglass.threads import threads_for, use_threads
from deepglass.training.execution import precision_for
from deepglass.training.execution.stacked import stacked_chain
from deepglass.training.hardware import work_of
from deepglass.training.measuring_all import Kept, measure_all
from deepglass.training.records import Epoch
from deepglass.training.running import Running
from deepglass.training.sampling import order_needs
from deepglass.training.stack import Stack
from deepglass.training.stackable import parted, side_by_side, unfit
from deepglass.training.training import Training


class Replicas:
    """Trains several trainings at once. Each ends as it would alone, up to rounding, and with dropout in distribution.

    Clipping, early stopping and a loss that is no number act on each by itself; one that has ended leaves the stack. Where a
    product of all networks is large enough for bfloat16 it is taken in that, as one of a lone network of that size would be.

    Args: trainings: of networks of one shape, on the same data. `unfit` says which cannot be stacked.
    Raises: SettingError, when they cannot be stacked.
    Source: Chen and others, "functorch", and the ensembling of torch.func's documentation.

    >>> for epochs in Replicas([Training("mlp", data, Recipe(seed=seed)) for seed in range(5)]):
    ...     print([epoch.validation["accuracy"] for epoch in epochs])
    """

    def __init__(self, trainings: Sequence[Training]) -> None:
        reason = unfit(trainings)
        if reason:
            raise SettingError(f"These trainings cannot be stacked: {reason}.")
        self.trainings = list(trainings)
        self.failures: dict[int, TrainingError] = {}  # by position
        self.precision = "float32"  # of the products
        self.measured: Kept = {}  # the examples that are measured, to be measured again after each epoch
        self.active = [t for t in self.trainings if not t.finished]
        if self.active:
            self._stack()

    def __iter__(self) -> Iterator[list[Epoch]]:
        """Train to the end, yielding after each epoch the records of those that took part in it."""
        while self.active:
            for _ in self.steps():
                pass
            yield self.close_epoch()
        for training in self.trainings:
            training.finish()

    @property
    def norms(self) -> Tensor | None:
        """The norms of the last gradients before clipping, (replicas,), where any is clipped."""
        return self.stack.norms

    def steps(self) -> Iterator[Tensor]:
        """Take the steps of one epoch, yielding the loss of each replica, shape (replicas,)."""
        lead = self.active[0]
        use_threads(threads_for(len(self.active) * work_of(lead.network, lead.data, lead.batch_size)))
        started, spent = perf_counter(), 0.0
        running: Tensor | float = 0.0
        for batch in self._batches():
            losses = self._step(batch)
            running = running + losses * batch.ids.shape[-1]
            for training in self.active:
                training.step_number += 1
                training.position += batch.ids.shape[-1]
            spent += perf_counter() - started
            yield losses
            started = perf_counter()
        each = running.detach().unbind() if isinstance(running, Tensor) else None
        for place, training in enumerate(self.active):
            training.seconds += spent / len(self.active)
            training.running = Running({} if each is None else {"loss": each[place]})
        self.stack.hand_back()

    def close_epoch(self) -> list[Epoch]:
        """Measure all, close the epoch of each, and let go of those that have ended."""
        with without_collection():
            stack, places = self.stack, {id(t): place for place, t in enumerate(self.trainings)}
            measured = measure_all(self.active, stack.parameters, stack.fixed, self.chain, self.measured)
            records, ended, best = [], [], []
            for number, (training, found, penalty) in enumerate(zip(self.active, measured, stack.penalties())):
                if places[id(training)] in self.failures:
                    ended.append(training)
                    continue
                found["train"] |= penalty
                records.append(training.close_epoch(found))
                if training.stopping.best_epoch == records[-1].number:
                    best.append(number)
                if training.finished:
                    ended.append(training)
            stack.keep_best(best)
            if ended:
                self._let_go(ended)
            return records

    def _stack(self) -> None:
        """Put the tensors of all networks into one each, and choose how their gradients are taken."""
        lead = self.active[0]
        self.stack = Stack(self.active)
        self.objective = _Objective(lead)
        chain = lead.execution.chain if lead.execution.by_hand else None
        tensors = {**self.stack.fixed, **self.stack.parameters}
        # What counts for precision are all that began, so that it stays as it was when some have ended.
        precision, examples = precision_for(lead.recipe.precision, lead.device), len(self.trainings) * lead.batch_size
        self.chain = stacked_chain(chain, lead.network, tensors, precision, examples)
        if self.chain is not None and self.chain.low:
            self.precision = "bfloat16"
        self.flag = torch.zeros((), device=lead.device)

    def _let_go(self, ended: Sequence[Training]) -> None:
        for training in ended:
            self.stack.let_go(training)
        gone = {id(t) for t in ended}
        self.active = [t for t in self.active if id(t) not in gone]
        if self.active:
            self._stack()
        else:
            del self.stack, self.chain

    def _batches(self) -> Iterator[Batch]:
        """The batches of an epoch; where replicas go through the data in orders of their own, (replicas, examples, ...)."""
        lead, data = self.active[0], self.active[0].data
        if len({t.recipe.seed for t in self.active}) == 1:
            yield from lead._batches()
            return
        if data.settings.augment.active:
            for parts in zip(*[t._batches() for t in self.active]):
                yield side_by_side(parts)
            return
        about: dict[str, Any] = order_needs(lead.order, data)
        epoch, size, count = len(lead.history) + 1, lead.batch_size, len(self.active)
        options = {"epoch": epoch, "batch_size": size, **about}
        orders = torch.stack([order_of(lead.train_ids, lead.order, seed=t.recipe.seed, **options) for t in self.active])
        order = torch.cat([part.reshape(-1) for part in orders.split(size, dim=1)])
        for batch in lead.reader.read(order, count * size, epoch=epoch, fewest=count * lead.fewest):
            yield parted(batch, count)

    def _step(self, batch: Batch) -> Tensor:
        lead = self.active[0]
        if lead.pace.varies:
            self.stack.use_share(lead.pace.share(lead.step_number))
        seed_dropout(lead.recipe.seed, lead.step_number, 0)
        if self.chain is not None and batch.weights is None:
            losses = self.chain.differentiate(batch)
        else:
            self.stack.optimizer.zero_grad()
            losses = self._losses(batch)
            losses.sum().backward()
        sound = self._look(losses)
        with torch.no_grad():
            if sound is None:
                self.stack.change()
            else:
                self._note_failures(sound)
                self.stack.change_some(sound)
        return losses.detach()

    def _losses(self, batch: Batch) -> Tensor:
        """The loss of each replica, shape (replicas,)."""
        own = batch.ids.ndim == 2
        axes = (0, 0, 0 if own else None)

        def loss_of(parameters: Mapping[str, Tensor], fixed: Mapping[str, Tensor], parts: dict[str, Any]) -> Tensor:
            tensors = {f"network.{n}": v for n, v in {**parameters, **fixed}.items()}
            result: Tensor = functional_call(self.objective, tensors, (Batch(**parts),))
            return result

        parts = {"fields": dict(batch.fields), "ids": batch.ids}
        if batch.weights is not None:
            parts["weights"] = batch.weights
        each = vmap(loss_of, in_dims=axes, randomness="different")
        found: Tensor = each(self.stack.parameters, self.stack.fixed, parts)
        return found

    def _look(self, losses: Tensor) -> Tensor | None:
        """Which replicas have finite gradients, shape (replicas,); None when all have."""
        gradients = [p.grad for p in self.stack.parameters.values() if p.grad is not None]
        self.flag.zero_()
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, self.flag, torch.ones_like(self.flag))  # one pass
        if not self.flag and bool(losses.isfinite().all()):
            return None
        sizes = [gradient.flatten(1).abs().sum(dim=1) for gradient in gradients]
        sound = (torch.stack(sizes).sum(dim=0) + losses.detach()).isfinite()
        return None if bool(sound.all()) else sound

    def _note_failures(self, sound: Tensor) -> None:
        """Remember whose gradients are not finite: they go no further."""
        for place in (~sound).nonzero().flatten().tolist():
            number = self.trainings.index(self.active[place])
            rate = self.active[place].players[0].learning_rate
            self.failures.setdefault(
                number,
                TrainingError(
                    f"The gradient of replica {number} is not finite at step {self.active[place].step_number + 1} "
                    f"(learning_rate={rate:g}). It went no further. Lower learning_rate, or set clip_norm=1."
                ),
            )


class _Objective(nn.Module):
    """The loss of a network on a batch as a module, so that its weights can be given from outside."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self.network = training.network
        self.task, self.player, self.seed = training.task, training.players[0].name, training.recipe.seed

    def forward(self, batch: Batch) -> Tensor:
        noise = Noise(self.seed, 0, batch.ids, "replicas")  # a task that is stacked draws nothing from it
        return self.task.losses(self.network, batch, self.player, noise)["loss"]
