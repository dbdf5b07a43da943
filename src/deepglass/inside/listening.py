"""Listening: what each layer of a network gives, heard while an example passes through, by hooks that never stay behind."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from deepglass.errors import UnknownName
from deepglass.inside.undisturbed import first_tensor
from deepglass.names import suggestion
from deepglass.networks.summary import OPAQUE

# Called with the name of a call, its module and the first tensor it gives; what it returns is handed on instead.
Hear = Callable[[str, nn.Module, Tensor], Tensor | None]

CALL = " (call {})"  # a module that is used several times has a name for each call after the first
ROOT = "network"  # a network that is one layer


def layer_names(network: nn.Module) -> dict[str, nn.Module]:
    """The layers: modules with weights of their own or without parts, in the order of their definition."""
    inside = {
        id(part) for opaque in network.modules() if isinstance(opaque, OPAQUE) for part in list(opaque.modules())[1:]
    }
    return {
        name or ROOT: module
        for name, module in network.named_modules()
        if id(module) not in inside and _is_layer(module)
    }


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """Return the module of a layer, or of one of its calls; any module may be named, such as a whole block.

    Raises: UnknownName, with the layers there are.
    """
    modules = {name or ROOT: module for name, module in network.named_modules()}
    name = base(layer)
    if name not in modules:
        known = list(layer_names(network))
        raise UnknownName(f"There is no layer {layer!r}.{suggestion(name, known)} Layers: {', '.join(known)}.")
    return modules[name]


def base(layer: str) -> str:
    """The name of the layer of a call: "relu (call 2)" is a call of "relu"."""
    return layer.partition(CALL.partition("{")[0])[0]


@contextmanager
def listening(network: nn.Module, hear: Hear, layers: list[str] | None = None) -> Iterator[None]:
    """Call `hear` whenever one of the layers has been called: all of them, unless some are named.

    What is heard has to be copied to be kept, as a layer that works in place may change it afterwards.
    """
    chosen = layer_names(network) if layers is None else {base(name): find_layer(network, name) for name in layers}
    calls: Counter[str] = Counter()
    handles: list[Any] = []

    def hook(name: str) -> Callable[[nn.Module, Any, Any], Any]:
        def heard(module: nn.Module, arguments: Any, output: Any) -> Any:
            calls[name] += 1
            tensor = first_tensor(output)
            if tensor is None:
                return None
            label = name + (CALL.format(calls[name]) if calls[name] > 1 else "")
            instead = hear(label, module, tensor)
            return instead if isinstance(output, Tensor) else None

        return heard

    try:
        for name, module in chosen.items():
            handles.append(module.register_forward_hook(hook(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _is_layer(module: nn.Module) -> bool:
    own = next(module.parameters(recurse=False), None) is not None
    return own or isinstance(module, OPAQUE) or next(module.children(), None) is None
