"""Links of images: convolution and pooling in a chain, with the kernels that autograd would call."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepglass.layers.residual import PaddedShortcut
from deepglass.training.execution.links import Link
from deepglass.training.execution.native import maps
from deepglass.training.execution.pooling import positive_max, to_positive_max
from deepglass.training.execution.precision import Precision

aten = torch.ops.aten
LAID_OUT = torch.channels_last  # as convolutions take images fastest
# Pixels of a map up to which the gradient of the weights is one product of unfolded images. Measured in bfloat16 on an AMD
# EPYC, 128 examples, 512 channels: 3.0 instead of 13.8 ms at 2 x 2 pixels, 12 instead of 21 at 4 x 4, 31 instead of 19 at 8 x 8.
FEW_PIXELS = 16


class ConvolutionLink(Link):
    """z = x * W + b, by the kernels that autograd would call."""

    def __init__(self, layer: nn.Conv2d, examples: int, precision: Precision) -> None:
        self.weight, self.bias, self.groups = layer.weight, layer.bias, layer.groups
        self.stride, self.dilation, self.padding = layer.stride, layer.dilation, _padding(layer) or [0, 0]
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
        gradient = gradient.to(self.x.dtype, memory_format=LAID_OUT)
        unfolded = self.low and self.groups == 1 and gradient.shape[2] * gradient.shape[3] <= FEW_PIXELS
        learns = [wanted, *(v and not unfolded for v in (self.weight.requires_grad, of_bias))]
        sizes = None if self.bias is None else list(self.bias.shape)
        how = (self.stride, self.padding, self.dilation, False, [0, 0], self.groups)
        to_x, to_weight, to_bias = aten.convolution_backward(gradient, self.x, self.factor, sizes, *how, learns)
        if unfolded:
            to_weight = self._to_weight(gradient) if self.weight.requires_grad else None
            to_bias = gradient.sum((0, 2, 3), dtype=torch.float32)
        if self.weight.requires_grad:
            self.weight.grad = self.weight_gradient.copy_(to_weight)
        if of_bias:
            assert self.bias is not None and self.bias_gradient is not None
            self.bias.grad = self.bias_gradient.copy_(to_bias)
        return to_x if wanted else gradient

    def _to_weight(self, gradient: Tensor) -> Tensor:
        """The gradient of the weights as one product of the gradient and what each of its pixels has seen."""
        (high, wide), (above, beside) = self.weight.shape[2:], self.padding
        padded = functional.pad(self.x, (beside, beside, above, above)).permute(0, 2, 3, 1).contiguous()
        example, row, column, _ = padded.stride()
        (down, right), (apart, aside) = self.stride, self.dilation
        examples, outputs, height, width = gradient.shape
        seen = padded.as_strided(
            (examples, height, width, high, wide, padded.shape[3]),
            (example, down * row, right * column, apart * row, aside * column, 1),
        )
        rows = gradient.permute(0, 2, 3, 1).reshape(-1, outputs)
        return (rows.t() @ seen.reshape(len(rows), -1)).view(outputs, high, wide, -1).permute(0, 3, 1, 2)


class PoolingLink(Link):
    """The largest of each 2 x 2 window and of 0: pooling with the ReLU before it."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        self.native = maps()
        self.result: Tensor | None = None
        self.places: Tensor | None = None  # where each window's largest number stands, as native pooling says it

    def forward(self, x: Tensor) -> Tensor:
        if self.native is not None and self.native.takes(x):
            y, self.places = self.native.positive_max(x)
            self.sides = x.shape[2:]
            return y
        self.places = None
        self.x = x
        self.y = positive_max(x)
        return self.y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if not wanted:
            return gradient
        if self.places is not None:
            assert self.native is not None
            gradient = gradient.to(torch.bfloat16).contiguous(memory_format=LAID_OUT)
            return self.native.to_positive_max(gradient, self.places, *self.sides)
        if (
            self.result is None or self.result.shape != self.x.shape
        ):  # kept, because to clear it anew takes as long as to fill it
            self.result = torch.zeros_like(self.x, memory_format=LAID_OUT)
        return to_positive_max(gradient, self.x, self.y, self.result)


class MaxPoolLink(Link):
    """The largest of each window, of any kind."""

    def __init__(self, layer: nn.MaxPool2d, examples: int, precision: Precision) -> None:
        sides = (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        self.how = [[side] * 2 if isinstance(side, int) else list(side) for side in sides]
        self.rounded_up = layer.ceil_mode

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        y, self.places = aten.max_pool2d_with_indices(x, *self.how, self.rounded_up)
        return y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if not wanted:
            return gradient
        gradient = gradient.to(self.x.dtype)
        return aten.max_pool2d_with_indices_backward(gradient, self.x, *self.how, self.rounded_up, self.places)


class GlobalMeanLink(Link):
    """The mean of each map."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        pass

    @staticmethod
    def fits(layer: nn.Module) -> bool:
        """Whether a layer leaves one number of each map."""
        return type(layer) is nn.AdaptiveAvgPool2d and layer.output_size in (1, (1, 1))

    def forward(self, x: Tensor) -> Tensor:
        self.shape = x.shape
        return x.mean((2, 3), keepdim=True)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if not wanted:
            return gradient
        return (gradient / (self.shape[2] * self.shape[3])).expand(self.shape).contiguous(memory_format=LAID_OUT)


class PaddedShortcutLink(Link):
    """Every `stride`-th pixel, and channels of zeros behind the others."""

    def __init__(self, layer: PaddedShortcut, examples: int, precision: Precision) -> None:
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        self.like = x
        return self.layer(x).contiguous(memory_format=LAID_OUT)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if not wanted:
            return gradient
        result = torch.zeros_like(self.like, dtype=gradient.dtype)
        result[:, :, :: self.layer.stride, :: self.layer.stride] = gradient[:, : self.like.shape[1]]
        return result


class PassedLink(Link):
    """A layer whose work the next link does."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return gradient


def _padding(layer: nn.Conv2d) -> list[int] | None:
    """Pixels on each side, in height and width; None where the two sides differ."""
    if layer.padding == "valid":
        return [0, 0]
    if layer.padding != "same":
        return [int(p) for p in layer.padding]
    whole = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size)]
    return None if any(w % 2 for w in whole) else [w // 2 for w in whole]
