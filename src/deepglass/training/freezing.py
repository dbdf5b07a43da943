"""Freezing: parts of a network that a training leaves as they are, for good or for its first epochs; given back when it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.networks.depth import LayerGroup, layer_groups
from deepglass.training.optimizers import begins
from deepglass.training.recipe import Recipe

SHOWN = 12  # names that a message lists


@dataclass(frozen=True)
class Stage:
    """One group of layers that does not learn from the start: what of it can, and from which epoch on (None: never)."""

    parameters: list[nn.Parameter]
    norms: list[nn.Module]
    first_epoch: int | None


class Frozen:
    """Parameters and batch norms that stay as they are, until `release`. What learns is a function of the epoch alone.

    What `recipe.freeze` names never learns. Of the rest, groups of layers (`networks.depth`) wait from the head down: all but
    `unfreeze_depth` of them, until `unfreeze_after` epochs are over, or one more after every `unfreeze_every`.
    The statistics of a batch norm stay while its group is frozen; `freeze_statistics` says always, or never.
    Raises: SettingError, when a name fits nothing, or there is no such depth.
    Source: gradual unfreezing: Howard and Ruder, arXiv:1801.06146, section 3.3.
    """

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        self.parameters: list[nn.Parameter] = []
        self.norms: list[nn.Module] = []
        self.recipe = recipe
        known = nn.modules.batchnorm._BatchNorm
        norms = {n: m for n, m in network.named_modules() if isinstance(m, known) and m.training}
        for prefix in recipe.freeze:
            fitting = [p for n, p in network.named_parameters() if begins(n, prefix)]
            if not fitting:
                raise SettingError(no_such_part("freeze", prefix, network))
            counting = recipe.freeze_statistics is False  # what a frozen batch norm has measured stays as well, else
            self._hold(fitting, [] if counting else [m for n, m in norms.items() if begins(n, prefix)])
        if recipe.freeze_statistics:
            self._hold([], list(norms.values()))
        self.stages = [stage for stage in self._stages(network, norms) if stage.first_epoch != 1]
        for stage in self.stages:
            if stage.first_epoch is None:
                self._hold(stage.parameters, stage.norms)

    def follow(self, epoch: int) -> None:
        """Let learn what learns in an epoch, counted from 1, and nothing else."""
        for stage in self.stages:
            learns = stage.first_epoch is not None and stage.first_epoch <= epoch
            for parameter in stage.parameters:
                parameter.requires_grad_(learns)
            for norm in stage.norms:
                norm.train(learns)

    def thaws_after(self, epoch: int) -> bool:
        """Whether something begins to learn only after this epoch, so that this is no time to stop."""
        return any(s.first_epoch is not None and epoch < s.first_epoch <= self.recipe.epochs for s in self.stages)

    def release(self) -> None:
        """Let everything learn again that could before."""
        self.follow(max((stage.first_epoch or 1 for stage in self.stages), default=1))
        self.stages = []
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        for norm in self.norms:
            norm.train()
        self.parameters, self.norms = [], []

    def _hold(self, parameters: list[nn.Parameter], norms: list[nn.Module]) -> None:
        """Freeze for as long as the training lasts."""
        self.parameters += [p for p in parameters if p.requires_grad]
        for parameter in parameters:
            parameter.requires_grad_(False)
        self.norms += [norm.eval() for norm in norms if norm.training]

    def _stages(self, network: nn.Module, norms: Mapping[str, nn.Module]) -> Iterator[Stage]:
        if not by_depth(self.recipe):
            return
        groups = layer_groups(network)
        for group, first in zip(groups, first_epochs(groups, self.recipe)):
            own = [p for n in group.parameters if (p := network.get_parameter(n)).requires_grad]
            places = () if self.recipe.freeze_statistics is False else group.modules
            held = [m for n, m in norms.items() if m.training and any(begins(n, place) for place in places)]
            yield Stage(own, held, first)


def by_depth(recipe: Recipe) -> bool:
    """Whether a recipe freezes layers by their depth."""
    return any(n is not None for n in (recipe.unfreeze_depth, recipe.unfreeze_after, recipe.unfreeze_every))


def first_epochs(groups: Sequence[LayerGroup], recipe: Recipe) -> list[int | None]:
    """The first epoch in which each group of layers learns, counted from 1; None where it never does.

    Raises: SettingError, when there is no such depth.
    """
    depth = (recipe.unfreeze_depth or 1) if by_depth(recipe) else len(groups)
    if depth > len(groups):
        raise SettingError(
            f"recipe.unfreeze_depth={depth}: this network has {len(groups)} groups of layers, from the input on "
            f"{', '.join(g.name for g in groups)}. Give {len(groups)} or less."
        )
    return [_first_epoch(recipe, len(groups) - depth - place) for place in range(len(groups))]


def _first_epoch(recipe: Recipe, below: int) -> int | None:
    """The first epoch of a group that lies so many groups below those that learn from the start."""
    if below <= 0:
        return 1
    starts = [1 + recipe.unfreeze_after] if recipe.unfreeze_after else []
    starts += [1 + recipe.unfreeze_every * below] if recipe.unfreeze_every else []
    return min(starts, default=None)


def no_such_part(setting: str, prefix: str, network: nn.Module) -> str:
    """Say that the beginning of a name fits no parameter, and which ones there are."""
    names = [n for n, _ in network.named_parameters()]
    places = [name.split(".") for name in names]
    parts = dict.fromkeys(".".join(place[:k]) for place in places for k in range(1, len(place) + 1))
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return (
        f"recipe.{setting}={prefix!r} fits no parameter. Parameters: {shown}. Give such a name, whole or up to one of its dots."
        + suggestion(prefix, parts)
    )
