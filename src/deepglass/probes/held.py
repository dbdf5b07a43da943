"""Held: what a network holds that its own list of parameters does not say."""

from collections.abc import Iterable, Iterator
from typing import Any

from torch import nn

from deepglass.probes.layers import modules_of

HOLDING = (list, tuple, dict, set)


def hidden_in(network: nn.Module) -> list[str]:
    """Return the attributes that hold layers in a plain list, tuple or dictionary, whose parameters the network does not know."""
    known = {id(p) for p in network.parameters()}
    return [
        f"{name}.{attribute}" if name else attribute
        for module, name in modules_of(network).items()
        for attribute, value in vars(module).items()
        if not attribute.startswith("_") and any(id(p) not in known for m in _modules_in(value) for p in m.parameters())
    ]


def dropouts_of(network: nn.Module) -> dict[str, float]:
    """Return the share that each Dropout erases."""
    return {n: float(m.p) for m, n in modules_of(network).items() if isinstance(m, nn.modules.dropout._DropoutNd)}


def _modules_in(value: Any) -> Iterator[nn.Module]:
    if isinstance(value, HOLDING):
        inside: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for one in inside:
            if isinstance(one, nn.Module):
                yield one
