"""Filters: the weights of the first layers, which say what these look for."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.inside.listening import find_layer, layer_names
from deepglass.inside.undisturbed import plain
from deepglass.layers import PartialConv2d

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, PartialConv2d)
FIRST = 2  # convolutions that are shown unless some are named: of later ones few can say what a filter means


@dataclass(frozen=True)
class Filters:
    """The weights of one layer.

    Shapes: values (filters, channels, height, width), (filters, channels, width), or (units, inputs) of a dense layer.
    """

    layer: str
    kind: str
    values: Tensor


def filters(network: nn.Module, layers: Sequence[str] | None = None) -> dict[str, Filters]:
    """Return the weights of the first layers by name: of the first two convolutions, or of the first dense layer.

    Args: layers: the layers to take instead: convolutions or dense layers.
    Raises: UnknownName; SettingError, for a layer without such weights.

    >>> filters(nn.Conv2d(1, 6, 5))["network"].values.shape
    torch.Size([6, 1, 5, 5])
    """
    network = plain(network)
    if layers is None:
        there = layer_names(network)
        convolutions = [name for name, module in there.items() if isinstance(module, CONVOLUTIONS)]
        dense = [name for name, module in there.items() if isinstance(module, nn.Linear)]
        layers = convolutions[:FIRST] or dense[:1]
        if not layers:
            raise SettingError(
                f"{type(network).__name__} has neither convolutions nor dense layers, so there are no filters to show. "
                "Look at its layers: run.look()."
            )
    return {name: _of(name, find_layer(network, name)) for name in layers}


def _of(name: str, module: nn.Module) -> Filters:
    if isinstance(module, PartialConv2d):
        weight = module.full_weight()
    elif isinstance(module, (*CONVOLUTIONS, nn.Linear)):
        weight = module.weight
    else:
        raise SettingError(
            f"The layer {name!r} is a {type(module).__name__}, which has no filters. Name a convolution or a dense layer."
        )
    return Filters(name, type(module).__name__, weight.detach().cpu().clone())
