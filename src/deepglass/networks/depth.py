"""Depth: the layers of a network in groups, from the input to the head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn

ROWS = (
    nn.Sequential,
    nn.ModuleList,
    nn.ModuleDict,
)  # exactly these only hold other layers; a kind of one's own is a block


@dataclass(frozen=True)
class LayerGroup:
    """Layers that are as deep as each other.

    Args:
        name: of the first layer in it that has weights.
        parameters: their names in the whole network.
        modules: the layers' names in the whole network, whole blocks by one name.
    """

    name: str
    parameters: Sequence[str]
    modules: Sequence[str]


def layer_groups(network: nn.Module) -> list[LayerGroup]:
    """Part a network by depth, in the order in which it holds its layers; the last group is the head.

    A group is a layer, or a whole block (residual, inception, anything that is no plain row of layers), with the norms and
    activations after it. A network that is one block has one group.
    Source: the layer groups of Howard and Ruder, arXiv:1801.06146, section 3.2.

    >>> [g.name for g in layer_groups(nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2)))]
    ['0', '3']
    """
    parts = list(_parts(network, ""))
    owners = {name: _owner(name, [path for path, _ in parts]) for name, _ in network.named_parameters()}
    groups: list[tuple[list[str], list[str]]] = []
    waiting: list[str] = []  # what comes before the first layer with weights
    for path, _ in parts:
        own = [name for name, owner in owners.items() if owner == path]
        if any(network.get_parameter(name).ndim > 1 for name in own):
            groups.append((own, [*waiting, path]))
            waiting = []
        elif groups:
            groups[-1][0].extend(own)
            groups[-1][1].append(path)
        else:
            waiting.append(path)
    if not groups and owners:
        groups = [([], waiting)]
    placed = {name for own, _ in groups for name in own}
    rest = [name for name in owners if name not in placed]  # of what waits, and of the network itself
    if groups:
        groups[0][0][:0] = rest
    return [LayerGroup(_named(network, own, paths), own, paths) for own, paths in groups]


def _named(network: nn.Module, own: list[str], paths: list[str]) -> str:
    heavy = [name for name in own if network.get_parameter(name).ndim > 1]
    holding = (path for path in paths if any(_lies_in(name, path) for name in heavy))
    return next(holding, paths[0] if paths else "") or "network"


def _parts(module: nn.Module, path: str, opened: bool = True) -> Iterator[tuple[str, nn.Module]]:
    """Layers and blocks with a state, in order. Args: opened: whether it is the network itself, boxes around it left aside."""
    children = [(name, child) for name, child in module.named_children() if _has_state(child)]
    box = len(children) == 1 and next(module.parameters(recurse=False), None) is None
    if children and (opened or type(module) in ROWS):
        for name, child in children:
            yield from _parts(child, f"{path}.{name}" if path else name, opened and box)
    elif _has_state(module):
        yield path, module


def _has_state(module: nn.Module) -> bool:
    return next(module.parameters(), None) is not None or next(module.buffers(), None) is not None


def _owner(name: str, paths: Sequence[str]) -> str | None:
    return next((path for path in paths if _lies_in(name, path)), None)


def _lies_in(name: str, path: str) -> bool:
    return not path or name.startswith(f"{path}.")
