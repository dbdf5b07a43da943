"""Links of images: convolution, 2 x 2 pooling and batch normalization in a chain, with the kernels that autograd would call."""

from typing import Any

import torch
from torch import Tensor, nn

from deepglass.training.execution.links import Link
from deepglass.training.execution.pooling import QuickMaxPool2d, positive_max, to_positive_max
from deepglass.training.execution.precision import Precision

aten = torch.ops.aten
LAID_OUT = torch.channels_last  # as convolutions take images fastest


class ConvolutionLink(Link):
    """z = x * W + b, by the kernels that autograd would call."""

    def __init__(self, layer: nn.Conv2d, examples: int, precision: Precision) -> None:
        self.weight, self.bias, self.groups = layer.weight, layer.bias, layer.groups
        self.stride, self.dilation, self.padding = layer.stride, layer.dilation, _padding(layer)
        self.low = precision.low and not precision.least
        self.weight_gradient = torch.zeros_like(self.weight)
        self.bias_gradient = None if self.bias is None else torch.zeros_like(self.bias)

    @staticmethod
    def fits(layer: nn.Module) -> bool:
        """Whether a layer is a convolution that is known here."""
        return type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and _padding(layer) is not None

    @property
    def learns(self) -> bool:
        return self.weight.requires_grad or (self.bias is not None and self.bias.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        kind = torch.bfloat16 if self.low else self.weight.dtype
        self.x, self.factor = (t.to(kind, memory_format=LAID_OUT) for t in (x, self.weight))
        bias = None if self.bias is None else self.bias.to(kind)
        return aten.convolution(
            self.x, self.factor, bias, self.stride, self.padding, self.dilation, False, [0, 0], self.groups
        )

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        of_bias = self.bias is not None and self.bias.requires_grad
        learns = [wanted, self.weight.requires_grad, of_bias]
        gradient = gradient.to(self.x.dtype, memory_format=LAID_OUT)
        sizes = None if self.bias is None else list(self.bias.shape)
        how = (self.stride, self.padding, self.dilation, False, [0, 0], self.groups)
        to_x, to_weight, to_bias = aten.convolution_backward(gradient, self.x, self.factor, sizes, *how, learns)
        if self.weight.requires_grad:
            self.weight.grad = self.weight_gradient.copy_(to_weight)
        if of_bias:
            assert self.bias is not None and self.bias_gradient is not None
            self.bias.grad = self.bias_gradient.copy_(to_bias)
        return to_x if wanted else gradient


class PoolingLink(Link):
    """The largest of each 2 x 2 window and of 0: pooling with the ReLU before it."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        self.result: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        self.y = positive_max(x)
        return self.y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if not wanted:
            return gradient
        if (
            self.result is None or self.result.shape != self.x.shape
        ):  # kept, because to clear it anew takes as long as to fill it
            self.result = torch.zeros_like(self.x, memory_format=LAID_OUT)
        return to_positive_max(gradient, self.x, self.y, self.result)


class PassedLink(Link):
    """A layer whose work the next link does."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return gradient


class BatchNormLink(Link):
    """Each map with mean 0 and deviation 1 over the batch, times gamma, plus beta; running statistics follow as in torch."""

    def __init__(self, layer: nn.BatchNorm2d, examples: int, precision: Precision) -> None:
        self.layer = layer
        self.gradients = [torch.zeros_like(p) for p in layer.parameters()]

    @staticmethod
    def fits(layer: nn.Module) -> bool:
        """Whether a layer is of the usual kind: with weights, and running statistics that follow at a fixed pace."""
        usual = type(layer) is nn.BatchNorm2d and layer.affine and layer.track_running_stats
        return usual and layer.momentum is not None

    @property
    def learns(self) -> bool:
        return any(p.requires_grad for p in self.layer.parameters())

    def forward(self, x: Tensor) -> Tensor:
        layer = self.layer
        if layer.training:
            assert layer.num_batches_tracked is not None
            layer.num_batches_tracked += 1
        self.x = x
        means = (layer.running_mean, layer.running_var)
        y, *self.statistics = aten.native_batch_norm(
            x, layer.weight, layer.bias, *means, layer.training, layer.momentum, layer.eps
        )
        return y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        layer = self.layer
        learns = [wanted, layer.weight.requires_grad, layer.bias.requires_grad]
        kept = (layer.running_mean, layer.running_var, *self.statistics)
        to_x, *found = aten.native_batch_norm_backward(
            gradient.to(self.x.dtype), self.x, layer.weight, *kept, layer.training, layer.eps, learns
        )
        for parameter, own, new in zip((layer.weight, layer.bias), self.gradients, found):
            if parameter.requires_grad:
                parameter.grad = own.copy_(new)
        return to_x if wanted else gradient


def image_links(layers: list[nn.Module]) -> dict[int, Any]:
    """The kinds of link, by place, of layers that only networks of images have; a ReLU before pooling is left to it."""
    found: dict[int, Any] = {}
    for place, layer in enumerate(layers):
        if ConvolutionLink.fits(layer):
            found[place] = ConvolutionLink
        elif BatchNormLink.fits(layer):
            found[place] = BatchNormLink
        elif QuickMaxPool2d.fits(layer) and place and type(layers[place - 1]) is nn.ReLU:
            found[place], found[place - 1] = PoolingLink, PassedLink
    return found


def _padding(layer: nn.Conv2d) -> list[int] | None:
    """Pixels on each side, in height and width; None where the two sides differ."""
    if layer.padding == "valid":
        return [0, 0]
    if layer.padding != "same":
        return [int(p) for p in layer.padding]
    whole = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size)]
    return None if any(w % 2 for w in whole) else [w // 2 for w in whole]
