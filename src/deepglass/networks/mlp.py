"""Mlp: dense layers with an activation between them."""

from collections import OrderedDict
from collections.abc import Sequence
from math import prod

from torch import nn

from deepglass.errors import SettingError
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape

SHALLOW = 3  # hidden layers up to which nothing vanishes yet
NORMS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


def mlp(
    shape: Shape,
    outputs: int,
    *,
    hidden: int | Sequence[int] = (64, 64),
    activation: Choice | Sequence[Choice] = "relu",
    dropout: float = 0.0,
    norm: str | None = None,
    norm_position: str = "before",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Stack dense layers: the multilayer perceptron.

    Shapes: input (batch, *shape), flattened first; output (batch, outputs).
    Args:
        hidden: units of each hidden layer; [] leaves a linear model.
        activation: one for all hidden layers, or a list with one for each.
        dropout: share of the hidden units dropped at each step, 0 to below 1.
        norm: None, "batch" or "layer", in each hidden layer.
        norm_position: "before" or "after" the activation.
        initialization: "auto" is Glorot's for up to three hidden layers on a vector, whose smaller weights did better on tables
            (docs/decisions.md), and else He's before ReLU.
    Raises: SettingError, UnknownName.
    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature, 1986.
    """
    sizes = parts.widths("hidden", hidden)
    parts.one_of("norm", norm, [None, *NORMS])
    parts.one_of("norm_position", norm_position, ["before", "after"])
    parts.check_dropout(dropout)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(shape) > 1:
        layers["flatten"] = nn.Flatten()
    arriving = prod(shape)
    for k, (size, made) in enumerate(zip(sizes, _activations(activation, len(sizes))), start=1):
        layers[f"hidden{k}"] = nn.Linear(arriving, size)
        if norm and norm_position == "before":
            layers[f"norm{k}"] = NORMS[norm](size)
        layers[f"activation{k}"] = made
        if norm and norm_position == "after":
            layers[f"norm{k}"] = NORMS[norm](size)
        if dropout:
            layers[f"dropout{k}"] = nn.Dropout(dropout)
        arriving = size
    layers["output"] = nn.Linear(arriving, outputs)
    if initialization == "auto" and len(shape) == 1 and len(sizes) <= SHALLOW:
        initialization = "glorot"
    return parts.finished(layers, initialization, output_activation)


def _activations(choice: Choice | Sequence[Choice], count: int) -> list[nn.Module]:
    if isinstance(choice, Sequence) and not isinstance(choice, str):
        if len(choice) != count:
            raise SettingError(f"activation has {len(choice)} entries for {count} hidden layers. Give one for each.")
        return [parts.activation(c) for c in choice]
    return [parts.activation(choice) for _ in range(count)]
