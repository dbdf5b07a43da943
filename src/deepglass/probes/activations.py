"""Activations: which modules and functions change each number alone, and how flat they are where they stand.

The derivative is taken from the output, so that an activation that works in place is measured like any other.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.layers.scaled_tanh import AMPLITUDE

# torch's functions by name -> the module that does the same
FUNCTIONS = {
    "celu": "CELU",
    "elu": "ELU",
    "gelu": "GELU",
    "hardsigmoid": "Hardsigmoid",
    "hardswish": "Hardswish",
    "hardtanh": "Hardtanh",
    "leaky_relu": "LeakyReLU",
    "log_softmax": "LogSoftmax",
    "logsigmoid": "LogSigmoid",
    "mish": "Mish",
    "prelu": "PReLU",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "selu": "SELU",
    "sigmoid": "Sigmoid",
    "silu": "SiLU",
    "softmax": "Softmax",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "tanh": "Tanh",
}
ACTIVATIONS = {*FUNCTIONS.values(), "ScaledTanh", "RReLU", "Threshold", "Softmin", "Softmax2d", "Tanhshrink"}


def _bounds(y: Tensor, low: float, high: float) -> Tensor:
    return ((y > low) & (y < high)).to(y.dtype)


def _hardtanh(y: Tensor, module: Any) -> Tensor:
    return _bounds(y, getattr(module, "min_val", -1.0), getattr(module, "max_val", 1.0))


# kind -> the derivative over its maximum, from the output y; of softmax, that of an output by its own logit
STEEPNESS: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "Hardsigmoid": lambda y, module: _bounds(y, 0.0, 1.0),
    "Hardtanh": _hardtanh,
    "ReLU6": lambda y, module: _bounds(y, 0.0, 6.0),
    "ScaledTanh": lambda y, module: 1 - (y / AMPLITUDE).square(),
    "Sigmoid": lambda y, module: 4 * y * (1 - y),
    "Softmax": lambda y, module: 4 * y * (1 - y),
    "Softsign": lambda y, module: (1 - y.abs()).square(),
    "Tanh": lambda y, module: 1 - y.square(),
}


def steepness(kind: str, y: Tensor, module: nn.Module | None) -> Tensor | None:
    """Return the derivative over its maximum at each output, 0 to 1, in the shape of `y`; None where an end is not flat."""
    found = STEEPNESS.get(kind)
    return None if found is None else found(y, module)


def unit_axis(module: nn.Module | None, y: Tensor, last: tuple[int, int] | None) -> int:
    """Return the axis of `y` along which its units lie.

    Args: last: (number of axes, axis of the units) of the layer before, which layers without a say follow.
    """
    if getattr(module, "data_format", None) == "channels_last":  # of Keras
        return y.ndim - 1
    if isinstance(module, CHANNELS_SECOND) and y.ndim > 2:
        return 1
    if isinstance(module, FEATURES_LAST) or y.ndim <= 2:
        return y.ndim - 1
    if last is not None and last[0] == y.ndim:
        return last[1]
    return 1 if y.ndim > 3 else y.ndim - 1


CHANNELS_SECOND = (
    nn.modules.conv._ConvNd,
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
)
FEATURES_LAST = (nn.Linear, nn.Bilinear, nn.LayerNorm, nn.RNNBase, nn.RNNCellBase, nn.Embedding, nn.MultiheadAttention)


def first_tensor(output: Any) -> Tensor | None:
    """The first tensor of floating numbers in what a module returned."""
    if isinstance(output, Tensor):
        return output if torch.is_floating_point(output) else None
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, tuple | list):
        return next((t for t in map(first_tensor, output) if t is not None), None)
    return None
