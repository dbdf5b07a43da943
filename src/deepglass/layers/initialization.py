"""Initialization: the numbers that weights start from."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.locally_connected import LocallyConnected1d, LocallyConnected2d, LocallyConnected3d
from deepglass.layers.partial_convolution import PartialConv2d
from deepglass.layers.rotated_convolution import RotatedConv2d
from deepglass.layers.tiled_convolution import TiledConv1d, TiledConv2d, TiledConv3d
from deepglass.names import find

Fill = Callable[[Tensor], Tensor]

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
MANY_KERNELS = (  # each place, or set, has its own
    *(LocallyConnected1d, LocallyConnected2d, LocallyConnected3d),
    *(TiledConv1d, TiledConv2d, TiledConv3d),
)
WEIGHTED = (nn.Linear, *CONVOLUTIONS, PartialConv2d, RotatedConv2d, *MANY_KERNELS)
# Those that let about half of their input through, for which He's factor of two was derived.
RELU_FAMILY = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Softplus)


def _he(weight: Tensor) -> Tensor:
    """Normal, variance 2 / inputs of a unit. He et al., "Delving Deep into Rectifiers", ICCV 2015."""
    return nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _lecun(weight: Tensor) -> Tensor:
    """Normal, variance 1 / inputs of a unit. LeCun et al., "Efficient BackProp", 1998, section 4.6."""
    return nn.init.kaiming_normal_(weight, nonlinearity="linear")


def _normal(weight: Tensor) -> Tensor:
    """0.01 times standard normal numbers, as in Krizhevsky et al., NIPS 2012, section 5."""
    return nn.init.normal_(weight, std=0.01)


def _uniform(weight: Tensor) -> Tensor:
    """Even between -0.05 and 0.05, the `uniform` of Keras."""
    return nn.init.uniform_(weight, -0.05, 0.05)


# None: decided in `initialize`.
INITIALIZATIONS: dict[str, Fill | None] = {
    "auto": None,  # He before an activation of the ReLU family, Glorot elsewhere and in the last layer
    "default": None,  # what PyTorch does, biases included
    "glorot": nn.init.xavier_uniform_,  # Glorot and Bengio, AISTATS 2010, equation 16
    "he": _he,
    "lecun": _lecun,
    "normal": _normal,
    "orthogonal": nn.init.orthogonal_,  # Saxe et al., ICLR 2014
    "uniform": _uniform,
    "zeros": nn.init.zeros_,
}


def initialize(network: nn.Module, name: str = "auto", *, activation: nn.Module | None = None) -> nn.Module:
    """Give new numbers to the weights of linear and convolution layers, and to their biases what they start from: mostly 0.

    Other parameters stay. "auto" looks at the activation that follows each layer in the order of definition.
    Args:
        name: one of INITIALIZATIONS.
        activation: for "auto", the activation after every layer but the last, when it is no module of the network.
    Returns: the same network.
    Raises: UnknownName; SettingError, for what is no name.
    """
    if not isinstance(name, str):
        raise SettingError(f"initialization={name!r} is no name. Choose one of {', '.join(sorted(INITIALIZATIONS))}.")
    fill = find("initialization", name, INITIALIZATIONS)
    if name == "default":
        return network
    modules = list(network.modules())
    weighted = [k for k, module in enumerate(modules) if isinstance(module, WEIGHTED)]
    for k, following in zip(weighted, [*weighted[1:], None]):
        between = [activation] if activation is not None else modules[k:following]
        rectified = following is not None and any(isinstance(module, RELU_FAMILY) for module in between)
        _fill(modules[k], fill or (_he if rectified else nn.init.xavier_uniform_))
    return network


def _fill(layer: nn.Module, fill: Fill) -> None:
    with torch.no_grad():
        if isinstance(layer, PartialConv2d):
            layer.set_weight(fill(layer.full_weight()))
        elif isinstance(layer, MANY_KERNELS):
            for kernels in layer.kernels():
                fill(kernels)
        else:
            fill(layer.get_parameter("weight"))
        if layer.bias is not None:
            layer.get_parameter("bias").fill_(getattr(layer, "bias_start", 0.0))  # a gate's, which starts nearly closed
