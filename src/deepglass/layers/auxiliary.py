"""Auxiliary: what a network with more than one output gives while it is trained."""

from typing import NamedTuple

from torch import Tensor


class Auxiliary(NamedTuple):
    """The output of a network, and those of heads in the middle of it that are there for training alone.

    A network may return this in training mode, and has to return `output` alone in evaluation mode. A supervised task makes
    the loss of the output smaller plus `weight` times that of each head, all against the same target. Whatever measures,
    predicts or exports runs networks in evaluation mode and never sees it.
    Shapes: `heads` have the shape of `output`.
    Source: Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842, section 5: losses of heads weighted by 0.3.
    """

    output: Tensor
    heads: tuple[Tensor, ...]
    weight: float = 0.3

    def float(self) -> "Auxiliary":
        """All outputs in float32, where a training ran the network in another precision."""
        return Auxiliary(self.output.float(), tuple(head.float() for head in self.heads), self.weight)
