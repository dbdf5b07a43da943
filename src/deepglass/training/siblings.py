"""Siblings: several trainings of networks of one form, prepared at the cost of little more than one."""

import copy
from collections.abc import Callable, Sequence

from torch import nn

from deepglass.data import Dataset
from deepglass.garbage import without_collection
from deepglass.networks import made_from
from deepglass.networks.made import remember
from deepglass.tasks import Task
from deepglass.training.recipe import Recipe
from deepglass.training.stackable import MAY_DIFFER, Form, form_of, tensors_of
from deepglass.training.training import Training
from deepglass.training.usual import recipe_for

REGISTERS = frozenset(vars(nn.Module()))  # what torch itself keeps in a module: parameters, parts, hooks
PLAIN = (str, int, float, bool, type(None))


def siblings(
    make: Callable[[int], nn.Module], data: Dataset, recipes: Sequence[Recipe], *, task: Task | None = None
) -> list[Training]:
    """Return a training for each recipe. Those that differ in numbers alone share what was found out for the first of them.

    Args:
        make: gives the network of a seed; with the same seed each recipe gets a copy of its own.
        task: as of a `Training`.
    Raises: as a `Training`.

    >>> siblings(lambda seed: build("mlp", data, seed=seed), data, [Recipe(seed=seed) for seed in range(5)])
    """
    if not recipes:
        return []
    with without_collection():
        networks = _networks(make, [recipe.seed for recipe in recipes])
        trainings: list[Training] = []
        for (network, form), recipe in zip(networks, recipes):
            sibling = _sibling(trainings[0], network, recipe) if trainings and form == networks[0][1] else None
            trainings.append(sibling or Training(network, data, recipe, task=task))
    return trainings


def _sibling(lead: Training, network: nn.Module, recipe: Recipe) -> Training | None:
    """A training that differs from one before its first step in network and recipe; None where more would differ."""
    if not type(lead.task).__module__.startswith("deepglass.tasks."):  # one of your own may keep anything
        return None
    wanted = recipe_for(network, recipe)
    differs = [n for n in Recipe.model_fields if getattr(wanted, n) != getattr(lead.recipe, n)]
    if any(n not in MAY_DIFFER for n in differs):
        return None
    if any(t.device != lead.device for t in tensors_of(network).values()):
        network.to(lead.device)
    other = copy.copy(lead)
    for made in ("execution", "stepper"):  # of the lead alone, once somebody has asked for them
        vars(other).pop(made, None)
    other.recipe, other.network, other.task = wanted, network.train(), copy.copy(lead.task)
    other.begin(network)
    return other


def _networks(make: Callable[[int], nn.Module], seeds: Sequence[int]) -> list[tuple[nn.Module, Form]]:
    """A network for each of some seeds with its form, all before anybody freezes a part of one."""
    first: dict[int, tuple[nn.Module, Form, bool]] = {}
    networks = []
    for seed in seeds:
        if seed not in first:
            network = make(seed)
            first[seed] = network, form_of(network), has_twins(network)
            networks.append(first[seed][:2])
            continue
        known, form, is_copied = first[seed]
        network = twin(known) if is_copied else make(seed)
        networks.append((network, form if is_copied else form_of(network)))
    return networks


def has_twins(network: nn.Module) -> bool:
    """Whether all modules of a network hold nothing but weights, parts and settings, each its own, and nobody's hooks are on it."""
    modules = list(network.modules())
    parts = sum(1 for _ in network.named_modules(remove_duplicate=False))
    parameters = sum(1 for _ in network.named_parameters(remove_duplicate=False))
    shares = parts > len(modules) or parameters > len(list(network.parameters()))
    return not shares and all(map(_is_plain, modules))


def twin(network: nn.Module) -> nn.Module:
    """A copy with weights of its own, as `copy.deepcopy` makes in ten times the time, of a network that `has_twins`."""
    made, section = _twin(network), made_from(network)
    if section is not None:
        remember(made, {name: value for name, value in section.items() if name != "seed"}, section["seed"], {})
    return made


def _twin(module: nn.Module) -> nn.Module:
    own = {name: type(value)() if _is_of_hooks(name, value) else value for name, value in vars(module).items()}
    own["_non_persistent_buffers_set"] = set(module._non_persistent_buffers_set)
    own["_parameters"] = {
        n: None if p is None else nn.Parameter(p.detach().clone(), p.requires_grad)
        for n, p in module._parameters.items()
    }
    own["_buffers"] = {n: None if b is None else b.detach().clone() for n, b in module._buffers.items()}
    own["_modules"] = {n: None if m is None else _twin(m) for n, m in module._modules.items()}
    other = type(module).__new__(type(module))
    vars(other).update(own)
    return other


def _is_plain(module: nn.Module) -> bool:
    for name, value in vars(module).items():
        if name not in REGISTERS:
            if not all(isinstance(v, PLAIN) for v in (value if isinstance(value, tuple) else (value,))):
                return False
        elif _is_of_hooks(name, value) and value:
            return False
    return all(p is None or type(p) is nn.Parameter for p in module._parameters.values())


def _is_of_hooks(name: str, value: object) -> bool:
    return "hook" in name and isinstance(value, dict)
