"""Activations: what every layer of a network gives for some examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from deepglass.errors import UnknownName
from deepglass.inside.listening import base, find_layer, listening
from deepglass.inside.undisturbed import inputs_of, plain, run, undisturbed

# Kinds that hand on the numbers they are given.
HANDS_ON = ("Flatten", "Unflatten", "Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout")
# What keeps its units on the last axis, where images and signals have their channels right after the examples.
UNITS_LAST = (nn.Linear, nn.Bilinear, nn.RNNBase, nn.MultiheadAttention, nn.LayerNorm, nn.RMSNorm, nn.Embedding)


@dataclass(frozen=True)
class Activation:
    """What one call of a layer gives.

    Shapes: values (examples, ...). Args: axis: which axis of `values` counts the units, or the maps of a convolution.
    """

    layer: str
    kind: str
    values: Tensor
    axis: int

    @property
    def units(self) -> int:
        return self.values.shape[self.axis]

    def by_unit(self) -> Tensor:
        """The same as (examples, units, ...), with the places in a map or the steps of a series behind."""
        return self.values.movedim(self.axis, 1)


def activations(network: nn.Module, x: Any, layers: Sequence[str] | None = None) -> dict[str, Activation]:
    """Run a network on some examples and return what every layer gives, in the order of the calls.

    The network stays as it is; it is run in evaluation mode. Residual sums and functions such as `F.relu` are no layers; name the
    module that holds them to see what it gives. A module that is called again appears as "name (call 2)".
    Args:
        x: what the network takes, encoded, examples first; or a dictionary of inputs by name.
        layers: only these layers, or any other modules of the network.
    Raises: UnknownName, for a layer that is not there or not called; ShapeError, when x does not fit.

    >>> network = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> {name: tuple(heard.values.shape) for name, heard in activations(network, [[1.0, 2.0]]).items()}
    {'0': (1, 3), '1': (1, 3)}
    """
    network = plain(network)
    inputs = inputs_of(network, x)
    count = len(next(iter(inputs.values())))
    heard: dict[str, Activation] = {}

    def hear(name: str, module: nn.Module, output: Tensor) -> None:
        if layers is not None and name not in layers:
            return
        values = examples_first(module, output, count)
        if values is not None:
            before = next(reversed(heard.values()), None)
            heard[name] = Activation(
                name, type(module).__name__, values.detach().cpu().clone(), _axis(module, values, before)
            )

    with undisturbed(network), listening(network, hear, None if layers is None else list(layers)):
        run(network, inputs)
    for name in layers or ():
        if name not in heard:
            raise not_called(network, name)
    return heard


def not_called(network: nn.Module, layer: str) -> UnknownName:
    """What to say of a layer that was never heard."""
    find_layer(network, layer)
    again = f" that often; the first call is {base(layer)!r}" if base(layer) != layer else ""
    return UnknownName(
        f"The forward of {type(network).__name__} does not call the layer {layer!r}{again}, or it gives nothing for each example."
    )


def examples_first(module: nn.Module, output: Tensor, count: int) -> Tensor | None:
    """Bring the axis of the examples to the front; None where there is none, as for weights that a module hands out.

    Recurrent and attention layers may have the steps in front; so may everything between them.
    """
    if output.ndim == 0:
        return None
    steps_first = isinstance(module, nn.RNNBase | nn.MultiheadAttention) and not module.batch_first
    if output.ndim >= 3 and output.shape[1] == count and (steps_first or output.shape[0] != count):
        output = output.transpose(0, 1)
    if output.shape[0] != count:
        return None
    return output[:, None] if output.ndim == 1 else output


def _axis(module: nn.Module, values: Tensor, before: Activation | None) -> int:
    if isinstance(module, UNITS_LAST):
        return values.ndim - 1
    if before is not None and before.values.shape == values.shape:  # an activation, dropout: as the layer before
        return before.axis
    return 1
