"""Dreaming: an image changed, step by step, into one that excites a unit more: what the unit looks for, or over-reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.errors import SettingError
from deepglass.inside.listening import listening
from deepglass.inside.undisturbed import device_of, plain, run, undisturbed

STEPS = 64
KEPT = (0, 4, 16, 64)  # steps after which the image is kept
RATE = 0.05  # of a step, in parts of the range of the training images
SHIFT = (
    1 / 16
)  # of a side, at most, by which the image is moved before each step, so that no pixel has a say of its own: 0 of 8, 2 of 28
NOISE = 0.1  # deviation of the noise to start from, in parts of the range, around its middle


@dataclass(frozen=True)
class Dream:
    """What a unit gives for an image that is changed towards it.

    Shapes: images (kept, channels, height, width), encoded; values (steps + 1,): of the unit, of a map its mean.
    Args: steps: after which each image was kept.
    """

    layer: str
    unit: int
    steps: tuple[int, ...]
    images: Tensor
    values: Tensor


def dream(
    network: nn.Module, image: Tensor, layer: str, unit: int, *, low: float, high: float, name: str = "x", seed: int = 0
) -> Dream:
    """Change an image along the gradient of a unit, so that the unit gives more and more.

    Each step goes as far in every image, whatever the gradient's size, moved by a few pixels first; numbers stay between `low`
    and `high`.
    Shapes: image (1, channels, height, width), encoded.
    Args: layer, unit: as in `activations`, counted from 0; of a convolution a map. name: of the input.
    Raises: UnknownName; SettingError, for a unit that is not there or that no image can change.
    Source: Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", arXiv:1312.6034, section 2; moved and normed
        steps: Mordvintsev, Olah and Tyka, "Inceptionism", 2015.
    """
    network = plain(network)
    place = device_of(network)
    random = torch.Generator().manual_seed(seed)
    x = image.detach().clone().to(place)
    most = [round(side * SHIFT) for side in x.shape[2:]]
    kept, values = {0: x.cpu()}, []
    with undisturbed(network, gradients=True):
        for step in range(1, STEPS + 1):
            moves = [int(torch.randint(-m, m + 1, (), generator=random)) for m in most]
            moved = x.roll(moves, dims=(2, 3)).requires_grad_()
            given = _given(network, {name: moved}, layer, unit)
            values.append(given.item())
            (slope,) = torch.autograd.grad(given, moved, allow_unused=True)
            if slope is None or not float(slope.abs().max()) > 0:
                raise SettingError(
                    f"Unit {unit} of {layer} gives {given.item():g} whatever small change is made: it is dead or saturated here. "
                    "Take another unit, or another example."
                )
            slope = _smooth(slope)
            x = moved.detach() + RATE * (high - low) * slope / slope.abs().max()
            x = x.roll([-move for move in moves], dims=(2, 3)).clamp(low, high)
            if step in KEPT:
                kept[step] = x.cpu()
        values.append(_given(network, {name: x}, layer, unit).item())
    return Dream(layer, unit, tuple(kept), torch.cat(list(kept.values())), torch.tensor(values))


def noise(shape: tuple[int, ...], *, low: float, high: float, seed: int = 0) -> Tensor:
    """An image to dream from that shows nothing: the middle of the range, and a little noise."""
    drawn = torch.randn((1, *shape), generator=torch.Generator().manual_seed(seed))
    return ((low + high) / 2 + NOISE * (high - low) * drawn).clamp(low, high)


def _given(network: nn.Module, inputs: dict[str, Any], layer: str, unit: int) -> Tensor:
    """What the unit gives, with its graph."""
    found: list[Tensor] = []

    def hear(name: str, module: nn.Module, output: Tensor) -> None:
        if name == layer and not found:
            found.append(output.clone())  # the next layer may work in place

    with listening(network, hear, [layer]):
        run(network, inputs)
    if not found:
        raise SettingError(f"The forward does not call the layer {layer!r}. Name one of those that `look` lists.")
    output = found[0]
    if output.ndim < 2 or not 0 <= unit < output.shape[1]:
        units = output.shape[1] if output.ndim > 1 else 0
        raise SettingError(f"The layer {layer!r} has {units} units, counted from 0: there is no unit {unit}.")
    return output[:, unit].mean()


def _smooth(slope: Tensor) -> Tensor:
    """The mean of each pixel's slope and those around it, so that single pixels do not glitter."""
    return F.avg_pool2d(F.pad(slope, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
