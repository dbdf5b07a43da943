"""Stacked: the gradients of several dense networks of one shape at once, by derivatives that are written out."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.training.execution.chain import Chain, layers_in_a_row
from deepglass.training.execution.links import DenseLink, Link

Tensors = Mapping[str, Tensor]  # of all networks, (replicas, ...) by name


class StackedDenseLink(Link):
    """As `DenseLink` for all networks at once, with the examples last, so that sums and softmax run along memory.

    Shapes: weight (replicas, out, in), bias (replicas, out), z and gradients (replicas, out, examples), x (replicas, in,
    examples), or (in, examples) where all networks see the same.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self.weight, self.bias = weight, bias

    @property
    def learns(self) -> bool:
        return self.weight.requires_grad or (self.bias is not None and self.bias.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        if x.ndim == 2:  # one product for all
            z = torch.mm(self.weight.flatten(0, 1), x).unflatten(0, self.weight.shape[:2])
            return z if self.bias is None else z.add_(self.bias[..., None])
        return torch.bmm(self.weight, x) if self.bias is None else torch.baddbmm(self.bias[..., None], self.weight, x)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if self.bias is not None and self.bias.requires_grad:
            self.bias.grad = gradient.sum(2)
        if self.weight.requires_grad:
            shared = self.x.ndim == 2
            found = torch.mm(gradient.flatten(0, 1), self.x.mT) if shared else torch.bmm(gradient, self.x.mT)
            self.weight.grad = found.reshape(self.weight.shape)
        return torch.bmm(self.weight.mT, gradient) if wanted else gradient


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
    def judge(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """What every network says of a batch, (replicas, outputs, examples), and the loss of each example, (replicas, examples)."""
        output = self._outputs(batch)
        return output, self._loss(output, batch)[0]

    @torch.no_grad()
    def differentiate(self, batch: Batch) -> Tensor:
        """Set the gradients of the loss of each replica on a batch, and return the losses, shape (replicas,)."""
        each, gradient = self._loss(self._outputs(batch), batch)
        for place in range(len(self.links) - 1, self.first - 1, -1):
            gradient = self.links[place].backward(gradient, place > self.first)
        return each.mean(1)

    def _outputs(self, batch: Batch) -> Tensor:
        x = batch[self.lead.input]
        x = x.flatten(2).mT if batch.ids.ndim == 2 else x.flatten(1).T
        if not isinstance(self.links[0], StackedDenseLink):  # what draws, such as dropout, draws for each network
            x = x.expand(self.count, *x.shape[-2:])
        for link in self.links:
            x = link.forward(x)
        return x

    def _loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The loss of each example, (replicas, examples), and the gradient of each network's mean in the shape of `output`."""
        assert self.lead.closed is not None
        target = self.lead.task.target_of(batch)
        target = target if batch.ids.ndim == 2 else target.expand(self.count, *target.shape)
        if target.is_floating_point() and target.ndim == 3:
            target = target.mT
        return self.lead.closed(output, target, output.shape[2])


def stacked_chain(lead: Chain | None, network: nn.Module, tensors: Tensors) -> StackedChain | None:
    """Return the chain of stacked networks, where one of them is a chain of dense layers in float32 with a closed loss."""
    if lead is None or lead.low or lead.closed is None:
        return None
    flattened = [isinstance(layer, nn.Flatten) for layer in layers_in_a_row(network)]
    others = any(hasattr(link, "learns") and not isinstance(link, DenseLink) for link in lead.links)
    return None if others or any(flattened[1:]) else StackedChain(lead, network, tensors)
