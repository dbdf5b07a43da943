"""Exciting: the examples for which one unit gives most."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.inside.of_data import of_layer, opened
from deepglass.inside.undisturbed import plain

COUNT = 9  # examples


@dataclass(frozen=True)
class Exciting:
    """The examples that excite a unit most, the strongest first.

    Shapes: ids (examples,), values (examples,): what the unit gives, of a feature map its largest number; places (examples, axes):
    where in the map that is, as shares of its sides, or (examples, 0).
    Args: mean, active: over all `looked_at` examples: the unit's mean, and the share for which it is above 0.
    """

    layer: str
    unit: int
    units: int
    split: str
    ids: Tensor
    values: Tensor
    places: Tensor
    mean: float
    active: float
    looked_at: int


def exciting(
    network: nn.Module, data: Any, layer: str, unit: int, *, split: str = "validation", count: int = COUNT
) -> Exciting:
    """Find the examples of a split for which a unit gives most; of a convolution, a unit is a feature map.

    Args:
        data: a Dataset, or what `load` takes. split: "validation" or "train"; the test split is behind glass.
        layer, unit: as in `activations`, and counted from 0.
    Raises: UnknownName; SettingError, for a unit that is not there; DataError.
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901, section 4: the images with
        the strongest activations of a feature map.
    """
    network = plain(network)
    made, ids = opened(data, split)
    parts: list[tuple[Tensor, Tensor]] = []
    units = 0
    for heard in of_layer(network, made, ids, layer):
        units = heard.units
        if not 0 <= unit < units:
            raise SettingError(f"The layer {layer!r} has {units} units, counted from 0: there is no unit {unit}.")
        maps = heard.by_unit()[:, unit].float()  # (examples, ...)
        maps = maps.masked_fill(maps.isnan(), -torch.inf)  # a sequence that is over
        values, at = maps.reshape(len(maps), -1).max(dim=1)
        parts.append((values, _places(at, tuple(maps.shape[1:]))))
    every, places = (torch.cat(column) for column in zip(*parts))
    best = every.argsort(descending=True, stable=True)[:count]  # of equals the one that was read first
    active = float((every > 0).double().mean())
    mean = float(every.double().mean())
    return Exciting(layer, unit, units, split, ids[best], every[best], places[best], mean, active, len(ids))


def _places(at: Tensor, sides: tuple[int, ...]) -> Tensor:
    """The middle of each place as shares of the sides: (examples, axes)."""
    if not sides:
        return torch.empty(len(at), 0)
    indices = torch.unravel_index(at, sides)
    return torch.stack([(index + 0.5) / side for index, side in zip(indices, sides)], dim=1)
