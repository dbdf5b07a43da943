"""Stacked: the gradients of several dense networks of one shape at once, by derivatives that are written out."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.training.execution.chain import Chain, layers_in_a_row
from deepglass.training.execution.links import Link

Tensors = Mapping[str, Tensor]  # of all networks, (replicas, ...) by name


class StackedDenseLink(Link):
    """As `DenseLink`, with an axis of replicas before the examples.

    Shapes: weight (replicas, out, in), bias (replicas, out), x (replicas, examples, in).
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self.weight, self.bias = weight, bias

    @property
    def learns(self) -> bool:
        return self.weight.requires_grad or (self.bias is not None and self.bias.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        if self.bias is None:
            return torch.bmm(x, self.weight.mT)
        return torch.baddbmm(self.bias[:, None], x, self.weight.mT)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if self.bias is not None and self.bias.requires_grad:
            self.bias.grad = gradient.sum(1)
        if self.weight.requires_grad:
            self.weight.grad = torch.bmm(gradient.mT, self.x)
        return torch.bmm(gradient, self.weight) if wanted else gradient


class StackedChain:
    """Several networks whose layers follow each other, all taken at once.

    Args:
        lead: the chain of one of them, whose network is `network`.
        tensors: the weights of all, by their names in it.
    """

    def __init__(self, lead: Chain, network: nn.Module, tensors: Tensors) -> None:
        self.lead, self.count = lead, len(next(iter(tensors.values())))
        names = {id(p): n for n, p in network.named_parameters()}
        self.links: list[Link] = []
        for layer, link in zip(layers_in_a_row(network), lead.links):
            if isinstance(layer, nn.Linear):
                bias = None if layer.bias is None else tensors[names[id(layer.bias)]]
                self.links.append(StackedDenseLink(tensors[names[id(layer.weight)]], bias))
            elif not isinstance(layer, nn.Flatten):  # which stands first, and is taken with the input
                self.links.append(link)
        learning = [i for i, link in enumerate(self.links) if isinstance(link, StackedDenseLink) and link.learns]
        self.first = min(learning, default=len(self.links))

    @torch.no_grad()
    def outputs(self, batch: Batch) -> Tensor:
        """What every network says of a batch, (replicas, examples, outputs)."""
        x = batch[self.lead.input]
        x = x.flatten(2) if batch.ids.ndim == 2 else x.flatten(1).expand(self.count, -1, -1)
        for link in self.links:
            x = link.forward(x)
        return x

    @torch.no_grad()
    def differentiate(self, batch: Batch) -> Tensor:
        """Set the gradients of the loss of each replica on a batch, and return the losses, shape (replicas,)."""
        output = self.outputs(batch)
        count, examples = output.shape[:2]
        target = self.lead.task.target_of(batch)
        target = target if batch.ids.ndim == 2 else target.expand(count, *target.shape)
        assert self.lead.closed is not None
        each, gradient = self.lead.closed(output.flatten(0, 1), target.flatten(0, 1), examples)
        gradient = gradient.reshape(output.shape)
        for place in range(len(self.links) - 1, self.first - 1, -1):
            gradient = self.links[place].backward(gradient, place > self.first)
        return each.reshape(count, examples).mean(1)


def stacked_chain(lead: Chain | None, network: nn.Module, tensors: Tensors) -> StackedChain | None:
    """Return the chain of stacked networks, where one of them runs as a chain in float32 whose loss has a closed form."""
    if lead is None or lead.low or lead.closed is None:
        return None
    flattened = [isinstance(layer, nn.Flatten) for layer in layers_in_a_row(network)]
    return None if any(flattened[1:]) else StackedChain(lead, network, tensors)
