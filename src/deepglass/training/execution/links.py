"""Links: layers of a chain, each with its derivative written out.

The kernels are those that torch's autograd would call, in the same order, so a chain in float32 gives autograd's numbers to
the bit, without building a graph first: on small layers the graph takes longer than the arithmetic.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepglass.training.execution.masks import dropout_mask
from deepglass.training.execution.precision import Precision
from deepglass.training.execution.relu import QuickReLU, to_relu

aten = torch.ops.aten


class Link:
    """One layer: `forward` keeps what `backward` needs of it.

    Shapes: x and what comes back (examples, ...); gradients have the shape of what they belong to.
    """

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        """Set the gradients of the layer's own parameters, and return that of its input when it is `wanted`."""
        raise NotImplementedError


class DenseLink(Link):
    """z = x W^T + b, so dL/dW = (dL/dz)^T x, dL/db = the sum of dL/dz over the examples, and dL/dx = dL/dz W."""

    def __init__(self, layer: nn.Linear, examples: int, precision: Precision) -> None:
        self.weight, self.bias = layer.weight, layer.bias
        self.low = precision.lowers(examples * layer.in_features * layer.out_features)
        self.weight_gradient = torch.zeros_like(self.weight)
        self.bias_gradient = None if self.bias is None else torch.zeros_like(self.bias)

    @property
    def learns(self) -> bool:
        return self.weight.requires_grad or (self.bias is not None and self.bias.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim > 2:  # further axes are taken as if they were examples
            return self.forward(x.flatten(0, -2)).unflatten(0, x.shape[:-1])
        self.x, self.factor, self.kind = x, self.weight, x.dtype
        if not self.low:
            return functional.linear(x, self.weight, self.bias)
        self.x, self.factor = x.bfloat16(), self.weight.bfloat16()
        bias = None if self.bias is None else self.bias.bfloat16()
        return functional.linear(self.x, self.factor, bias).float()

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        if gradient.ndim > 2:
            found = self.backward(gradient.flatten(0, -2), wanted)
            return found.unflatten(0, gradient.shape[:-1])
        if self.bias is not None and self.bias.requires_grad:
            assert self.bias_gradient is not None
            torch.sum(gradient, 0, out=self.bias_gradient)
            self.bias.grad = self.bias_gradient
        if self.low:
            gradient = gradient.bfloat16()
        if self.weight.requires_grad:
            if self.low:
                self.weight_gradient.copy_(gradient.t() @ self.x)
            else:
                torch.mm(gradient.t(), self.x, out=self.weight_gradient)
            self.weight.grad = self.weight_gradient
        return (gradient @ self.factor).to(self.kind) if wanted else gradient


class FlattenLink(Link):
    """One row for each example."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        self.shape = x.shape
        return x.flatten(1)

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return gradient.reshape(self.shape) if wanted else gradient


class DropoutLink(Link):
    """Each number times 0 or 1 / (1 - p)."""

    def __init__(self, layer: nn.Dropout, examples: int, precision: Precision) -> None:
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        self.mask = dropout_mask(x, self.layer.p) if self.layer.training and self.layer.p else None
        return x if self.mask is None else x * self.mask

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return gradient * self.mask if wanted and self.mask is not None else gradient


class ActivationLink(Link):
    """A function of each number alone; `derivative` has dL/dz from dL/da, z, a and the layer."""

    def __init__(self, layer: nn.Module, examples: int, precision: Precision) -> None:
        self.layer, self.derivative = layer, DERIVATIVES[type(layer)]
        self.carried_out = QuickReLU(layer.inplace) if isinstance(layer, nn.ReLU) else layer

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        self.y: Tensor = self.carried_out.forward(x)
        return self.y

    def backward(self, gradient: Tensor, wanted: bool) -> Tensor:
        return self.derivative(gradient, self.x, self.y, self.layer) if wanted else gradient


Derivative = Callable[[Tensor, Tensor, Tensor, nn.Module], Tensor]
# An activation that works in place would have changed z: ReLU and its like only look at the sign, which stays.
DERIVATIVES: dict[type[nn.Module], Derivative] = {
    nn.Identity: lambda g, z, a, layer: g,
    nn.ReLU: lambda g, z, a, layer: to_relu(g, a) if a.dtype == torch.bfloat16 else aten.threshold_backward(g, a, 0),
    nn.Sigmoid: lambda g, z, a, layer: aten.sigmoid_backward(g, a),
    nn.Tanh: lambda g, z, a, layer: aten.tanh_backward(g, a),
    nn.LeakyReLU: lambda g, z, a, layer: aten.leaky_relu_backward(g, z, layer.negative_slope, False),
    nn.GELU: lambda g, z, a, layer: aten.gelu_backward(g, z, approximate=layer.approximate),
    nn.SiLU: lambda g, z, a, layer: aten.silu_backward(g, z),
    nn.Softplus: lambda g, z, a, layer: aten.softplus_backward(g, z, layer.beta, layer.threshold),
}
LINKS: dict[type[nn.Module], Callable[..., Link]] = {
    nn.Linear: DenseLink,
    nn.Flatten: FlattenLink,
    nn.Dropout: DropoutLink,
    **dict.fromkeys(DERIVATIVES, ActivationLink),
}
