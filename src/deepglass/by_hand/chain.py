"""Chain: the layers of a network in the order in which forward calls them, where one feeds the next and nothing else happens."""

from copy import deepcopy
from itertools import permutations
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from deepglass.by_hand.passing import LastStep, MeanOfSteps
from deepglass.by_hand.rule import Rule
from deepglass.errors import SettingError, ShapeError

# What a forward may do between two layers without a module for it; recognized by its numbers.
BETWEEN: dict[str, nn.Module] = {
    "relu": nn.ReLU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "flatten": nn.Flatten(),
    "last step": LastStep(),
    "mean of the steps": MeanOfSteps(),
    "softmax": nn.Softmax(dim=-1),
    "log_softmax": nn.LogSoftmax(dim=-1),
}


class Link(NamedTuple):
    """One layer, and what it is called in the network; a lone layer is the network."""

    name: str
    layer: nn.Module


def rule_for(layer: nn.Module) -> type[Rule] | None:
    """How a layer is calculated; None where nobody has said, also for a class of one's own with another forward."""
    from deepglass.by_hand import RULES  # here, because the folder whose catalogue this is imports this file

    for kind in type(layer).__mro__:
        if kind in RULES:
            return RULES[kind] if type(layer).forward is kind.forward else None
    return None


def layers_of(network: nn.Module, x: Tensor, *, training: bool = False) -> list[Link]:
    """Return the layers in order.

    Args: x: the examples, float64 or tokens, which a forward of one's own is followed with. training: as in training.

    Raises: SettingError, naming a layer that has no rule, or two between which something else happens.
    """
    found = _inside("", network)
    links = found if found is not None else _traced(network, x, training)
    seen: set[int] = set()
    for link in links:
        if rule_for(link.layer) is None:
            raise _unknown(link)
        if id(link.layer) in seen and next(link.layer.parameters(), None) is not None:
            raise SettingError(
                f"The layer {link.name} is called twice, and by hand each layer with weights is calculated once. Write it out as "
                "two layers, or as a recurrent one."
            )
        seen.add(id(link.layer))
    return links


def _inside(name: str, module: nn.Module) -> list[Link] | None:
    """The layers of a row of rows, or of one layer; None where a forward has to be followed."""
    if rule_for(module) is not None:
        return [Link(name, module)]
    if type(module).forward is not nn.Sequential.forward:
        return None if name == "" or next(module.children(), None) is not None else [Link(name, module)]
    links = []
    for child, layer in module.named_children():
        inner = _inside(f"{name}.{child}" if name else child, layer)
        if inner is None:
            return None
        links += inner
    return links


def _unknown(link: Link) -> SettingError:
    from deepglass.by_hand import RULES

    known = ", ".join(sorted(kind.__name__ for kind in RULES if kind not in (LastStep, MeanOfSteps)))
    what = f"{link.name} ({type(link.layer).__name__})" if link.name else type(link.layer).__name__
    return SettingError(f"The layer {what} is not calculated by hand. Known: {known}.")


def _traced(network: nn.Module, x: Tensor, training: bool) -> list[Link]:
    """Follow a forward of one's own: which layer gets exactly what another gave."""
    copy = deepcopy(network).double().eval()
    originals = dict(network.named_modules())
    calls: list[tuple[str, Any, Any]] = []
    for name, module in copy.named_modules():
        if rule_for(module) is not None or next(module.children(), None) is None:
            module.register_forward_hook(lambda m, given, gave, name=name: calls.append((name, given, gave)))
    try:
        with torch.no_grad():
            output = copy(x)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ShapeError(f"{type(network).__name__} cannot be run on x, {tuple(x.shape)}: {reason}.") from error
    if not calls:
        raise SettingError(f"{type(network).__name__} calls no layer that could be calculated by hand.")
    links, value, before = [], x, "the input"
    for name, given, gave in calls:
        layer = originals[name]
        if rule_for(layer) is None:
            raise _unknown(Link(name, layer))
        if _is_aside(layer, given, value, training):
            continue
        if getattr(layer, "batch_first", True) is False:
            raise SettingError(f"{name} reads series as (steps, batch, features). Make it with batch_first=True.")
        links += _between(value, given[0] if given else None, before, name)
        links.append(Link(name, layer))
        value, before = gave[0] if isinstance(gave, tuple) else gave, name
    return links + _between(value, output, before, "the output")


def _is_aside(layer: nn.Module, given: tuple[Any, ...], value: Tensor, training: bool) -> bool:
    """Whether a dropout changes something beside the chain, such as which words of a text count; in evaluation it does nothing."""
    if training or not isinstance(layer, nn.Dropout) or not given or not isinstance(given[0], Tensor):
        return False
    return given[0].shape != value.shape


def _between(gave: Tensor, taken: Any, before: str, after: str) -> list[Link]:
    """What a forward does with a tensor before it hands it on: nothing, or one or two things that are known."""
    if isinstance(taken, Tensor) and torch.equal(gave, taken):
        return []
    for many in (1, 2) if isinstance(taken, Tensor) and gave.is_floating_point() else ():
        for names in permutations(BETWEEN, many):
            changed = gave
            for name in names:
                if changed.ndim > 1:  # with the examples alone, nothing is left to flatten or pick
                    changed = BETWEEN[name](changed)
            if torch.equal(changed, taken):
                return [Link(f"{name} after {before}", BETWEEN[name]) for name in names]
    raise SettingError(
        f"Between {before} and {after}, forward does something that is no layer, such as an addition, a skip or a function of "
        f"torch. By hand a chain of layers is calculated: write it with modules such as nn.ReLU()."
    )
