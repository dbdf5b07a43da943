"""Chain: the layers of a network in the order in which forward calls them, and which of them feeds which."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from deepglass.by_hand.following import followed
from deepglass.by_hand.links import Links
from deepglass.by_hand.rnn_ways import called
from deepglass.by_hand.rule import Rule


def rule_for(layer: Any) -> type[Rule] | None:
    """How a layer is calculated; None where nobody has said, also for a class of one's own with another forward."""
    from deepglass.by_hand import RULES  # here, because the folder whose catalogue this is imports this file

    for kind in type(layer).__mro__:
        if kind in RULES:
            return RULES[kind] if type(layer).forward is kind.forward else None
    return None


def links_of(network: nn.Module, inputs: Mapping[str, Tensor], *, training: bool) -> tuple[Links, Tensor | None]:
    """Return the layers in order, and what the network gives where it had to be run to find them.

    Args: inputs: the examples, float64 or tokens, which a forward of one's own is followed with.
    Raises: SettingError, naming a layer that has no rule, or what else is not known; ShapeError.
    """
    row = _inside(network) if len(inputs) == 1 else None
    if row is None:
        links, output = followed(network, inputs, rule_for, training=training)
    else:
        links, output = Links(network, tuple(inputs)), None
        names = {
            id(module): name for name, module in network.named_modules()
        }  # the first, of one that stands there twice
        for layer in row:
            rule = rule_for(layer)
            assert rule is not None
            links.output = called(links, names[id(layer)] or "network", layer, rule, [links.output], {})[0]
    links.name_calls()
    return links, output


def _inside(module: nn.Module) -> list[nn.Module] | None:
    """The layers of a row of rows, or of one layer; None where a forward has to be followed."""
    rule = rule_for(module)
    if rule is not None:
        return [module] if rule.needs == 1 else None
    if type(module).forward is not nn.Sequential.forward:
        return None
    layers = []
    for layer in module._modules.values():  # named_children gives one that stands there twice only once
        inner = None if layer is None else _inside(layer)
        if inner is None:
            return None
        layers += inner
    return layers
