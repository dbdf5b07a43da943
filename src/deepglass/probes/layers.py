"""Layers: which modules of a network are looked at, and whose parameters are whose."""

from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.parameter import UninitializedParameter

from deepglass.networks.front import front_of

HOLDERS = (nn.ParameterList, nn.ParameterDict)  # keep parameters for the module around them, and are never called
OPAQUE = (nn.MultiheadAttention,)  # its forward reads its children's weights instead of calling them


@dataclass
class Part:
    """One layer of a network: a module, and the parameters that are counted at it, by their names in the network."""

    name: str
    module: nn.Module
    parameters: dict[str, nn.Parameter] = field(default_factory=dict)

    def weights(self) -> dict[str, nn.Parameter]:
        """The parameters without biases and scales, unless there is nothing else."""
        of_matrices = {n: p for n, p in self.parameters.items() if p.ndim > 1}
        return of_matrices or self.parameters


def modules_of(network: nn.Module) -> dict[nn.Module, str]:
    """Return every module with its name; those of Keras, which torch does not know for children, under their own."""
    found = {module: plain_name(name) for name, module in network.named_modules()}
    for module in filter(is_keras, list(found)):
        for layer in _keras_layers(module):
            found.setdefault(layer, str(layer.name))
    return found


def parts_of(network: nn.Module) -> dict[nn.Module, Part]:
    """Return the layers of a network: modules with parameters of their own, and modules without children.

    A parameter is counted once, at the innermost module that holds it, of several the first. Lists of parameters and
    parametrizations (such as weight_norm) belong to the module around them. What makes an image of a signal before the first
    layer learns nothing, and is no layer here.
    """
    front = front_of(network)
    before = set() if front is None else set(front.modules())
    names = {module: name for module, name in modules_of(network).items() if module not in before}
    inside: dict[nn.Module, nn.Module] = {}  # -> the layer that a module is a part of
    for module in names:
        for child in module.modules():
            kept = isinstance(module, OPAQUE) or _is_kept_for(module, child)
            if child is not module and child not in inside and kept:
                inside[child] = inside.get(module, module)
    called = {id(p): n for n, p in network.named_parameters()}
    owners: dict[int, tuple[int, nn.Module, nn.Parameter]] = {}  # by parameter: how deep, in which layer
    for module, name in names.items():
        depth = name.count(".") + bool(name)
        if is_keras(inside.get(module)):  # a list of all, where each layer has its own
            continue
        for parameter in _own_parameters(module):
            if id(parameter) not in owners or depth > owners[id(parameter)][0]:
                owners[id(parameter)] = (depth, inside.get(module, module), parameter)
    layers = {m: Part(n or "network", m) for m, n in names.items() if m not in inside and _is_leaf(m, inside)}
    for _, owner, parameter in owners.values():
        part = layers.setdefault(owner, Part(names[owner] or "network", owner))
        part.parameters[plain_name(called[id(parameter)])] = parameter
    return layers


def plain_name(name: str) -> str:
    """The name without what torch.compile puts in front of it."""
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


def is_unready(network: nn.Module) -> bool:
    """Whether the network has lazy layers that have not seen an example yet; a look would make their weights."""
    return any(isinstance(p, UninitializedParameter) for p in network.parameters())


def is_keras(module: Any) -> bool:
    """Whether a module is one of Keras, on its torch backend."""
    return hasattr(module, "_flatten_layers") and hasattr(module, "torch_params")


def _keras_layers(module: Any) -> list[nn.Module]:
    return list(module._flatten_layers(include_self=False))


def _own_parameters(module: Any) -> list[nn.Parameter]:
    if not is_keras(module):
        return [p for p in module._parameters.values() if p is not None]
    return [v.value for v in [*module._trainable_variables, *module._non_trainable_variables]]


def _is_kept_for(module: nn.Module, child: nn.Module) -> bool:
    if isinstance(child, HOLDERS):
        return any(child is c for c in module.children())
    return any(child is c for c in getattr(module, "parametrizations", nn.Module()).modules())


def _is_leaf(module: nn.Module, inside: dict[nn.Module, nn.Module]) -> bool:
    if is_keras(module):
        return not _keras_layers(module)
    return all(child in inside for child in module.children())
