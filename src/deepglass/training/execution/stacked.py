"""Stacked: the gradients of several dense networks of one shape at once, by derivatives that are written out."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.training.execution.chain import Chain
from deepglass.training.execution.links import DenseLink, Link
from deepglass.training.execution.precision import Precision
from deepglass.training.execution.product import product
from deepglass.training.execution.row import layers_in_a_row

Tensors = Mapping[str, Tensor]  # of all networks, (replicas, ...) by name


class StackedDenseLink(Link):
    """As `DenseLink` for all networks at once, with the examples last, so that sums and softmax run along memory.

    Shapes: weight (replicas, out, in), bias (replicas, out), z and gradients (replicas, out, examples), x (replicas, in,
    examples), or (in, examples) where all networks see the same.
    Args:
        low: whether products are taken in bfloat16.
        gives_low, takes_low: whether ReLU stands between this layer and such a one behind it or before it, and what goes there
            may stay in bfloat16.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        low: bool = False,
        gives_low: bool = False,
        takes_low: bool = False,
    ) -> None:
        self.weight, self.bias = weight, bias
        self.low, self.gives_low, self.takes_low = low, gives_low, takes_low

    @property
    def learns(self) -> bool:
        return self.weight.requires_grad or (self.bias is not None and self.bias.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        if not self.low:
            self.x, self.factor = x, self.weight
            return self.judge(x)
        self.x, self.factor = x.bfloat16(), self.weight.bfloat16()
        if not self.gives_low:
            z = _all(self.factor, self.x).float()
            return z if self.bias is None else z.add_(self.bias[..., None])
        if self.bias is None:
            return _all(self.factor, self.x)
        bias = self.bias.bfloat16()
        if x.ndim == 2:  # one product for all
            z = torch.addmm(bias.flatten()[:, None], self.factor.flatten(0, 1), self.x)
            return z.unflatten(0, self.weight.shape[:2])
        return torch.baddbmm(bias[..., None], self.factor, self.x)

    def judge(self, x: Tensor) -> Tensor:
        """z in float32, from which nothing is kept."""
        if x.ndim == 2 or self.bias is None:
            z = _all(self.weight, x)
            return z if self.bias is None else z.add_(self.bias[..., None])
        return torch.baddbmm(self.bias[..., None], self.weight, x)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if self.bias is not None and self.bias.requires_grad:
            self.bias.grad = gradient.sum(2).float()
        if self.low:
            gradient = gradient.bfloat16()
        if self.weight.requires_grad:
            shared = self.x.ndim == 2
            found = product(gradient.flatten(0, 1), self.x.mT) if shared else torch.bmm(gradient, self.x.mT)
            self.weight.grad = found.reshape(self.weight.shape).float()
        if not wanted:
            return gradient
        back = torch.bmm(self.factor.mT, gradient)
        return back if self.takes_low else back.float()


class StackedChain:
    """Several networks whose layers follow each other, all taken at once.

    Args:
        lead: the chain of one of them, whose network is `network`.
        tensors: the weights of all, by their names in it.
        precision: which products are taken in bfloat16; what counts is the product of all networks.
    """

    def __init__(self, lead: Chain, network: nn.Module, tensors: Tensors, precision: Precision, examples: int) -> None:
        self.lead, self.count = lead, len(next(iter(tensors.values())))
        names = {id(p): n for n, p in network.named_parameters()}
        layers = [layer for layer in layers_in_a_row(network) if not isinstance(layer, nn.Flatten)]  # it stands first
        links = [link for k, link in zip(layers_in_a_row(network), lead.links) if not isinstance(k, nn.Flatten)]
        low = [isinstance(k, nn.Linear) and precision.lowers(self.count * examples * k.weight.numel()) for k in layers]
        self.low = any(low)
        self.links: list[Link] = []
        for place, (layer, link) in enumerate(zip(layers, links)):
            if isinstance(layer, nn.Linear):
                bias = None if layer.bias is None else tensors[names[id(layer.bias)]]
                both = _meet(layers, low, place, place + 2), _meet(layers, low, place - 2, place)
                weight = tensors[names[id(layer.weight)]]
                link = StackedDenseLink(weight, bias, low=low[place], gives_low=both[0], takes_low=both[1])
            self.links.append(link)
        learning = [i for i, link in enumerate(self.links) if isinstance(link, StackedDenseLink) and link.learns]
        self.first = min(learning, default=len(self.links))

    @torch.no_grad()
    def judge(self, x: Tensor) -> Tensor:
        """What every network says, in float32. Shapes: x (examples, ...); returns (replicas, outputs, examples)."""
        x = self._first(x.flatten(1).T)
        for link in self.links:
            x = link.judge(x) if isinstance(link, StackedDenseLink) else link.forward(x)
        return x

    @torch.no_grad()
    def differentiate(self, batch: Batch) -> Tensor:
        """Set the gradients of the loss of each replica on a batch, and return the losses, shape (replicas,)."""
        x = batch[self.lead.input]
        x = self._first(x.flatten(2).mT if batch.ids.ndim == 2 else x.flatten(1).T)
        for link in self.links:
            x = link.forward(x)
        each, gradient = self._loss(x, batch)
        for place in range(len(self.links) - 1, self.first - 1, -1):
            gradient = self.links[place].backward(gradient, place > self.first)
        return each.mean(1)

    def losses(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss of each example, (replicas, examples). Shapes: output (replicas, outputs, examples), target (examples, ...)."""
        return LOSS_OF_EACH[self.lead.task.loss_name](output, self._of_each(target))

    def _first(self, x: Tensor) -> Tensor:
        """The input with the examples last, one for each network where what comes first draws, such as dropout."""
        return x if isinstance(self.links[0], StackedDenseLink) else x.expand(self.count, *x.shape[-2:])

    def _loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The loss of each example, (replicas, examples), and the gradient of each network's mean in the shape of `output`."""
        assert self.lead.closed is not None
        target = self.lead.task.target_of(batch)
        target = target if batch.ids.ndim == 2 else self._of_each(target)
        if batch.ids.ndim == 2 and target.is_floating_point() and target.ndim == 3:
            target = target.mT
        return self.lead.closed(output, target, output.shape[2])

    def _of_each(self, target: Tensor) -> Tensor:
        """Targets (examples, ...) for every network: (replicas, examples), or (replicas, numbers, examples)."""
        target = target.expand(self.count, *target.shape)
        return target.mT if target.is_floating_point() and target.ndim == 3 else target


def stacked_chain(
    lead: Chain | None, network: nn.Module, tensors: Tensors, precision: Precision, examples: int
) -> StackedChain | None:
    """Return the chain of stacked networks, where one of them is a chain of dense layers with a closed loss."""
    if lead is None or lead.closed is None or lead.task.loss_name not in LOSS_OF_EACH:
        return None
    flattened = [isinstance(layer, nn.Flatten) for layer in layers_in_a_row(network)]
    others = any(hasattr(link, "learns") and not isinstance(link, DenseLink) for link in lead.links)
    return None if others or any(flattened[1:]) else StackedChain(lead, network, tensors, precision, examples)


def _all(weight: Tensor, x: Tensor) -> Tensor:
    """The products of all networks, (replicas, out, examples)."""
    if x.ndim == 3:
        return torch.bmm(weight, x)
    return product(weight.flatten(0, 1), x).unflatten(0, weight.shape[:2])


def _meet(layers: Sequence[nn.Module], low: Sequence[bool], first: int, second: int) -> bool:
    """Whether two products in bfloat16 have only a ReLU between them."""
    inside = first >= 0 and second < len(layers)
    return inside and low[first] and low[second] and type(layers[first + 1]) is nn.ReLU


def _cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    return -torch.log_softmax(output, 1).gather(1, target.long()[:, None])[:, 0]


def _squared(output: Tensor, target: Tensor) -> Tensor:
    return (output - target.reshape(output.shape)).square().mean(1)


# By name: outputs (replicas, outputs, examples), targets (replicas, ...) as in `CLOSED_FORMS` -> losses (replicas, examples).
LOSS_OF_EACH: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {"cross_entropy": _cross_entropy, "mse": _squared}
