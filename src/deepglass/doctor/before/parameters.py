"""Parameters: which ones a network holds that will not learn, and which it does not know of."""

from typing import Any

from torch import nn

from deepglass.probes.held import dropouts_of, hidden_in
from deepglass.probes.layers import modules_of
from deepglass.training.recipe import Recipe


def parameters(network: nn.Module, recipe: Recipe) -> dict[str, Any]:
    """Return which parameters are frozen, and by whom, which stand in plain lists, and what layers have for settings.

    frozen: names that do not require gradients; frozen_by_recipe: what `recipe.freeze` names.
    hidden: attributes that hold layers in a plain list, tuple or dictionary, whose parameters the network does not know.
    dropouts: the share that each Dropout erases; batch_norms: names.
    """
    return {
        "frozen": [name for name, p in network.named_parameters() if not p.requires_grad],
        "frozen_by_recipe": list(recipe.freeze),
        "hidden": hidden_in(network),
        "dropouts": dropouts_of(network),
        "batch_norms": [n for m, n in modules_of(network).items() if isinstance(m, nn.modules.batchnorm._BatchNorm)],
    }
