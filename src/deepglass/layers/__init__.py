"""Layers: what torch.nn lacks, and the catalogues of what can be asked for by name."""

from collections.abc import Callable
from functools import partial

from torch import nn

from deepglass.layers.attention import CrossAttention, DotProductAttention, SelfAttention
from deepglass.layers.auxiliary import Auxiliary
from deepglass.layers.causal_convolution import CausalConv1d
from deepglass.layers.convolution_block import ConvBlock
from deepglass.layers.decibels import Decibels
from deepglass.layers.drawn_only import DrawnOnly
from deepglass.layers.global_pooling import GlobalAveragePool, GlobalMaxPool
from deepglass.layers.highway import Highway
from deepglass.layers.inception import Inception, conv_unit
from deepglass.layers.initialization import INITIALIZATIONS, initialize
from deepglass.layers.locally_connected import LocallyConnected1d, LocallyConnected2d, LocallyConnected3d
from deepglass.layers.maxout import Maxout
from deepglass.layers.mel import MelSpectrogram
from deepglass.layers.padded_convolution import PaddedConv1d, PaddedConv2d, PaddedConv3d
from deepglass.layers.partial_convolution import PartialConv2d
from deepglass.layers.residual import BasicBlock, Bottleneck, PaddedShortcut, ResidualBlock
from deepglass.layers.residual_dense import ResidualDense
from deepglass.layers.response_norm import ResponseNorm
from deepglass.layers.rotated_convolution import RotatedConv2d
from deepglass.layers.scaled_tanh import ScaledTanh
from deepglass.layers.scalogram import Scalogram
from deepglass.layers.specaugment import SpecAugment
from deepglass.layers.spectrogram import Spectrogram
from deepglass.layers.standardize_example import StandardizeExample
from deepglass.layers.subsampling import Subsampling
from deepglass.layers.tiled_convolution import TiledConv1d, TiledConv2d, TiledConv3d
from deepglass.layers.time_first import TimeFirst
from deepglass.layers.transformer_block import TransformerBlock

# Between layers: each makes a module that changes every number alone.
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "hard_tanh": nn.Hardtanh,
    "identity": nn.Identity,
    "leaky_relu": nn.LeakyReLU,  # slope 0.01 below zero
    "prelu": nn.PReLU,  # one slope below zero that is learned, from 0.25: He et al., arXiv:1502.01852
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
    "BasicBlock": BasicBlock,
    "Bottleneck": Bottleneck,
    "CausalConv1d": CausalConv1d,
    "ConvBlock": ConvBlock,
    "Decibels": Decibels,
    "DrawnOnly": DrawnOnly,
    "GlobalAveragePool": GlobalAveragePool,
    "GlobalMaxPool": GlobalMaxPool,
    "Highway": Highway,
    "Inception": Inception,
    "LocallyConnected1d": LocallyConnected1d,
    "LocallyConnected2d": LocallyConnected2d,
    "LocallyConnected3d": LocallyConnected3d,
    "Maxout": Maxout,
    "MelSpectrogram": MelSpectrogram,
    "PaddedConv1d": PaddedConv1d,
    "PaddedConv2d": PaddedConv2d,
    "PaddedConv3d": PaddedConv3d,
    "PaddedShortcut": PaddedShortcut,
    "PartialConv2d": PartialConv2d,
    "ResidualDense": ResidualDense,
    "ResponseNorm": ResponseNorm,
    "RotatedConv2d": RotatedConv2d,
    "ScaledTanh": ScaledTanh,
    "Scalogram": Scalogram,
    "SelfAttention": SelfAttention,
    "SpecAugment": SpecAugment,
    "Spectrogram": Spectrogram,
    "StandardizeExample": StandardizeExample,
    "Subsampling": Subsampling,
    "TiledConv1d": TiledConv1d,
    "TiledConv2d": TiledConv2d,
    "TiledConv3d": TiledConv3d,
    "TimeFirst": TimeFirst,
    "TransformerBlock": TransformerBlock,
}

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "LAYERS",
    "OUTPUT_ACTIVATIONS",
    "Auxiliary",
    "BasicBlock",
    "Bottleneck",
    "CausalConv1d",
    "CrossAttention",
    "Decibels",
    "DotProductAttention",
    "DrawnOnly",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Highway",
    "Inception",
    "LocallyConnected1d",
    "LocallyConnected2d",
    "LocallyConnected3d",
    "Maxout",
    "MelSpectrogram",
    "PaddedConv1d",
    "PaddedConv2d",
    "PaddedConv3d",
    "PaddedShortcut",
    "PartialConv2d",
    "ResidualBlock",
    "ResidualDense",
    "ResponseNorm",
    "RotatedConv2d",
    "ScaledTanh",
    "Scalogram",
    "SelfAttention",
    "SpecAugment",
    "Spectrogram",
    "StandardizeExample",
    "Subsampling",
    "TiledConv1d",
    "TiledConv2d",
    "TiledConv3d",
    "TimeFirst",
    "TransformerBlock",
    "conv_unit",
    "initialize",
]
