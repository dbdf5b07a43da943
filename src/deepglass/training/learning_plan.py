"""Learning plan: which layers of a network learn, from which epoch on, and how fast."""

from dataclasses import dataclass

from torch import nn

from deepglass.networks.depth import layer_groups
from deepglass.training.freezing import by_depth, first_epochs
from deepglass.training.optimizers import begins
from deepglass.training.players import rates_of
from deepglass.training.recipe import Recipe


@dataclass(frozen=True)
class PlannedGroup:
    """One group of layers.

    Args:
        parameters: how many numbers it holds; learning: how many of them ever learn.
        from_epoch: the first in which they do, counted from 1; None when none ever does.
        rates: the smallest and the largest factor of the learning rate in it.
    """

    name: str
    parameters: int
    learning: int
    from_epoch: int | None
    rates: tuple[float, float]


def learning_plan(network: nn.Module, recipe: Recipe) -> list[PlannedGroup]:
    """Return the plan from the input to the head; nothing where all layers learn alike from the start."""
    if not (recipe.freeze or recipe.rates or by_depth(recipe) or recipe.rate_decay_by_depth):
        return []
    groups, factors = layer_groups(network), rates_of(network, recipe)
    plan = []
    for group, first in zip(groups, first_epochs(groups, recipe)):
        sizes = {name: network.get_parameter(name).numel() for name in group.parameters}
        kept = [n for n in sizes if any(begins(n, prefix) for prefix in recipe.freeze)]
        learning = 0 if first is None else sum(sizes.values()) - sum(sizes[n] for n in kept)
        rates = [_factor(name, factors) for name in sizes]
        plan.append(
            PlannedGroup(
                group.name, sum(sizes.values()), learning, first if learning else None, (min(rates), max(rates))
            )
        )
    return plan


def _factor(name: str, factors: dict[str, float]) -> float:
    fitting = [prefix for prefix in factors if begins(name, prefix)]
    return factors[max(fitting, key=len)] if fitting else 1.0
