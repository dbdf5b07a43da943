"""Players: named sets of parameters, each with its own optimizer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.names import find, suggestion
from deepglass.training.optimizers import OPTIMIZERS, Updates, decay_groups, make_optimizer
from deepglass.training.recipe import Recipe

OwnOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


@dataclass
class Player:
    """One player. `parameters` carry the names that they have in the whole network; frozen ones are not among them."""

    name: str
    parameters: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer
    learning_rate: float | Tensor  # the full rate of the first group, before any schedule

    def __post_init__(self) -> None:
        key = "learning_rate" if isinstance(self.optimizer, Updates) else "lr"
        self._full = [(group, key, group[key]) for group in self.optimizer.param_groups if key in group]

    def use_share(self, share: float) -> None:
        """Use a share of the full learning rate from now on."""
        for group, key, full in self._full:
            group[key] = full * share

    @property
    def masks_updates(self) -> bool:
        """Whether the optimizer leaves everything as it is when the device's `found_inf` flag is up."""
        return isinstance(self.optimizer, Updates) or bool(self.optimizer.defaults.get("fused"))

    def tensors(self) -> dict[str, Tensor]:
        """The optimizer's state, by parameter name: "weight.exp_avg", ..."""
        state = self.optimizer.state
        return {
            f"{name}.{key}": value
            for name, parameter in self.parameters.items()
            for key, value in state.get(parameter, {}).items()
            if isinstance(value, Tensor)
        }

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Put a saved state back. Every tensor lands in memory of its own."""
        self.optimizer.state.clear()
        for name, parameter in self.parameters.items():
            mine = {k.rpartition(".")[2]: v for k, v in tensors.items() if k.rpartition(".")[0] == name}
            if mine:
                places = {
                    k: torch.device("cpu") if v.ndim == 0 and not _fused(self.optimizer) else parameter.device
                    for k, v in mine.items()
                }
                self.optimizer.state[parameter] = {k: v.clone().to(places[k]) for k, v in mine.items()}


def make_players(
    network: nn.Module, modules: Mapping[str, nn.Module], recipe: Recipe, own: OwnOptimizer | None = None
) -> list[Player]:
    """Make the players of a task.

    Args:
        modules: parts of `network` by player name, as `Task.players` returns them.
        own: makes an optimizer of the user's from parameters.
    Raises: SettingError, when `freeze` or `players` name what is not there, or nothing is left to train.
    """
    names = {id(p): n for n, p in network.named_parameters()}
    for wrong in set(recipe.players) - set(modules):
        raise SettingError(
            f"recipe.players names {wrong!r}.{suggestion(wrong, modules)} Players: {', '.join(modules)}."
        )
    for prefix in recipe.freeze:
        frozen = [p for n, p in network.named_parameters() if _begins(n, prefix)]
        if not frozen:
            raise SettingError(
                f"recipe.freeze={prefix!r} fits no parameter. Parameters: {', '.join(list(names.values())[:12])}."
            )
        for parameter in frozen:
            parameter.requires_grad_(False)
        for name, module in network.named_modules():  # what a frozen batch norm has measured stays as well
            if _begins(name, prefix) and isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
    players = []
    for player, module in modules.items():
        named = {names[id(p)]: p for p in module.parameters() if p.requires_grad}
        if not named:
            raise SettingError(
                f"Player {player!r} has no parameter to train. Freeze less, or give a network with weights."
            )
        players.append(_player(player, named, network, recipe, own))
    return players


def _player(
    name: str, named: dict[str, nn.Parameter], network: nn.Module, recipe: Recipe, own: OwnOptimizer | None
) -> Player:
    if own is not None:
        optimizer = own(named.values())
        return Player(name, named, optimizer, optimizer.param_groups[0].get("lr", float("nan")))
    settings = {
        **recipe.model_dump(include={"optimizer", "learning_rate", "momentum", "weight_decay"}),
        **recipe.players.get(name, {}),
    }
    unknown = set(recipe.players.get(name, {})) - {"optimizer", "learning_rate", "momentum", "weight_decay"}
    if unknown:
        raise SettingError(
            f"recipe.players.{name} has no {unknown.pop()!r}. Known: optimizer, learning_rate, momentum, weight_decay."
        )
    entry = find("optimizer", settings["optimizer"], OPTIMIZERS)
    rate = _number(settings["learning_rate"] or entry.learning_rate)
    groups = decay_groups(named, network, _number(settings["weight_decay"]))
    chosen = {"learning_rate": rate, **{k: _number(settings[k]) for k in entry.takes}}
    return Player(name, named, make_optimizer(settings["optimizer"], entry, groups, chosen), rate)


def _number(value: Any) -> Any:
    """A list of numbers is one a replica."""
    return torch.tensor(value, dtype=torch.float32) if isinstance(value, list | tuple) else value


def _begins(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix.rstrip(".") + ".")


def _fused(optimizer: torch.optim.Optimizer) -> bool:
    return bool(optimizer.defaults.get("fused"))
