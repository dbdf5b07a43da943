"""Stack: the weights of several networks of one form as one tensor each, with the optimizer that changes them all."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.training.optimizers import (
    OPTIMIZERS,
    Updates,
    make_optimizer,
    parameter_groups,
    quick_step,
    spared_names,
)
from deepglass.training.optimizers.updates import adam, adamw
from deepglass.training.penalties import Penalty
from deepglass.training.players import settings_of
from deepglass.training.stackable import tensors_of
from deepglass.training.training import Training

Row = dict[str, Tensor]  # what one network has, by name


class Stack:
    """The tensors of some trainings' networks, with an axis of replicas in front; every network keeps a view of its part.

    Shapes: parameters, which learn, and fixed, which do not, by name: (replicas, ...).
    """

    def __init__(self, trainings: Sequence[Training]) -> None:
        self.trainings, lead = list(trainings), trainings[0]
        learning = lead.players[0].parameters
        own = [tensors_of(t.network) for t in trainings]
        whole = {n: torch.stack([row[n].detach() for row in own]) for n in own[0]}
        self.fixed = {n: v for n, v in whole.items() if n not in learning}
        self.parameters = {n: nn.Parameter(v) for n, v in whole.items() if n in learning}
        self.norms: Tensor | None = None  # of the last gradients before clipping, (replicas,), where any is clipped
        for name, values in whole.items():
            for row, part in zip(own, values.unbind()):
                row[name].data = part
        self._make_optimizer(lead)
        self.saved = {n: whole[n] for n in lead.network.state_dict() if n in whole}
        self.best: list[Row] | None = None  # of each network after its best epoch
        if any(t.best for t in trainings):
            self._make_room()
            for place, training in enumerate(trainings):
                self._take_best(place, training.best)

    def change(self) -> None:
        """Change the weights by their gradients, clipped and with the penalty of each."""
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

    def change_some(self, mask: Tensor) -> None:
        """Change the weights of some networks, and leave the others as they are. Shapes: mask (replicas,) of truths."""
        before = {n: p.detach().clone() for n, p in self.parameters.items()}
        states = {
            n: {k: v.clone() for k, v in self.optimizer.state.get(p, {}).items()} for n, p in self.parameters.items()
        }
        self.change()
        for name, parameter in self.parameters.items():
            those = mask.reshape(-1, *[1] * (parameter.ndim - 1))
            parameter.copy_(torch.where(those, parameter, before[name]))
            for key, value in self.optimizer.state.get(parameter, {}).items():
                if value.ndim:
                    value.copy_(torch.where(those, value, states[name].get(key, torch.zeros_like(value))))

    def use_share(self, share: float) -> None:
        """Use a share of the full learning rates from now on."""
        for group, key, full in self.full:
            group[key] = full * share

    def penalties(self) -> list[dict[str, float]]:
        """What the weights of each network cost now, beside the loss; nothing when they are free."""
        costs = [t.players[0].penalty.active for t in self.trainings]
        if not any(costs):
            return [{} for _ in costs]
        return [{"penalty": value} if own else {} for own, value in zip(costs, self.penalty.values().tolist())]

    def keep_best(self, places: Sequence[int]) -> None:
        """Remember the weights of some networks, whose last epoch was their best."""
        if not places:
            return
        if self.best is None:
            self._make_room()
        assert self.best is not None
        some = slice(None) if len(places) == len(self.trainings) else torch.tensor(places)
        for name, values in self.saved.items():
            self.best_values[name][some] = values[some]
        for place in places:
            self.trainings[place].best = self.best[place]

    def hand_back(self) -> None:
        """Give each lone optimizer a view of its part of the state; the networks have theirs already."""
        for name, parameter in self.parameters.items():
            state = self.optimizer.state.get(parameter, {})
            known, rows = self.handed.get(name, ({}, []))
            kept = {k: v for k, v in state.items() if v.ndim}
            if not rows or known.keys() != kept.keys() or any(known[k] is not v for k, v in kept.items()):
                columns = {k: v.unbind() for k, v in kept.items()}
                rows = [{k: column[place] for k, column in columns.items()} for place in range(len(self.trainings))]
                self.handed[name] = kept, rows
                for training, row in zip(self.trainings, rows):
                    player = training.players[0]
                    player.optimizer.state[player.parameters[name]] = row
            for key in state.keys() - kept.keys():  # the number of steps: a number of its own for each
                for row, number in zip(rows, state[key].repeat(len(rows)).unbind()):
                    row[key] = number

    @torch.no_grad()
    def let_go(self, training: Training) -> None:
        """Give a training memory of its own again."""
        for tensor in tensors_of(training.network).values():
            tensor.data = tensor.data.clone()
        training.best = {n: v.clone() for n, v in training.best.items()}

    def _make_optimizer(self, lead: Training) -> None:
        """Make one optimizer for the stack, with the state that the lone ones have come to."""
        player = lead.players[0]
        entry = OPTIMIZERS[player.kind]
        each = [settings_of(player.name, player.kind, entry, t.recipe) for t in self.trainings]
        settings = {name: _spread([s[name] for s in each]) for name in each[0]}
        decay, l1 = settings.pop("weight_decay"), settings.pop("l1")
        groups = parameter_groups(self.parameters, lead.network, decay, lead.recipe.rates)
        self.optimizer = make_optimizer(entry, groups, settings)
        key = "learning_rate" if "learning_rate" in self.optimizer.param_groups[0] else "lr"
        self.full = [(group, key, group[key]) for group in self.optimizer.param_groups]
        spared = spared_names(lead.network)
        weights = [p for n, p in self.parameters.items() if n not in spared]
        self.penalty = Penalty(weights, l1, 0.0 if entry.decoupled else decay)
        self.handed: dict[str, tuple[Row, list[Row]]] = {}  # what the lone optimizers have views of
        states = [t.players[0].optimizer.state for t in self.trainings]
        for name, parameter in self.parameters.items():
            own = [state.get(t.players[0].parameters[name], {}) for t, state in zip(self.trainings, states)]
            if own[0]:
                self.optimizer.state[parameter] = {
                    k: v.clone() if v.ndim == 0 else torch.stack([o[k] for o in own]) for k, v in own[0].items()
                }
            elif isinstance(self.optimizer, Updates) and self.optimizer.update in (adam, adamw):
                means = {
                    k: torch.zeros_like(parameter) for k in ("exp_avg", "exp_avg_sq")
                }  # so that the first step is quick too
                self.optimizer.state[parameter] = {"step": torch.zeros((), device=parameter.device), **means}
        norms = [t.recipe.clip_norm for t in self.trainings]
        self.longest = None if not any(norms) else torch.tensor([n or torch.inf for n in norms])

    def _make_room(self) -> None:
        """Memory for the weights of the best epochs, of all in one tensor each."""
        self.best_values = {name: torch.empty_like(values) for name, values in self.saved.items()}
        columns = {name: values.unbind() for name, values in self.best_values.items()}
        self.best = [{n: column[place] for n, column in columns.items()} for place in range(len(self.trainings))]

    def _take_best(self, place: int, best: Row) -> None:
        if best and self.best is not None:
            for name, value in self.best[place].items():
                value.copy_(best[name])
            self.trainings[place].best = self.best[place]


def _spread(values: Sequence[Any]) -> Any:
    """One number where all agree, so that torch's fused kernels can take it; else one a replica."""
    return values[0] if all(v == values[0] for v in values) else torch.tensor(values, dtype=torch.float64)
