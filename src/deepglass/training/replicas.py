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
from deepglass.randomness import Noise, seed_dropout
from deepglass.threads import threads_for, use_threads
from deepglass.training.execution.stacked import stacked_chain
from deepglass.training.hardware import work_of
from deepglass.training.measuring_all import measure_all
from deepglass.training.optimizers import OPTIMIZERS, make_optimizer, parameter_groups, quick_step, spared_names
from deepglass.training.penalties import Penalty
from deepglass.training.players import settings_of
from deepglass.training.records import Epoch
from deepglass.training.sampling import order_needs
from deepglass.training.stackable import parted, side_by_side, tensors_of, unfit
from deepglass.training.training import Training


class Replicas:
    """Trains several trainings at once. Each ends as it would alone, up to rounding, and with dropout in distribution.

    Clipping, early stopping and a loss that is no number act on each by itself; one that has ended leaves the stack.

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
        self.norms: Tensor | None = None  # of the last gradients before clipping, (replicas,), where any is clipped
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
        for place, training in enumerate(self.active):
            training.seconds += spent / len(self.active)
            training.running = {"loss": running[place].detach()} if isinstance(running, Tensor) else {}
        self._hand_back()

    def close_epoch(self) -> list[Epoch]:
        """Measure all, close the epoch of each, and let go of those that have ended."""
        measured = zip(
            *(measure_all(self.active, self.parameters, self.fixed, s, self.chain) for s in ("train", "validation"))
        )
        records, ended = [], []
        for training, (train, validation) in zip(list(self.active), measured):
            place = self.trainings.index(training)
            if place in self.failures:
                ended.append(training)
                continue
            records.append(training.close_epoch({"train": train, "validation": validation}))
            if training.finished:
                ended.append(training)
        if ended:
            self._let_go(ended)
        return records

    def _stack(self) -> None:
        """Put the tensors of all networks into one each, and give the networks views of them."""
        networks = [t.network for t in self.active]
        lead = self.active[0]
        learning = lead.players[0].parameters
        self.fixed = {n: _joined(networks, n) for n in tensors_of(networks[0]) if n not in learning}
        self.parameters = {n: nn.Parameter(_joined(networks, n)) for n in learning}
        with torch.no_grad():
            for place, network in enumerate(networks):
                for name, tensor in tensors_of(network).items():
                    whole = self.parameters[name] if name in learning else self.fixed[name]
                    tensor.data = whole.data[place]
        self.objective = _Objective(lead)
        chain = lead.execution.chain if lead.execution.by_hand else None
        self.chain = stacked_chain(chain, lead.network, {**self.fixed, **self.parameters})
        self.flag = torch.zeros((), device=lead.device)
        self._make_optimizer()

    def _make_optimizer(self) -> None:
        """Make one optimizer for the stack, with the state that the lone ones have come to."""
        lead, player = self.active[0], self.active[0].players[0]
        entry = OPTIMIZERS[player.kind]
        each = [settings_of(player.name, player.kind, entry, t.recipe) for t in self.active]
        settings = {name: _spread([s[name] for s in each]) for name in each[0]}
        decay, l1 = settings.pop("weight_decay"), settings.pop("l1")
        groups = parameter_groups(self.parameters, lead.network, decay, lead.recipe.rates)
        self.optimizer = make_optimizer(entry, groups, settings)
        key = "learning_rate" if "learning_rate" in self.optimizer.param_groups[0] else "lr"
        self.full = [(group, key, group[key]) for group in self.optimizer.param_groups]
        spared = spared_names(lead.network)
        self.penalty = Penalty([p for n, p in self.parameters.items() if n not in spared], l1)
        states = [t.players[0].optimizer.state for t in self.active]
        for name, parameter in self.parameters.items():
            own = [state.get(t.players[0].parameters[name], {}) for t, state in zip(self.active, states)]
            if own[0]:
                self.optimizer.state[parameter] = {
                    k: v.clone() if v.ndim == 0 else torch.stack([o[k] for o in own]) for k, v in own[0].items()
                }
        norms = [t.recipe.clip_norm for t in self.active]
        self.longest = None if not any(norms) else torch.tensor([n or torch.inf for n in norms])

    def _hand_back(self) -> None:
        """Give each lone optimizer a view of its part of the state; the networks have theirs already."""
        for place, training in enumerate(self.active):
            player = training.players[0]
            for name, parameter in player.parameters.items():
                state = self.optimizer.state.get(self.parameters[name], {})
                player.optimizer.state[parameter] = {
                    k: v.clone() if v.ndim == 0 else v[place] for k, v in state.items()
                }

    def _let_go(self, ended: Sequence[Training]) -> None:
        for training in ended:
            for tensor in tensors_of(training.network).values():
                tensor.data = tensor.data.clone()  # memory of its own again
        self.active = [t for t in self.active if t not in ended]
        if self.active:
            self._stack()
        else:
            self.parameters, self.fixed = {}, {}

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
            share = lead.pace.share(lead.step_number)
            for group, key, full in self.full:
                group[key] = full * share
        seed_dropout(lead.recipe.seed, lead.step_number, 0)
        if self.chain is not None and batch.weights is None:
            losses = self.chain.differentiate(batch)
        else:
            self.optimizer.zero_grad()
            losses = self._losses(batch)
            losses.sum().backward()
        sound = self._look(losses)
        if sound is None:
            self._change()
        else:
            self._change_sound(sound)
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
        found: Tensor = vmap(loss_of, in_dims=axes, randomness="different")(self.parameters, self.fixed, parts)
        return found

    def _look(self, losses: Tensor) -> Tensor | None:
        """Which replicas have finite gradients, shape (replicas,); None when all have."""
        gradients = [p.grad for p in self.parameters.values() if p.grad is not None]
        self.flag.zero_()
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, self.flag, torch.ones_like(self.flag))  # one pass
        if not self.flag and bool(losses.isfinite().all()):
            return None
        sizes = [gradient.flatten(1).abs().sum(dim=1) for gradient in gradients]
        sound = (torch.stack(sizes).sum(dim=0) + losses.detach()).isfinite()
        return None if bool(sound.all()) else sound

    @torch.no_grad()
    def _change(self) -> None:
        if self.longest is not None:
            gradients = [p.grad for p in self.parameters.values() if p.grad is not None]
            self.norms = norms = torch.stack([g.flatten(1).square().sum(dim=1) for g in gradients]).sum(dim=0).sqrt()
            shares = (self.longest.to(norms) / (norms + 1e-6)).clamp(max=1)  # as nn.utils.clip_grad_norm_
            for gradient in gradients:
                gradient *= shares.reshape(-1, *[1] * (gradient.ndim - 1))
        if self.penalty.has_l1:
            self.penalty.add_l1_gradient()
        if not quick_step(self.optimizer):
            self.optimizer.step()

    @torch.no_grad()
    def _change_sound(self, sound: Tensor) -> None:
        """Step, and undo it for the replicas whose gradients are not finite; they have failed."""
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
        before = {n: p.detach().clone() for n, p in self.parameters.items()}
        states = {
            n: {k: v.clone() for k, v in self.optimizer.state.get(p, {}).items()} for n, p in self.parameters.items()
        }
        self._change()
        for name, parameter in self.parameters.items():
            mask = sound.reshape(-1, *[1] * (parameter.ndim - 1))
            parameter.copy_(torch.where(mask, parameter, before[name]))
            for key, value in self.optimizer.state.get(parameter, {}).items():
                if value.ndim:
                    value.copy_(torch.where(mask, value, states[name].get(key, torch.zeros_like(value))))


class _Objective(nn.Module):
    """The loss of a network on a batch as a module, so that its weights can be given from outside."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self.network = training.network
        self.task, self.player, self.seed = training.task, training.players[0].name, training.recipe.seed

    def forward(self, batch: Batch) -> Tensor:
        noise = Noise(self.seed, 0, batch.ids, "replicas")  # a task that is stacked draws nothing from it
        return self.task.losses(self.network, batch, self.player, noise)["loss"]


def _joined(networks: Sequence[nn.Module], name: str) -> Tensor:
    return torch.stack([tensors_of(network)[name].detach() for network in networks])


def _spread(values: Sequence[Any]) -> Any:
    """One number where all agree, so that torch's fused kernels can take it; else one a replica."""
    return values[0] if all(v == values[0] for v in values) else torch.tensor(values, dtype=torch.float64)
