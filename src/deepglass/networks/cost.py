"""Cost: the multiply-adds of a layer for one example."""

from typing import Any

from torch import Tensor, nn

from deepglass.layers import DotProductAttention

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
# Multiply-adds for each number that a norm gives, in use: scale and shift, and before it the square of each for the variance,
# where that is not known from training. Sums and square roots are no multiply-adds.
KNOWN_STATISTICS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
OWN_STATISTICS = (nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)


def multiply_adds(layer: nn.Module, arguments: tuple[Any, ...], output: Any) -> int:
    """Count the products that a linear, convolution, norm, recurrent or attention layer adds up, in a batch of one.

    A layer of another kind says so itself with a method `multiply_adds(output_shape)`, or counts as none.
    """
    if isinstance(layer, nn.Linear):
        return output.numel() * layer.in_features
    if isinstance(layer, CONVOLUTIONS):
        return output.numel() * layer.weight[0].numel()  # each output is a sum over one kernel
    if isinstance(layer, TRANSPOSED):
        return arguments[0].numel() * layer.weight[0].numel()  # each input is spread by one kernel
    if isinstance(layer, KNOWN_STATISTICS):
        return int(output.numel())
    if isinstance(layer, OWN_STATISTICS):
        return 2 * int(output.numel())
    if isinstance(layer, nn.RNNBase):
        weights = sum(p.numel() for p in layer.parameters() if p.ndim == 2)
        return weights * arguments[0].numel() // layer.input_size
    if isinstance(layer, nn.MultiheadAttention):
        return _attention(layer, arguments)
    if isinstance(layer, DotProductAttention):
        return (
            2 * int(output.numel()) * arguments[1].shape[-2]
        )  # of each query with each key, and of its weight with the value
    own = getattr(layer, "multiply_adds", None)
    return int(own(tuple(output.shape[1:]))) if callable(own) and isinstance(output, Tensor) else 0


def _attention(layer: nn.MultiheadAttention, arguments: tuple[Any, ...]) -> int:
    """Projections of query, key, value and output, then scores and their weighted sum."""
    if len(arguments) < 3:
        return 0
    width = layer.embed_dim
    queries, keys, values = (t.numel() // t.shape[-1] for t in arguments[:3])
    projections = 2 * queries * width**2 + keys * width * layer.kdim + values * width * layer.vdim
    return projections + 2 * queries * keys * width
