"""Parts: what the families of networks share."""

import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from torch import nn

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.layers import ACTIVATIONS, OUTPUT_ACTIVATIONS, initialize
from deepglass.names import find

Choice = str | Callable[[], nn.Module] | nn.Module
Shape = tuple[int, ...]
LOSSES = (
    "cross_entropy",
    "binary_cross_entropy",
    "hinge",
    "huber",
    "mae",
    "mse",
)  # those that are taken for activations


def activation(choice: Choice) -> nn.Module:
    """Make an activation from its name in ACTIVATIONS, a class, or a copy of a module."""
    if choice == "maxout":
        raise SettingError(
            "maxout joins units, so the layer before it is made wider. Write it in a list of layers: [{Linear: 128}, {Maxout: 2}] "
            "gives 64."
        )
    _check_no_loss(choice)
    return made_by("activation", choice, ACTIVATIONS)


def _check_no_loss(choice: Choice) -> None:
    """Tell a loss from an activation."""
    if isinstance(choice, str) and choice in LOSSES:
        raise UnknownName(
            f"{choice!r} is a loss, which says how wrong an answer is; an activation bends what a layer gives. Set "
            f"task.loss={choice}, and name an activation here: {', '.join(sorted({**ACTIVATIONS, **OUTPUT_ACTIVATIONS}))}."
        )


def finished(layers: Mapping[str, nn.Module], initialization: str, output_activation: Choice | None) -> nn.Sequential:
    """Put named layers in a row, with the output activation, and initialize their weights."""
    network = nn.Sequential()
    for name, layer in layers.items():
        network.add_module(name, layer)
    if output_activation not in (None, "none"):
        _check_no_loss(output_activation)
        network.add_module("output_activation", made_by("output activation", output_activation, OUTPUT_ACTIVATIONS))
    initialize(network, initialization)
    return network


def made_by(kind: str, choice: Any, catalogue: Mapping[str, Callable[[], nn.Module]]) -> nn.Module:
    """Make a layer from its name in a catalogue, a class, or a copy of a module."""
    if isinstance(choice, nn.Module):
        return deepcopy(choice)
    return choice() if callable(choice) else find(kind, str(choice), catalogue)()


def widths(option: str, value: int | Sequence[int]) -> tuple[int, ...]:
    """Read one size or several, such as `hidden=64` or `hidden=[64, 32]`."""
    numbers = (value,) if isinstance(value, int) else value
    if isinstance(numbers, str) or not isinstance(numbers, Sequence):
        raise SettingError(f"{option}={value!r} is no size. Give a whole number or a list of them, such as [64, 32].")
    if not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in numbers):
        raise SettingError(
            f"{option}={value!r} holds something other than whole numbers above 0. Correct it, such as {option}=[64, 32]."
        )
    return tuple(numbers)


def size(option: str, value: int | Sequence[int]) -> int:
    """Read one size, such as `width=64`."""
    several = widths(option, value)
    if len(several) != 1:
        raise SettingError(f"{option}={value!r}: one size is needed. Give a whole number, such as {option}=64.")
    return several[0]


def check_number(option: str, value: float) -> None:
    """Refuse what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingError(f"{option}={value!r} is no number. Give one, such as {option}=-1.")


def check_dropout(dropout: float) -> None:
    """Refuse a share that is none."""
    if not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise SettingError(f"{dropout=!r} is no share of the units to drop. Give a number from 0 to below 1.")


def one_of(option: str, value: object, allowed: Sequence[object]) -> None:
    """Refuse a value that an option does not have."""
    if value not in allowed:
        raise SettingError(f"{option}={value!r} does not exist. Choose one of {', '.join(map(repr, allowed))}.")


def image(network: str, shape: Shape) -> tuple[int, int, int]:
    """Read a shape as channels, height, width, or say that the network takes images."""
    if len(shape) != 3:
        raise ShapeError(
            f"{network} takes images (channels, height, width), and an example here has shape {tuple(shape)}. {_instead(shape)}"
        )
    return shape[0], shape[1], shape[2]


def signal(network: str, shape: Shape) -> tuple[int, int]:
    """Read a shape as channels, length, or say that the network takes signals."""
    if len(shape) != 2:
        raise ShapeError(
            f"{network} takes signals (channels, length), and an example here has shape {tuple(shape)}. "
            f"{_instead(shape, 'for one channel to (1, length)')}"
        )
    return shape[0], shape[1]


def volume(network: str, shape: Shape) -> tuple[int, int, int, int]:
    """Read a shape as channels, depth, height, width, or say that the network takes volumes."""
    if len(shape) != 4:
        raise ShapeError(
            f"{network} takes volumes (channels, depth, height, width), and an example here has shape {tuple(shape)}. "
            f"{_instead(shape, 'for one channel to (1, depth, height, width)')}"
        )
    return shape[0], shape[1], shape[2], shape[3]


def _instead(shape: Shape, reshaped: str = "") -> str:
    """Say what suits examples of such a shape."""
    suits = {
        2: "conv1d, or make an image of a signal first, such as front={mel: {rate: 8000}}",
        3: "convnet",
        4: "conv3d",
    }
    return f"Reshape the data{f', {reshaped}' if reshaped else ''}, or use {suits.get(len(shape), 'mlp')}."
