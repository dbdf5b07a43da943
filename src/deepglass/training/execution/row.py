"""Row: the links of layers that follow each other, and of blocks whose ways part and meet again."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from torch import Tensor, nn

from deepglass.layers.residual import BasicBlock, Bottleneck, PaddedShortcut, ResidualBlock
from deepglass.training.execution.image_links import (
    ConvolutionLink,
    GlobalMeanLink,
    MaxPoolLink,
    PaddedShortcutLink,
    PassedLink,
    PoolingLink,
)
from deepglass.training.execution.links import LINKS, Link
from deepglass.training.execution.norm_links import BatchNormLink
from deepglass.training.execution.pooling import QuickMaxPool2d
from deepglass.training.execution.precision import Precision

Kind = Callable[..., Link]


def layers_in_a_row(network: nn.Module) -> Iterator[nn.Module]:
    """The layers of nested rows, in order; a module that is no row comes as it is."""
    if type(network) is nn.Sequential:
        for layer in network:
            yield from layers_in_a_row(layer)
    else:
        yield network


def kinds_of_link(layers: list[nn.Module]) -> list[Kind | None]:
    """The kind of link of each layer; None where none is known. A ReLU goes with what stands beside it, where that can be."""
    kinds = [_kind(layer) for layer in layers]
    for place, layer in enumerate(layers):
        before = layers[place - 1] if place else None
        if type(layer) is nn.MaxPool2d and type(before) is nn.ReLU:
            if QuickMaxPool2d.fits(layer):
                kinds[place - 1 : place + 1] = PassedLink, PoolingLink
            elif place > 1 and BatchNormLink.fits(layers[place - 2]) and not layer.return_indices:
                kinds[place] = MaxPoolLink  # else less is left to ReLU after it
        elif type(layer) is nn.ReLU and before is not None and BatchNormLink.fits(before):
            pools = place + 1 < len(layers) and QuickMaxPool2d.fits(layers[place + 1])
            if not pools:
                kinds[place - 1 : place + 1] = partial(BatchNormLink, positive=True), PassedLink
    return kinds


def links_of(layers: list[nn.Module], examples: int, precision: Precision) -> list[Link]:
    """A link for each layer of a row in which all are known."""
    kinds = zip(kinds_of_link(layers), layers)
    return [kind(layer, examples, precision) for kind, layer in kinds if kind is not None]


class ResidualLink(Link):
    """y = after(shortcut + branch): the gradient of x is the sum of those of both ways."""

    def __init__(self, layer: ResidualBlock, examples: int, precision: Precision) -> None:
        self.skip = layer.skip
        before, branch, after = _parts(layer)
        self.resized = layer.downsample is not None
        self.shortcut = links_of(_resizing(layer), examples, precision)
        self.before = links_of(before, examples, precision)
        self.joins = self.skip and [type(part) for part in after] == [nn.ReLU] and BatchNormLink.fits(branch[-1])
        if self.joins:
            self.last = BatchNormLink(cast(nn.BatchNorm2d, branch.pop()), examples, precision, positive=True)
            after = []
        rows = links_of([*branch, *after], examples, precision)
        self.branch, self.after = rows[: len(branch)], rows[len(branch) :]

    def inner(self, layer: ResidualBlock) -> Iterator[tuple[nn.Module, Link]]:
        """The layers of the block, each with its link."""
        before, branch, after = _parts(layer)
        yield from zip(before, self.before)
        yield from zip(branch, [*self.branch, self.last] if self.joins else self.branch)
        yield from zip(_resizing(layer), self.shortcut)
        yield from zip(after, self.after)

    @staticmethod
    def fits(layer: nn.Module) -> bool:
        """Whether a block is one of ours, and all of its parts are known."""
        if not isinstance(layer, ResidualBlock) or type(layer) not in (BasicBlock, Bottleneck):
            return False
        rows = (*_parts(layer), _resizing(layer))
        return all(all(kinds_of_link(row)) for row in rows)

    @property
    def learns(self) -> bool:
        joining = [self.last] if self.joins else []
        return any(getattr(k, "learns", False) for k in (*self.before, *self.branch, *joining, *self.shortcut))

    def forward(self, x: Tensor) -> Tensor:
        started = _forward(self.before, x)
        y = _forward(self.branch, started)
        if self.skip:
            way = _forward(self.shortcut, started) if self.resized else x
            y = self.last.forward(y, way) if self.joins else y + way
        return _forward(self.after, y)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        gradient = _backward(self.after, gradient, True)
        to_branch, to_way = self.last.both_ways(gradient, True) if self.joins else (gradient, gradient)
        inside = wanted or any(getattr(k, "learns", False) for k in self.before)
        to_start = _backward(self.branch, to_branch, inside)
        if self.resized:
            to_way = _backward(self.shortcut, to_way, inside)
            to_start = to_start.add_(to_way) if inside else to_start
        to_x = _backward(self.before, to_start, wanted)
        return to_x.add_(to_way) if wanted and self.skip and not self.resized else to_x


def _kind(layer: nn.Module) -> Kind | None:
    for kind in (ConvolutionLink, BatchNormLink, GlobalMeanLink, ResidualLink):
        if kind.fits(layer):
            return kind
    return PaddedShortcutLink if type(layer) is PaddedShortcut else LINKS.get(type(layer))


def _parts(block: ResidualBlock) -> list[list[nn.Module]]:
    """What is done before the ways part, on the branch, and after the sum."""
    return [[block.get_submodule(name) for name in names] for names in (block.before, block.branch, block.after)]


def _resizing(block: ResidualBlock) -> list[nn.Module]:
    return [] if block.downsample is None else list(layers_in_a_row(block.downsample))


def _forward(links: list[Link], x: Tensor) -> Tensor:
    for link in links:
        x = link.forward(x)
    return x


def _backward(links: list[Link], gradient: Tensor, wanted: bool) -> Tensor:
    """Through a row; the gradient of its input is only there where it is `wanted`."""
    for place in range(len(links) - 1, -1, -1):
        gradient = links[place].backward(gradient, wanted or place > 0)
    return gradient
