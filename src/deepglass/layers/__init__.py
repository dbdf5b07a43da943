"""Layers: what torch.nn lacks, and the catalogues of what can be asked for by name."""

from collections.abc import Callable
from functools import partial

from torch import nn

from deepglass.layers.initialization import INITIALIZATIONS, initialize
from deepglass.layers.partial_convolution import PartialConv2d
from deepglass.layers.scaled_tanh import ScaledTanh
from deepglass.layers.subsampling import Subsampling

# Between layers: each makes a module that changes every number alone.
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "hard_tanh": nn.Hardtanh,
    "identity": nn.Identity,
    "leaky_relu": nn.LeakyReLU,  # slope 0.01 below zero
    "relu": nn.ReLU,
    "scaled_tanh": ScaledTanh,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}

# After the last layer. Dim 1 holds the classes, also of (batch, classes, height, width).
OUTPUT_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "identity": nn.Identity,
    "log_softmax": partial(nn.LogSoftmax, dim=1),
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "softmax": partial(nn.Softmax, dim=1),
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}

# Ours, for lists of layers, beside those of torch.nn.
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "PartialConv2d": PartialConv2d,
    "ScaledTanh": ScaledTanh,
    "Subsampling": Subsampling,
}

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "LAYERS",
    "OUTPUT_ACTIVATIONS",
    "PartialConv2d",
    "ScaledTanh",
    "Subsampling",
    "initialize",
]
