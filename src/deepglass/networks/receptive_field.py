"""Receptive field: how much of the input one number of a map sees."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from deepglass.layers import PartialConv2d, ScaledTanh, Subsampling

# (pixels seen, pixels between the centres of neighbours), for each axis of the map.
Field = tuple[tuple[int, int], ...]

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, PartialConv2d)
POOLINGS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
POINTWISE_FILES = ("activation", "batchnorm", "dropout")  # of torch.nn.modules: every pixel by itself


class ReceptiveFields:
    """Follow the receptive field from tensor to tensor, as far as layers hand them on unchanged.

    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
    """

    def __init__(self, inputs: Iterable[Tensor]) -> None:
        self._fields: dict[int, tuple[Tensor, Field]] = {}  # with the tensor, so that no other takes its id
        for x in inputs:
            self._fields[id(x)] = (x, ((1, 1),) * (x.ndim - 2))

    def after(self, layer: nn.Module, arguments: tuple[Any, ...], output: Any) -> int | tuple[int, ...] | None:
        """Return the side of what one output sees, in pixels of the input; None where it is no square or unknown."""
        known = self._fields.get(id(arguments[0])) if arguments else None
        if known is None or not isinstance(output, Tensor) or output.ndim < 3:
            return None
        field = _through(layer, known[1])
        if field is None or output.ndim != known[0].ndim:
            return None
        self._fields[id(output)] = (output, field)
        sides = tuple(side for side, _ in field)
        return sides[0] if len(set(sides)) == 1 else sides


def _through(layer: nn.Module, field: Field) -> Field | None:
    if isinstance(layer, (*CONVOLUTIONS, *POOLINGS, Subsampling)):
        axes = len(field)
        kernel = _each(layer.size if isinstance(layer, Subsampling) else layer.kernel_size, axes)
        stride = kernel if isinstance(layer, Subsampling) else _each(getattr(layer, "stride", 1), axes)
        dilation = _each(getattr(layer, "dilation", 1), axes)
        grown = zip(field, kernel, stride, dilation)
        return tuple((side + (k - 1) * d * jump, jump * s) for (side, jump), k, s, d in grown)
    file = type(layer).__module__
    pointwise = file.startswith("torch.nn.modules.") and file.rpartition(".")[2] in POINTWISE_FILES
    if isinstance(layer, nn.Identity | ScaledTanh) or (pointwise and not isinstance(layer, nn.MultiheadAttention)):
        return field
    return None


def _each(value: Any, axes: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (int(value),) * axes
