"""Product: the product of two matrices by the library that takes it quickest here."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

# Numbers of a weight from which a dense layer is worth another way of measuring: 1,024 rows at 64 x 256 take MKL 0.21 ms with one
# thread and oneDNN 0.09.
WIDE = 1 << 14


def product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """a times b, in the type of both, plus a bias; no gradient runs through it.

    For float32 torch asks MKL, which uses half the width of an AMD processor's units: 12,800 x 64 by 64 x 128 takes it 2.7 ms
    with one thread of an EPYC (78 GFLOP/s) and oneDNN 1.1 (190).

    Shapes: a (rows, inner), b (inner, columns), bias (columns,).
    """
    if a.dtype == torch.float32 and a.device.type == "cpu" and _has_onednn():
        added = None if bias is None else bias.detach()
        found: Tensor = torch.ops.mkldnn._linear_pointwise(a.detach(), b.detach().mT, added, "none", [], "")
        return found
    return torch.mm(a.detach(), b.detach()) if bias is None else torch.addmm(bias, a.detach(), b.detach()).detach()


class QuickLinear(nn.Linear):
    """A dense layer that takes its product the quickest way where no gradient is wanted: when a network is measured."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled() or x.dtype != torch.float32 or torch.is_autocast_enabled(x.device.type):
            return functional.linear(x, self.weight, self.bias)
        found = product(x.reshape(-1, x.shape[-1]), self.weight.mT, self.bias)
        return found.reshape(*x.shape[:-1], self.out_features)


def is_wide(layer: nn.Module) -> bool:
    """Whether a layer is a dense one that `QuickLinear` makes quicker."""
    return type(layer) is nn.Linear and layer.weight.numel() >= WIDE and layer.weight.is_cpu and _has_onednn()


@cache
def _has_onednn() -> bool:
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
