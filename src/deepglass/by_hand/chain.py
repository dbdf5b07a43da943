"""Chain: the layers of a network in the order in which forward calls them, and which of them feeds which."""

from collections.abc import Mapping

from torch import Tensor, nn

from deepglass.by_hand.following import followed, unknown
from deepglass.by_hand.recognizing import Link
from deepglass.by_hand.rule import Rule
from deepglass.errors import SettingError


def rule_for(layer: nn.Module) -> type[Rule] | None:
    """How a layer is calculated; None where nobody has said, also for a class of one's own with another forward."""
    from deepglass.by_hand import RULES  # here, because the folder whose catalogue this is imports this file

    for kind in type(layer).__mro__:
        if kind in RULES:
            return RULES[kind] if type(layer).forward is kind.forward else None
    return None


def layers_of(network: nn.Module, inputs: Mapping[str, Tensor], *, training: bool = False) -> tuple[list[Link], int]:
    """Return the layers in order, and which value is the output: first the inputs are counted, then what the layers give.

    Args: inputs: the examples, float64 or tokens, which a forward of one's own is followed with. training: as in training.

    Raises: SettingError, naming a layer that has no rule, or two between which something else happens.
    """
    row = _inside("", network) if len(inputs) == 1 else None
    if row is None:
        links, output = followed(network, inputs, rule_for, training=training)
    else:
        links = [link._replace(sources=(k,)) for k, link in enumerate(row)]
        output = len(links)
    seen: set[int] = set()
    for link in links:
        if rule_for(link.layer) is None:
            raise unknown(link.name, link.layer)
        if id(link.layer) in seen and next(link.layer.parameters(), None) is not None:
            raise SettingError(
                f"The layer {link.name} is called twice, and by hand each layer with weights is calculated once. Write it out as "
                "two layers, or as a recurrent one."
            )
        seen.add(id(link.layer))
    return links, output


def _inside(name: str, module: nn.Module) -> list[Link] | None:
    """The layers of a row of rows, or of one layer; None where a forward has to be followed."""
    rule = rule_for(module)
    if rule is not None:
        return [Link(name, module)] if len(rule.inputs) == 1 else None
    if type(module).forward is not nn.Sequential.forward:
        return None if name == "" or next(module.children(), None) is not None else [Link(name, module)]
    links = []
    for child, layer in module.named_children():
        inner = _inside(f"{name}.{child}" if name else child, layer)
        if inner is None:
            return None
        links += inner
    return links
