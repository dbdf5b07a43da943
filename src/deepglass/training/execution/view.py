"""View: a network as it is carried out, with the same weights and the same function in a quicker form."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.networks.front import front_of
from deepglass.training.execution.hooks import OF_MODULES
from deepglass.training.execution.masks import QuickDropout
from deepglass.training.execution.pooling import QuickMaxPool2d
from deepglass.training.execution.product import QuickLinear, is_wide
from deepglass.training.execution.relu import QuickReLU

# Rising functions of each number alone: the largest of f(x) is f of the largest x, and pooling first leaves f less to do.
RISING = (nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus)


class View:
    """A copy of a network that shares its parameters and buffers, with rewrites.

    `rewrites` says what differs, layer by layer. The network's own modes (training or evaluation) are taken over by `follow`.

    Args:
        rewrites: whether layers may be exchanged; else only the layout in memory differs.
        channels_last: whether images are laid out as convolutions take them fastest.
    """

    def __init__(self, network: nn.Module, rewrites: bool, channels_last: bool = True) -> None:
        self.rewrites: list[str] = []
        memo: dict[int, Any] = {id(t): t for t in [*network.parameters(), *network.buffers()]}
        self.module: nn.Module = copy.deepcopy(network, memo)
        for part in self.module.modules():  # whoever watches the network itself is seen by `Hooks`
            for kind in OF_MODULES:
                getattr(part, kind).clear()
        self._pairs = list(zip(network.modules(), self.module.modules()))  # before a rewrite changes their order
        for name, row in list(self.module.named_modules()):
            if rewrites and type(row) is nn.Sequential:
                self._rewrite(row, f"{name}." if name else "")
        if rewrites:
            self._quicken()
        self.channels_last = channels_last
        if not channels_last:
            return
        if (front := front_of(self.module)) is None:
            self.module = nn.Sequential(ChannelsLast(), self.module)
        else:  # it makes images of signals
            self.module._modules["front"] = nn.Sequential(front, ChannelsLast())

    def follow(self) -> None:
        """Put each part into the mode that the network's own is in."""
        for own, part in self._pairs:
            part.training = own.training

    def _rewrite(self, row: nn.Sequential, prefix: str) -> None:
        layers = list(row.named_children())
        for place, (name, layer) in enumerate(layers[:-1]):
            after, pool = layers[place + 1]
            if type(layer) is nn.ReLU and QuickMaxPool2d.fits(pool):
                layers[place] = name, self._replace(layer, nn.Identity())
                layers[place + 1] = after, self._replace(pool, QuickMaxPool2d(positive=True))
                self.rewrites.append(f"{prefix}{after} with {prefix}{name}")
        for place, (name, layer) in enumerate(layers):
            if place + 1 < len(layers) and type(layer) in RISING and type(layers[place + 1][1]) is nn.MaxPool2d:
                after, pool = layers[place + 1]
                if not pool.return_indices and getattr(layer, "negative_slope", 1) >= 0:
                    layers[place], layers[place + 1] = (after, pool), (name, layer)
                    self.rewrites.append(f"{prefix}{after} before {prefix}{name}")
        for place, (name, layer) in enumerate(layers):
            if QuickMaxPool2d.fits(layer):
                layers[place] = name, self._replace(layer, QuickMaxPool2d())
                self.rewrites.append(f"{prefix}{name} by pairs")
            elif isinstance(layer, nn.ReLU | nn.LeakyReLU):
                layer.inplace = False  # what pooling gave is needed again for its gradient
        row._modules = dict(layers)

    def _quicken(self) -> None:
        quick: dict[nn.Module, nn.Module] = {}
        wide: list[str] = []
        for name, parent in list(self.module.named_modules()):
            for child, layer in parent._modules.items():
                if type(layer) is nn.Dropout and layer.p:
                    if layer not in quick:
                        quick[layer] = self._replace(layer, QuickDropout(layer.p))
                        self.rewrites.append(f"{name}.{child} by 16 bits a unit".lstrip("."))
                    parent._modules[child] = quick[layer]
                elif is_wide(layer):
                    layer.__class__ = QuickLinear  # of this copy, with the same parameters
                    wide.append(name)
                elif type(layer) is nn.ReLU:
                    if layer not in quick:
                        quick[layer] = self._replace(layer, QuickReLU())
                    parent._modules[child] = quick[layer]
        if any(type(layer) is nn.ReLU for layer in quick):
            self.rewrites.append("ReLU of bfloat16 on its bits")
        if wide:
            self.rewrites.append("dense layers measured by oneDNN")

    def _replace(self, old: nn.Module, new: nn.Module) -> nn.Module:
        self._pairs = [(own, new if part is old else part) for own, part in self._pairs]
        return new


class ChannelsLast(nn.Module):
    """Lays the channels of each pixel side by side, as convolutions take them fastest. Shape (examples, channels, h, w)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.to(memory_format=torch.channels_last) if x.ndim == 4 else x  # `contiguous` leaves one channel as it is
