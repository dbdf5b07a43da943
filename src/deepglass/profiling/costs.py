"""Costs: the floating point operations and the bytes of an operation, by formula from the shapes that it was given.

A multiply-add counts as two operations. What works on each number alone counts one operation for each number that it makes,
and the bytes that it reads and writes once; caches may have spared the memory some of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Argument:
    """A tensor that an operation was given. Args: dtype: its name, such as "float32". size: bytes of a number."""

    shape: Shape
    dtype: str
    size: int

    @property
    def bytes(self) -> int:
        return prod(self.shape) * self.size


Plain = Sequence[Any]  # arguments that are no tensors, at their places
Counted = tuple[float, float]  # operations, bytes

# These only look at memory in another way, or take some: no number is computed or moved.
BOOKKEEPING = frozenset([
    "as_strided", "as_strided_", "detach", "detach_", "empty", "empty_like", "empty_strided", "expand", "expand_as",
    "flatten", "is_nonzero", "item", "lift_fresh", "narrow", "permute", "reshape", "resize_", "resolve_conj",
    "resolve_neg", "select", "size", "slice", "split", "split_with_sizes", "squeeze", "squeeze_", "stride", "t",
    "t_", "transpose", "transpose_", "unbind", "unfold", "unsqueeze", "unsqueeze_", "view", "view_as",
    "_local_scalar_dense", "_unsafe_view", "_reshape_alias", "set_", "alias", "chunk", "numel", "result_type", "to",
    "_to_copy",
])  # fmt: skip
REDUCING = ("sum", "mean", "nll_loss", "mse_loss", "norm", "argmax", "all", "any", "nll_loss_forward", "var_mean")

# Others that may call small helpers and do the work themselves, besides all that end in "_backward".
WHOLE = frozenset([
    "add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "sum", "mean", "nll_loss_forward", "cat", "index",
    "index_put_", "cumsum",
])  # fmt: skip
OF_LISTS = ("_fused_", "_foreach_", "_amp_foreach_")


def is_whole(name: str) -> bool:
    """Whether an operation's time is taken with that of all that it calls."""
    return name in PRODUCTS or name in WHOLE or name.endswith("_backward") or name.startswith(OF_LISTS)


def counted(name: str, tensors: Sequence[Any], plain: Plain) -> Counted:
    """Operations and bytes of an operation of torch, such as "addmm".

    Args:
        tensors: an Argument, a list of them or None at each place.
        plain: numbers and lists of numbers at their places, None elsewhere.
    """
    if name in BOOKKEEPING:
        return 0.0, 0.0
    if name in PRODUCTS:
        return PRODUCTS[name](tensors, plain)
    given = [a for t in tensors for a in (t if isinstance(t, list) else [t]) if isinstance(a, Argument)]
    read = float(sum(a.bytes for a in given))
    if not given:
        return 0.0, 0.0
    largest = max(given, key=lambda a: a.bytes)
    if name.startswith(OF_LISTS):
        return _of_lists(name, tensors, read)
    if name == "copy_":
        return 0.0, float(sum(a.bytes for a in given))  # the first is only written
    if name in ("zero_", "fill_", "random_", "uniform_", "normal_"):
        return 0.0, float(largest.bytes)
    if name == "index_select" and len(given) > 1:
        rows = prod(given[-1].shape) * prod(given[0].shape[1:]) * given[0].size
        return 0.0, 2.0 * rows
    if name in REDUCING or name.startswith("linalg_vector_norm"):
        return float(prod(largest.shape)), read
    made = prod(largest.shape)
    if "pool" in name and not name.endswith("backward"):
        window = plain[1] if len(plain) > 1 and isinstance(plain[1], list) else [1]
        outputs = made / max(1, prod(window))
        return float(made), read + outputs * (largest.size + 8 * ("indices" in name))
    return float(made), read + made * largest.size


def _of_lists(name: str, tensors: Sequence[Any], read: float) -> Counted:
    """An operation on all weights at once. The lists that it changes, all but the gradients, are written as well."""
    lists = [t for t in tensors if isinstance(t, list) and t and isinstance(t[0], Argument)]
    if not lists:
        return 0.0, read
    size = float(sum(a.bytes for a in lists[0]))
    large = [t for t in lists if sum(a.bytes for a in t) >= size]
    written = 1 if "fused" not in name else max(1, len(large) - 1)
    numbers = sum(prod(a.shape) for a in lists[0])
    return float(numbers * max(1, len(large))), read + written * size


def product(rows: int, inner: int, columns: int) -> float:
    """Operations of a product of matrices (rows, inner) and (inner, columns)."""
    return 2.0 * rows * inner * columns


def _matrices(first: int) -> Callable[[Sequence[Any], Plain], Counted]:
    """A product of the two arguments from `first` on; those before it are added."""

    def count(tensors: Sequence[Any], plain: Plain) -> Counted:
        a, b = tensors[first], tensors[first + 1]
        many = prod(a.shape[:-2])
        rows = a.shape[-2] if len(a.shape) > 1 else 1
        columns = b.shape[-1] if len(b.shape) > 1 else 1
        made = many * rows * columns
        added = sum(t.bytes for t in tensors[:first] if isinstance(t, Argument))
        return many * product(rows, a.shape[-1], columns), float(a.bytes + b.bytes + added + made * a.size)

    return count


def _convolution(tensors: Sequence[Any], plain: Plain) -> Counted:
    """Arguments: input, weight, bias, stride, padding, dilation, transposed, ...

    Each weight is used once at every place of the output, and of the input where it is transposed.
    """
    x, weight = tensors[0], tensors[1]
    kernel = weight.shape[2:]
    stride, padding, dilation = (_filled(plain, at, len(kernel), usual) for at, usual in ((3, 1), (4, 0), (5, 1)))
    transposed = bool(plain[6]) if len(plain) > 6 and plain[6] is not None else False
    if transposed:
        sides = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, k, s, p, d in zip(x.shape[2:], kernel, stride, padding, dilation)
        ]
        groups = int(plain[8]) if len(plain) > 8 and plain[8] else 1
        channels, places = weight.shape[1] * groups, prod(x.shape[2:])
    else:
        sides = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, p, d in zip(x.shape[2:], kernel, stride, padding, dilation)
        ]
        channels, places = weight.shape[0], prod(sides)
    made = x.shape[0] * channels * prod(sides) * x.size
    return 2.0 * x.shape[0] * places * prod(weight.shape), float(x.bytes + weight.bytes + made)


def _convolution_backward(tensors: Sequence[Any], plain: Plain) -> Counted:
    """Arguments: gradient of the output, input, weight, ..., transposed, ..., and which gradients are wanted."""
    gradient, x, weight = tensors[:3]
    transposed = bool(plain[7]) if len(plain) > 7 and plain[7] is not None else False
    wanted = plain[10] if len(plain) > 10 and isinstance(plain[10], list) else [True, True, True]
    places = prod((x if transposed else gradient).shape[2:])
    products = sum(map(bool, wanted[:2]))
    written = x.bytes * bool(wanted[0]) + weight.bytes * bool(wanted[1])
    read = products * gradient.bytes + weight.bytes * bool(wanted[0]) + x.bytes * bool(wanted[1])
    return 2.0 * products * x.shape[0] * places * prod(weight.shape), float(read + written)


def _attention(products: int, first: int) -> Callable[[Sequence[Any], Plain], Counted]:
    """Scaled products of queries (..., length, width) with keys and values, `products` of matrices in all."""

    def count(tensors: Sequence[Any], plain: Plain) -> Counted:
        q, k = tensors[first], tensors[first + 1]
        work = products * prod(q.shape[:-2]) * product(q.shape[-2], q.shape[-1], k.shape[-2])
        return work, float(sum(t.bytes for t in tensors if isinstance(t, Argument)) + q.bytes)

    return count


def _recurrent(times: int) -> Callable[[Sequence[Any], Plain], Counted]:
    """A whole recurrent layer: input (steps, examples, ...), then its weights, used at each step of each example."""

    def count(tensors: Sequence[Any], plain: Plain) -> Counted:
        x = tensors[0]
        weights = sum(prod(t.shape) for t in tensors[1:5] if isinstance(t, Argument) and len(t.shape) == 2)
        return times * 2.0 * prod(x.shape[:-1]) * weights, float(
            sum(t.bytes for t in tensors if isinstance(t, Argument))
        )

    return count


def _filled(plain: Plain, at: int, count: int, usual: int) -> list[int]:
    found = plain[at] if len(plain) > at and isinstance(plain[at], list) and plain[at] else [usual]
    return list(found) * count if len(found) == 1 else list(found)


# Operations whose time is that of all that they call, with what counts them.
PRODUCTS: dict[str, Callable[[Sequence[Any], Plain], Counted]] = {
    "mm": _matrices(0),
    "bmm": _matrices(0),
    "mv": _matrices(0),
    "addmm": _matrices(1),
    "baddbmm": _matrices(1),
    "convolution": _convolution,
    "convolution_backward": _convolution_backward,
    "_scaled_dot_product_flash_attention_for_cpu": _attention(2, 0),
    "_scaled_dot_product_flash_attention_for_cpu_backward": _attention(5, 1),
    "mkldnn_rnn_layer": _recurrent(1),
    "mkldnn_rnn_layer_backward": _recurrent(2),
}
