"""Residual: dense residual networks, which stay trainable however deep they are."""

from collections import OrderedDict
from math import prod

from torch import nn

from deepglass.layers import ResidualDense, initialize
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape


def residual_mlp(
    shape: Shape,
    outputs: int,
    *,
    width: int = 30,
    blocks: int = 5,
    skips: bool = True,
    zero_start: bool = True,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Add what two dense layers find to what they were given, block after block: 2 * blocks + 2 layers with weights.

    Shapes: input (batch, *shape), flattened first; output (batch, outputs).
    Args:
        width: units of every hidden layer.
        blocks: how many blocks of two layers.
        skips: false leaves out the shortcuts: a plain network of the same depth.
        zero_start: the second layer of each block starts at 0. Without it and without norms, deep rows diverge.
        initialization: "auto" is He's, and Glorot's for the last layer.
    Raises: SettingError, UnknownName.
    Source: He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, section 3; zero start: Zhang, Dauphin
        and Ma, "Fixup Initialization", arXiv:1901.09321.
    """
    width = parts.size("width", width)
    blocks = parts.size("blocks", blocks)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(shape) > 1:
        layers["flatten"] = nn.Flatten()
    layers["first"], layers["relu"] = nn.Linear(prod(shape), width), nn.ReLU()
    for k in range(1, blocks + 1):
        layers[f"block{k}"] = ResidualDense(width, skip=skips, zero_start=zero_start)
    layers["output"] = nn.Linear(width, outputs)
    network = parts.finished(layers, "default", output_activation)
    initialize(network, initialization, activation=nn.ReLU())
    for module in network.modules():
        if isinstance(module, ResidualDense):
            module.start()
    return network
