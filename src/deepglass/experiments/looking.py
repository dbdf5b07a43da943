"""Looking: what an experiment asks of a network beside its metrics: answers to pictures of its own, gradients."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.data import Dataset


def examples(data: Dataset, split: str = "validation", limit: int | None = None) -> tuple[Tensor, Tensor]:
    """Return encoded pictures (examples, channels, height, width) and their digits (examples,)."""
    batch = data.examples(split, limit)
    (name,) = data.inputs
    return batch[name], batch[data.target.name]


def answers(network: nn.Module, x: Tensor) -> Tensor:
    """Return what a network says of each example when it is used, not trained: (examples, outputs)."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part) for part in x.split(1000)])


def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Return the share of examples whose digit a network tells."""
    return float((answers(network, x).argmax(1) == y).float().mean())


def gradient_norms(network: nn.Module, x: Tensor, y: Tensor, kind: str = "weight") -> list[float]:
    """Return the norm of the gradient of the cross-entropy at each weight matrix, or each bias, from first to last."""
    wanted = [p for name, p in network.named_parameters() if name.endswith(kind)]
    found = torch.autograd.grad(F.cross_entropy(network.train()(x), y), wanted)
    return [float(gradient.double().norm()) for gradient in found]  # double: the square of a small one is not 0
