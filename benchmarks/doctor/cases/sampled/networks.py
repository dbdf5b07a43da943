"""Networks of drawn programs: each a Sequential, whose last layer gives the answers."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from cases.sampled.context import Context

ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "leaky": lambda: nn.LeakyReLU(0.1),
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "selu": nn.SELU,
    "hardswish": nn.Hardswish,
    "prelu": nn.PReLU,
    "softsign": nn.Softsign,
}


class LastStep(nn.Module):
    """What an RNN, LSTM or GRU says at the last step of series (rows, steps, channels)."""

    def __init__(self, cell: str, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.cell = getattr(nn, cell)(channels, width, layers, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x)[0][:, -1]


class ChannelsFirst(nn.Module):
    """Turn series (rows, steps, channels) around for Conv1d. Args: reshape: tear them apart instead, as a mistake does."""

    def __init__(self, reshape: bool = False) -> None:
        super().__init__()
        self.reshape = reshape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), x.shape[2], x.shape[1]) if self.reshape else x.transpose(1, 2)


class Residual(nn.Module):
    """A layer whose input is added to its output."""

    def __init__(self, width: int, act: str) -> None:
        super().__init__()
        self.inner = nn.Linear(width, width)
        self.act = ACTIVATIONS[act]()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.act(self.inner(x))


class MeanOfBoth(nn.Module):
    """What a GRU says that reads series (rows, steps, channels) in both directions, averaged over the steps."""

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.cell = nn.GRU(channels, width, layers, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x)[0].mean(1)


class MeanOfSteps(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2)


class Skip(nn.Module):
    """What a few layers say, added to (or put beside) what they are given."""

    def __init__(self, *inner: nn.Module, beside: bool = False) -> None:
        super().__init__()
        self.inner, self.beside = nn.Sequential(*inner), beside

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.inner(x)], 1) if self.beside else x + self.inner(x)


def build(c: "Context", shape: tuple[int, ...], outputs: int) -> nn.Sequential:
    """Build the network of a context. Args: shape: of one example."""
    layers: list[nn.Module]
    if c.network in ("RNN", "LSTM", "GRU"):
        layers = [LastStep(c.network, shape[-1], c.widths[0], len(c.widths))]
        width = c.widths[0]
    elif c.network == "bigru":
        layers, width = [MeanOfBoth(shape[-1], c.widths[0], len(c.widths))], 2 * c.widths[0]
    elif c.network in ("averaged", "resconv", "dilated"):
        layers, width = _third_convolutions(c, shape)
    elif c.network in ("convnet", "strided", "conv1d"):
        layers, width = _convolutions(c, shape)
    else:
        layers, width = _dense(c, shape)
    if c.dropout and c.network not in ("mlp", "residual", "skips"):
        layers.append(nn.Dropout(c.dropout))
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def _dense(c: "Context", shape: tuple[int, ...]) -> tuple[list[nn.Module], int]:
    width = int(torch.tensor(shape).prod())
    layers: list[nn.Module] = [nn.Flatten()] if len(shape) > 1 else []
    for number, wide in enumerate(c.widths):
        if c.network == "residual" and number:
            layers.append(Residual(width, c.act))
            continue
        if c.network == "skips":
            layers.append(Skip(nn.Linear(width, wide), ACTIVATIONS[c.act](), beside=True))
            width += wide
            continue
        layers.append(nn.Linear(width, wide))
        if c.norm:
            layers.append(nn.BatchNorm1d(wide) if c.norm == "batch" else nn.LayerNorm(wide))
        layers.append(ACTIVATIONS[c.act]())
        if c.dropout:
            layers.append(nn.Dropout(c.dropout))
        width = wide
    return layers, width


def _convolutions(c: "Context", shape: tuple[int, ...]) -> tuple[list[nn.Module], int]:
    flat = c.network == "conv1d"
    layers: list[nn.Module] = [ChannelsFirst()] if flat else []
    channels, side = (shape[1], shape[0]) if flat else (shape[0], shape[1])
    conv, pool, norm = (nn.Conv1d, nn.MaxPool1d, nn.BatchNorm1d) if flat else (nn.Conv2d, nn.MaxPool2d, nn.BatchNorm2d)
    for wide in c.widths:
        layers.append(conv(channels, wide, 3, stride=2 if c.network == "strided" else 1, padding=1))
        if c.norm == "batch":
            layers.append(norm(wide))
        layers.append(ACTIVATIONS[c.act]())
        side = (side + 1) // 2 if c.network == "strided" else side
        if c.network != "strided":
            layers.append(pool(2))
            side //= 2
        channels = wide
    layers.append(nn.Flatten())
    return layers, channels * side ** (1 if flat else 2)


def _third_convolutions(c: "Context", shape: tuple[int, ...]) -> tuple[list[nn.Module], int]:
    """Filters of 5 and means; residual blocks; or dilated filters over series, averaged over the steps."""
    flat = c.network == "dilated"
    layers: list[nn.Module] = [ChannelsFirst()] if flat else []
    channels, side = (shape[1], shape[0]) if flat else (shape[0], shape[1])
    act = ACTIVATIONS[c.act]
    for number, wide in enumerate(c.widths):
        if flat:
            layers.append(nn.Conv1d(channels, wide, 3, padding=2**number, dilation=2**number))
        else:
            layers.append(nn.Conv2d(channels, wide, 5, padding=2))
        if c.norm == "batch":
            layers.append(nn.BatchNorm1d(wide) if flat else nn.BatchNorm2d(wide))
        elif c.norm == "group":
            layers.append(nn.GroupNorm(2, wide))
        layers.append(act())
        if c.network == "resconv":
            layers.append(Skip(nn.Conv2d(wide, wide, 3, padding=1), act(), nn.Conv2d(wide, wide, 3, padding=1)))
        if not flat:
            layers.append(nn.AvgPool2d(2))
            side //= 2
        channels = wide
    layers.append(MeanOfSteps() if flat else nn.Flatten())
    return layers, channels * (1 if flat else side**2)


def linears(network: nn.Module) -> list[nn.Module]:
    """The layers that carry weights, in order."""
    return [m for m in network.modules() if isinstance(m, (nn.Linear, nn.Conv1d, nn.Conv2d))]
