"""Links of batch normalization, with what follows it on the same map: a sum, and ReLU."""

import torch
from torch import Tensor, nn

from deepglass.training.execution.links import Link
from deepglass.training.execution.native import maps
from deepglass.training.execution.precision import Precision
from deepglass.training.execution.relu import relu, to_relu

aten = torch.ops.aten


class BatchNormLink(Link):
    """Each map with mean 0 and deviation 1 over the batch, times gamma, plus beta; running statistics follow as in torch.

    Then another map is added where one is given, and with `positive` ReLU is taken. Maps in bfloat16 take two passes each way
    for all of it where there is a compiler; else it is the kernels that autograd would call, one after another.
    """

    def __init__(self, layer: nn.BatchNorm2d, examples: int, precision: Precision, positive: bool = False) -> None:
        self.layer, self.positive, self.native = layer, positive, maps() if precision.low else None
        self.gradients = [torch.zeros_like(p) for p in layer.parameters()]

    @staticmethod
    def fits(layer: nn.Module) -> bool:
        """Whether a layer is of the usual kind: with weights, and running statistics that follow at a fixed pace."""
        usual = type(layer) is nn.BatchNorm2d and layer.affine and layer.track_running_stats
        return usual and layer.momentum is not None

    @property
    def learns(self) -> bool:
        return any(p.requires_grad for p in self.layer.parameters())

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        layer = self.layer
        if layer.training:
            assert layer.num_batches_tracked is not None
            layer.num_batches_tracked += 1
        self.x = x
        pixels = x.shape[0] * x.shape[2] * x.shape[3]
        fits = other is None or (other.dtype == x.dtype and other.is_contiguous(memory_format=torch.channels_last))
        self.in_few_passes = self.native is not None and self.native.takes(x) and fits and pixels > 1
        if self.in_few_passes:
            assert self.native is not None
            self.y, self.statistics = self.native.normalized(layer, x, other, positive=self.positive)
            return self.y
        means = (layer.running_mean, layer.running_var)
        y, *statistics = aten.native_batch_norm(
            x, layer.weight, layer.bias, *means, layer.training, layer.momentum, layer.eps
        )
        self.statistics = tuple(statistics)
        y = y if other is None else y + other
        self.y = (relu(y) if y.dtype == torch.bfloat16 else y.relu()) if self.positive else y
        return self.y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return self.both_ways(gradient, wanted)[0]

    def both_ways(self, gradient: Tensor, wanted: bool) -> tuple[Tensor, Tensor]:
        """The gradient of what was normalized, where it is `wanted`, and that of what was added, which `gradient` may become."""
        layer = self.layer
        gradient = gradient.to(self.x.dtype).contiguous(memory_format=torch.channels_last)
        if self.in_few_passes:
            assert self.native is not None
            y = self.y if self.positive else None
            to_x, *found = self.native.to_normalized(layer, gradient, self.x, self.statistics, y=y, wanted=wanted)
        else:
            if self.positive:
                low = gradient.dtype == torch.bfloat16
                gradient = to_relu(gradient, self.y) if low else aten.threshold_backward(gradient, self.y, 0)
            learns = [wanted, layer.weight.requires_grad, layer.bias.requires_grad]
            kept = (layer.running_mean, layer.running_var, *self.statistics)
            to_x, *found = aten.native_batch_norm_backward(
                gradient, self.x, layer.weight, *kept, layer.training, layer.eps, learns
            )
        for parameter, own, new in zip((layer.weight, layer.bias), self.gradients, found):
            if parameter.requires_grad:
                parameter.grad = own.copy_(new)
        return (to_x if wanted else gradient), gradient
