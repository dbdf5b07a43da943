"""Maps: batch normalization, ReLU and pooling of feature maps in bfloat16, channels last, by `maps.c`."""

import ctypes
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from deepglass.training.execution.native.compiled import compiled

SOURCE = Path(__file__).with_name("maps.c")
LAID_OUT = torch.channels_last
Statistics = tuple[Tensor, Tensor]  # mean and 1 / deviation of each channel, (channels,)


@cache
def maps() -> "Maps | None":
    """Return the functions of maps.c; None where it could not be compiled."""
    library = compiled(SOURCE)
    return None if library is None else Maps(library)


class Maps:
    """What maps.c does, from tensors to tensors. Shapes: maps (examples, channels, height, width), bfloat16, channels last."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library

    @staticmethod
    def takes(x: Tensor) -> bool:
        """Whether a tensor is of the kind that is known here."""
        return x.dtype == torch.bfloat16 and x.ndim == 4 and x.is_contiguous(memory_format=LAID_OUT)

    def positive_max(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The largest of 0 and each 2 x 2 window, and its place: 0 to 3, or 4 where nothing is above 0."""
        examples, channels, height, width = x.shape
        y = torch.empty((examples, channels, height // 2, width // 2), dtype=x.dtype, memory_format=LAID_OUT)
        places = torch.empty_like(y, dtype=torch.int8)
        self.library.positive_max(_at(x), _at(y), _at(places), *_sizes(examples, height, width, channels), _threads())
        return y, places

    def to_positive_max(self, gradient: Tensor, places: Tensor, height: int, width: int) -> Tensor:
        """The gradient of the map that was pooled, of height and width."""
        examples, channels = places.shape[:2]
        result = torch.empty((examples, channels, height, width), dtype=gradient.dtype, memory_format=LAID_OUT)
        sizes = _sizes(examples, height, width, channels)
        self.library.to_positive_max(_at(gradient), _at(places), _at(result), *sizes, _threads())
        return result

    def normalized(
        self, layer: nn.BatchNorm2d, x: Tensor, other: Tensor | None = None, *, positive: bool = False
    ) -> tuple[Tensor, Statistics]:
        """Batch normalization by a layer in its mode, plus `other`, and 0 for what is below 0 where `positive`."""
        y = torch.empty_like(x)
        mean, inverse = torch.empty_like(layer.weight), torch.empty_like(layer.weight)
        parameters = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
        self.library.normalized(
            _at(x),
            *map(_at, parameters),
            _at(other),
            *map(_at, (y, mean, inverse)),
            *map(ctypes.c_double, (layer.momentum or 0, layer.eps)),
            *_sizes(x.numel(), x.shape[1]),
            *map(ctypes.c_int, (layer.training, positive)),
            _threads(),
        )
        return y, (mean, inverse)

    def to_normalized(
        self,
        layer: nn.BatchNorm2d,
        gradient: Tensor,
        x: Tensor,
        statistics: Statistics,
        *,
        y: Tensor | None = None,
        wanted: bool = True,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The gradients of x, of weight and of bias; that of x is empty where it is not `wanted`.

        Args: y: where it is given, the gradient is taken where y is above 0, and set to 0 elsewhere, in place.
        """
        to_x = torch.empty_like(x) if wanted else x.new_empty(0)
        to_weight, to_bias = torch.empty_like(layer.weight), torch.empty_like(layer.weight)
        self.library.to_normalized(
            *map(_at, (gradient, y, x, layer.weight, *statistics)),
            _at(None if y is None else gradient),
            _at(to_x if wanted else None),
            *map(_at, (to_weight, to_bias)),
            *_sizes(x.numel(), x.shape[1]),
            ctypes.c_int(layer.training),
            _threads(),
        )
        return to_x, to_weight, to_bias


def _at(x: Tensor | None) -> ctypes.c_void_p:
    return ctypes.c_void_p(None if x is None else x.data_ptr())


def _sizes(*sizes: int) -> list[ctypes.c_long]:
    return [ctypes.c_long(size) for size in sizes]


def _threads() -> ctypes.c_int:
    return ctypes.c_int(torch.get_num_threads())
