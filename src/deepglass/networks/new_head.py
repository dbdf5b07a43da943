"""New head: a trained network with a fresh last layer, for other answers."""

import copy
from typing import Any

from torch import nn

from deepglass import randomness
from deepglass.errors import ShapeError
from deepglass.networks.depth import layer_groups

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def with_new_head(network: nn.Module, outputs: int, *, seed: int = 0) -> nn.Module:
    """Return a copy of a network whose last layer gives another number of outputs, with weights from the seed.

    Args: outputs: that the last layer is to give.
    Raises: ShapeError, when the last layer with weights is neither dense nor a convolution.
    """
    copied = copy.deepcopy(network)
    groups = layer_groups(copied)
    names = {name.rpartition(".")[0] for name in groups[-1].parameters} if groups else set()
    heads = [(path, m) for path, m in copied.named_modules() if path in names and path]
    path, old = heads[-1] if heads else ("", copied)
    with randomness.seeded(seed, "weights"):
        fresh = _fresh(old, outputs)
    if not path:
        return fresh
    parent, _, name = path.rpartition(".")
    setattr(copied.get_submodule(parent), name, fresh)
    return copied


def _fresh(old: nn.Module, outputs: int) -> nn.Module:
    bias = getattr(old, "bias", None) is not None
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, outputs, bias=bias)
    if isinstance(old, CONVOLUTIONS):
        make: Any = type(old)  # whose sizes are as many as its dimensions
        fresh: nn.Module = make(
            old.in_channels, outputs, old.kernel_size, old.stride, old.padding, old.dilation, bias=bias
        )
        return fresh
    raise ShapeError(
        f"The last layer with weights is a {type(old).__name__}, of which no new one can be made. Give the network a new head "
        "yourself: network.head = nn.Linear(features, outputs)."
    )
