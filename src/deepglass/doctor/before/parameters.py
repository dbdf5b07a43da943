"""Parameters: which ones a network holds that will not learn, and which it does not know of."""

from collections.abc import Iterable, Iterator
from typing import Any

from torch import nn

from deepglass.probes.layers import modules_of
from deepglass.training.recipe import Recipe

HOLDING = (list, tuple, dict, set)


def parameters(network: nn.Module, recipe: Recipe) -> dict[str, Any]:
    """Return which parameters are frozen, and by whom, which stand in plain lists, and what layers have for settings.

    frozen: names that do not require gradients; frozen_by_recipe: what `recipe.freeze` names.
    hidden: attributes that hold layers in a plain list, tuple or dictionary, whose parameters the network does not know.
    dropouts: the share that each Dropout erases; batch_norms: names.
    """
    modules = modules_of(network)
    known = {id(p) for p in network.parameters()}
    hidden = [
        f"{name}.{attribute}" if name else attribute
        for module, name in modules.items()
        for attribute, value in vars(module).items()
        if not attribute.startswith("_") and any(id(p) not in known for m in _modules_in(value) for p in m.parameters())
    ]
    return {
        "frozen": [name for name, p in network.named_parameters() if not p.requires_grad],
        "frozen_by_recipe": list(recipe.freeze),
        "hidden": hidden,
        "dropouts": {n: float(m.p) for m, n in modules.items() if isinstance(m, nn.modules.dropout._DropoutNd)},
        "batch_norms": [n for m, n in modules.items() if isinstance(m, nn.modules.batchnorm._BatchNorm)],
    }


def _modules_in(value: Any) -> Iterator[nn.Module]:
    if isinstance(value, HOLDING):
        inside: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for one in inside:
            if isinstance(one, nn.Module):
                yield one
