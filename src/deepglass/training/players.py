"""Players: named sets of parameters, each with its own optimizer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.names import find, suggestion
from deepglass.networks.depth import layer_groups
from deepglass.training.freezing import by_depth, first_epochs, no_such_part
from deepglass.training.optimizers import (
    LBFGS,
    OPTIMIZERS,
    Optimizer,
    Updates,
    begins,
    make_optimizer,
    parameter_groups,
    quick_step,
    spared_names,
)
from deepglass.training.penalties import Penalty
from deepglass.training.recipe import Recipe

OwnOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]
TAKEN = tuple(dict.fromkeys(name for entry in OPTIMIZERS.values() for name in entry.takes))
OF_A_PLAYER = ("optimizer", "learning_rate", "weight_decay", "l1", *TAKEN)
OWN = "own"  # the kind of an optimizer of the user's


@dataclass
class Player:
    """One player. `parameters` carry the names that they have in the whole network; frozen ones are not among them."""

    name: str
    parameters: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer
    learning_rate: float | Tensor  # the full rate, before any schedule and any factor of a part
    kind: str = OWN  # the optimizer's name in the catalogue
    penalty: Penalty = field(default_factory=lambda: Penalty([]))

    def __post_init__(self) -> None:
        key = "learning_rate" if isinstance(self.optimizer, Updates) else "lr"
        self._full = [(group, key, group[key]) for group in self.optimizer.param_groups if key in group]

    def use_share(self, share: float) -> None:
        """Use a share of the full learning rate from now on."""
        for group, key, full in self._full:
            group[key] = full * share

    def clip(self, clip_value: float | None, clip_norm: float | None) -> Tensor | None:
        """Shorten the gradient, its numbers first, and return the norm that it had before the second."""
        if clip_value is not None:
            nn.utils.clip_grad_value_(self.parameters.values(), clip_value)
        return None if clip_norm is None else nn.utils.clip_grad_norm_(self.parameters.values(), clip_norm)

    def step(self) -> None:
        """Change the weights by their gradients, which are finite."""
        if not quick_step(self.optimizer):
            self.optimizer.step()

    @property
    def masks_updates(self) -> bool:
        """Whether the optimizer leaves everything as it is when the device's `found_inf` flag is up."""
        return isinstance(self.optimizer, Updates) or bool(self.optimizer.defaults.get("fused"))

    def tensors(self) -> dict[str, Tensor]:
        """The optimizer's state, by parameter name: "weight.exp_avg", ..."""
        if isinstance(self.optimizer, LBFGS):
            return self.optimizer.tensors()
        state = self.optimizer.state
        return {
            f"{name}.{key}": value
            for name, parameter in self.parameters.items()
            for key, value in state.get(parameter, {}).items()
            if isinstance(value, Tensor)
        }

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Put a saved state back, every tensor into memory of its own; a parameter without one begins anew."""
        if isinstance(self.optimizer, LBFGS):
            self.optimizer.load_tensors(tensors)
            return
        for name, parameter in self.parameters.items():
            mine = {k.rpartition(".")[2]: v for k, v in tensors.items() if k.rpartition(".")[0] == name}
            if mine:
                places = {
                    k: torch.device("cpu") if v.ndim == 0 and not self.masks_updates else parameter.device
                    for k, v in mine.items()
                }
                self.optimizer.state[parameter] = {k: v.clone().to(places[k]) for k, v in mine.items()}
            elif not isinstance(self.optimizer, torch.optim.Adagrad):  # which has its first state from the beginning
                self.optimizer.state.pop(parameter, None)


def make_players(
    network: nn.Module, modules: Mapping[str, nn.Module], recipe: Recipe, own: OwnOptimizer | None = None
) -> list[Player]:
    """Make the players of a task.

    Args:
        modules: parts of `network` by player name, as `Task.players` returns them.
        own: makes an optimizer of the user's from parameters.
    Raises: SettingError, when settings name what is not there, or nothing is left to train.
    """
    names = {id(p): n for n, p in network.named_parameters()}
    for wrong in set(recipe.players) - set(modules):
        raise SettingError(
            f"recipe.players names {wrong!r}.{suggestion(wrong, modules)} Players: {', '.join(modules)}."
        )
    for prefix in recipe.rates:
        if not any(begins(name, prefix) for name in names.values()):
            raise SettingError(no_such_part("rates", prefix, network))
    players = []
    for player, module in modules.items():
        named = {names[id(p)]: p for p in module.parameters() if p.requires_grad}
        if not named:
            raise SettingError(
                f"Player {player!r} has no parameter to train. Freeze less, or give a network with weights."
            )
        players.append(_player(player, named, network, recipe, own))
    if own is None:
        _check_taken(recipe, {player.kind for player in players})
    return players


def _player(
    name: str, named: dict[str, nn.Parameter], network: nn.Module, recipe: Recipe, own: OwnOptimizer | None
) -> Player:
    spared = spared_names(network)
    weights = [p for n, p in named.items() if n not in spared]
    if own is not None:
        optimizer = own(named.values())
        if isinstance(optimizer, torch.optim.LBFGS):
            raise SettingError(
                "L-BFGS takes several looks at the loss in a step. Use optimizer='lbfgs' with batch_size='all'."
            )
        rate = optimizer.param_groups[0].get("lr", float("nan"))
        return Player(name, named, optimizer, rate, penalty=Penalty(weights, recipe.l1))
    asked = recipe.players.get(name, {})
    kind = str(asked.get("optimizer", recipe.optimizer))
    entry = find("optimizer", kind, OPTIMIZERS)
    settings = settings_of(name, kind, entry, recipe)
    decay, l1 = settings.pop("weight_decay"), settings.pop("l1")
    penalty = Penalty(weights, l1, 0.0 if entry.decoupled else decay)
    if entry.torch_class is LBFGS:
        rate = settings["learning_rate"]
        assert isinstance(rate, float)
        return Player(name, named, LBFGS(list(named.values()), lr=rate), rate, kind, penalty)
    groups = parameter_groups(named, network, decay, rates_of(network, recipe))
    if by_depth(recipe):
        groups = _parted_by_time(groups, network, recipe)
    return Player(name, named, make_optimizer(entry, groups, settings), settings["learning_rate"], kind, penalty)


def settings_of(name: str, kind: str, entry: Optimizer, recipe: Recipe) -> dict[str, float | Tensor]:
    """What one player trains with: its own settings, else those of the recipe, else what suits its optimizer."""
    asked = recipe.players.get(name, {})
    for wrong in asked.keys() - {"optimizer", "learning_rate", "weight_decay", "l1", *entry.takes}:
        if wrong in OF_A_PLAYER:
            raise SettingError(_not_taken(f"recipe.players.{name}.{wrong}", asked[wrong], wrong, kind))
        raise SettingError(f"recipe.players.{name} has no {wrong!r}. Known: {', '.join(OF_A_PLAYER)}.")
    usual = {"learning_rate": entry.learning_rate, "weight_decay": entry.weight_decay, "l1": 0.0, **entry.takes}
    chosen: dict[str, float | Tensor] = {}
    for key, value in usual.items():
        said = asked.get(key, getattr(recipe, key))
        chosen[key] = value if said is None else _number(f"recipe.players.{name}.{key}", said, kind)
    return chosen


def _parted_by_time(groups: list[dict[str, Any]], network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """Part what begins to learn at different times: torch's fused kernels take parameters that all have a state, or none has."""
    layers = layer_groups(network)
    starts = {
        id(network.get_parameter(name)): first
        for group, first in zip(layers, first_epochs(layers, recipe))
        for name in group.parameters
    }
    return [
        {**group, "params": [p for p in group["params"] if starts[id(p)] == first]}
        for group in groups
        for first in dict.fromkeys(starts[id(p)] for p in group["params"])
    ]


def rates_of(network: nn.Module, recipe: Recipe) -> dict[str, float]:
    """The factors of the learning rate, by names of parameters up to one of their dots: by depth, and those of `recipe.rates`.

    Source: a rate for each depth: "discriminative fine-tuning", Howard and Ruder, arXiv:1801.06146, section 3.2.
    """
    decay = recipe.rate_decay_by_depth
    if decay is None:
        return dict(recipe.rates)
    upwards = enumerate(reversed(layer_groups(network)))
    by_depth = {name: decay**depth for depth, group in upwards for name in group.parameters}
    own = {n for n in by_depth if any(begins(n, prefix) for prefix in recipe.rates)}
    return {**{n: rate for n, rate in by_depth.items() if n not in own}, **recipe.rates}


def _check_taken(recipe: Recipe, kinds: set[str]) -> None:
    """Raise when a setting was given that no player's optimizer takes."""
    for setting in TAKEN:
        value = getattr(recipe, setting)
        if value is not None and not any(setting in OPTIMIZERS[kind].takes for kind in kinds):
            raise SettingError(_not_taken(f"recipe.{setting}", value, setting, " and ".join(sorted(kinds))))


def _not_taken(place: str, value: Any, setting: str, kind: str) -> str:
    takers = ", ".join(name for name, entry in OPTIMIZERS.items() if setting in entry.takes)
    return (
        f"{place}={value} is set, and {kind} does not take it. Leave it out, or use an optimizer that does: {takers}."
    )


def _number(place: str, value: Any, kind: str) -> float | Tensor:
    """Check a number; a list of numbers is one a replica."""
    many = isinstance(value, list | tuple)
    numbers = list(value) if many else [value]
    if not numbers or not all(isinstance(n, int | float) and 0 <= n < float("inf") for n in numbers):
        raise SettingError(
            f"{place}={value!r} is no number from 0, nor a list of such numbers, one a replica. Give one, such as 0.001."
        )
    if many and kind == "lbfgs":
        raise SettingError(f"{place}={value}: L-BFGS trains one network at a time. Give one number.")
    return torch.tensor(value, dtype=torch.float64) if many else float(value)
