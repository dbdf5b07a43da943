"""Operations: what a forward may do without a module, by the name of torch's function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from deepglass.by_hand.convolution import ConvolutionWith
from deepglass.by_hand.elementary import ELEMENTARY, Elementary
from deepglass.by_hand.joining import Join
from deepglass.by_hand.matrix_product import Contraction, MatrixProduct
from deepglass.by_hand.moving import Move
from deepglass.by_hand.reducing import Reduce
from deepglass.by_hand.rule import Rule
from deepglass.layers.attention import DotProductAttention


class Made(NamedTuple):
    """An operation or a module that does the same, and the tensors or numbers that it takes. `options`: keywords of the module."""

    what: Any
    takes: Sequence[Any]
    options: Mapping[str, Any] = {}


# Functions that put numbers elsewhere, pick them, repeat them, or leave them as they are.
MOVES = frozenset([
    "alias_copy", "broadcast_to", "cat", "chunk", "clone", "concat", "concatenate", "contiguous", "diagonal", "double",
    "expand", "expand_as", "flatten", "flip", "float", "gather", "getitem", "H", "index_select", "masked_fill", "mT",
    "movedim", "narrow", "nan_to_num", "pad", "permute", "ravel", "repeat", "repeat_interleave", "reshape", "reshape_as",
    "roll", "rot90", "select", "split", "split_with_sizes", "squeeze", "stack", "swapaxes", "swapdims", "T", "t",
    "take_along_dim", "tensor_split", "tile", "to", "transpose", "tril", "triu", "type_as", "unbind", "unflatten", "unfold",
    "unsqueeze", "view", "view_as", "where", "zero_pad", "dropout", "feature_dropout",
])  # fmt: skip
JOINS = {"add": "sum", "sub": "difference", "subtract": "difference", "mul": "product", "multiply": "product"}
JOINS |= {"div": "quotient", "divide": "quotient", "true_divide": "quotient"}
REDUCTIONS = {"sum": "total", "mean": "mean", "amax": "largest"}
NEW = ("new_", "zeros", "ones", "empty", "full", "rand", "detach")  # what is made anew, or cut off, gets no slope


def is_new(name: str) -> bool:
    """Whether a function makes a tensor that owes its numbers to nothing trained."""
    return name.startswith(NEW)


def _join(name: str, a: Any, b: Any, *rest: Any, **options: Any) -> Made | None:
    return None if rest or options else Made(Join(name), (a, b))


def _turned(name: str, a: Any, b: Any) -> Made:
    return Made(Join(name), (b, a))


def _reduced(name: str, x: Tensor, dim: Any = None, keepdim: bool = False, **options: Any) -> Made | None:
    dims = (dim,) if isinstance(dim, int) else None if dim is None or not len(dim) else tuple(dim)
    return None if options.get("dtype") not in (None, x.dtype) else Made(Reduce(name, dims, keepdim), (x,))


def _largest(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Made | None:
    return None if isinstance(dim, Tensor) else _reduced("largest", x, dim, keepdim)


def _contraction(equation: Any, *values: Any) -> Made | None:
    plain = isinstance(equation, str) and len(values) == 2 and "->" in equation and "." not in equation
    return Made(Contraction(equation), values) if plain else None


def _power(x: Tensor, exponent: Any) -> Made | None:
    return Made(Elementary("power", exponent), (x,)) if isinstance(exponent, int | float) else None


def _softmax(make: type[nn.Module], x: Tensor, dim: int, *rest: Any, **options: Any) -> Made:
    return Made(make(dim=dim % x.ndim), (x,))


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Made | None:
    if not _trained(weight, bias):
        return Made(MatrixProduct(turned=True), (x, weight) if bias is None else (x, weight, bias))
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    return Made(_holding(layer, weight, bias), (x,))


def _convolution(make: Any, x: Tensor, weight: Tensor, bias: Tensor | None = None, *rest: Any, **o: Any) -> Any:
    settings = {**dict(zip(("stride", "padding", "dilation", "groups"), rest)), **o}
    seen = weight.shape[1] * settings.get("groups", 1)
    plain = {name: v if isinstance(v, int | str) else tuple(v) for name, v in settings.items()}
    layer = make(seen, weight.shape[0], tuple(weight.shape[2:]), bias=bias is not None, **plain)
    if _trained(weight, bias):
        return Made(_holding(layer, weight, bias), (x,))
    return Made(Convolve(layer), (x, weight) if bias is None else (x, weight, bias))


def _layer_norm(
    x: Tensor, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *rest: Any
) -> Made | None:
    if (weight is None) != (bias is None) or (weight is not None and not _trained(weight, bias)):
        return None
    layer = nn.LayerNorm(tuple(shape), eps=eps, elementwise_affine=weight is not None)
    return Made(layer if weight is None else _holding(layer, weight, bias), (x,))


def _attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, **options: Any,
) -> Made | None:  # fmt: skip
    if options.get("enable_gqa"):
        return None
    return Made(DotProductAttention(scale=scale), (query, key, value), {"mask": attn_mask, "causal": is_causal})


def _trained(weight: Any, bias: Any) -> bool:
    return isinstance(weight, nn.Parameter) and (bias is None or isinstance(bias, nn.Parameter))


def _holding(layer: nn.Module, weight: Tensor, bias: Tensor | None) -> nn.Module:
    layer.weight = weight
    if bias is not None:
        layer.bias = bias
    return layer


@dataclass(frozen=True)
class Convolve:
    """A convolution with a kernel that is no parameter. Args: layer: with the settings, whose own weights are not used."""

    layer: nn.Module
    name: str = "convolution"
    rule: ClassVar[type[Rule]] = ConvolutionWith

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layer, name)


Maker = Callable[..., Made | None]
# torch's function -> what it is by hand, from the arguments of its call; None where the call asks for more than is known.
OPERATIONS: dict[str, Maker] = {
    **{name: (lambda *a, join=join, **o: _join(join, *a, **o)) for name, join in JOINS.items()},
    "rsub": lambda a, b: _turned("difference", a, b),
    "rdiv": lambda a, b: _turned("quotient", a, b),
    **{name: (lambda *a, kind=kind, **o: _reduced(kind, *a, **o)) for name, kind in REDUCTIONS.items()},
    "max": _largest,
    **{name: (lambda x, name=name: Made(Elementary(name), (x,))) for name in ELEMENTARY},
    "neg": lambda x: Made(Elementary("minus"), (x,)),
    "pow": _power,
    "square": lambda x: Made(Elementary("power", 2), (x,)),
    "matmul": lambda a, b: Made(MatrixProduct(), (a, b)),
    "einsum": _contraction,
    "bmm": lambda a, b: Made(MatrixProduct(), (a, b)),
    "mm": lambda a, b: Made(MatrixProduct(), (a, b)),
    "relu": lambda x, *_, **__: Made(nn.ReLU(), (x,)),
    "sigmoid": lambda x: Made(nn.Sigmoid(), (x,)),
    "tanh": lambda x: Made(nn.Tanh(), (x,)),
    "gelu": lambda x, approximate="none": Made(nn.GELU(approximate), (x,)),
    "silu": lambda x, *_, **__: Made(nn.SiLU(), (x,)),
    "elu": lambda x, alpha=1.0, *_, **__: Made(nn.ELU(alpha), (x,)),
    "leaky_relu": lambda x, slope=0.01, *_, **o: Made(nn.LeakyReLU(o.get("negative_slope", slope)), (x,)),
    "softplus": lambda x, beta=1.0, threshold=20.0: Made(nn.Softplus(beta, threshold), (x,)),
    "hardtanh": lambda x, low=-1.0, high=1.0, *_, **o: Made(nn.Hardtanh(o.get("min_val", low), o.get("max_val", high)), (x,)),
    "softmax": lambda *a, **o: _softmax(nn.Softmax, *a, **o),
    "log_softmax": lambda *a, **o: _softmax(nn.LogSoftmax, *a, **o),
    "linear": _linear,
    "conv1d": lambda *a, **o: _convolution(nn.Conv1d, *a, **o),
    "conv2d": lambda *a, **o: _convolution(nn.Conv2d, *a, **o),
    "conv3d": lambda *a, **o: _convolution(nn.Conv3d, *a, **o),
    "max_pool1d": lambda x, *a, **o: Made(nn.MaxPool1d(*a, **o), (x,)),
    "max_pool2d": lambda x, *a, **o: Made(nn.MaxPool2d(*a, **o), (x,)),
    "avg_pool1d": lambda x, *a, **o: Made(nn.AvgPool1d(*a, **o), (x,)),
    "avg_pool2d": lambda x, *a, **o: Made(nn.AvgPool2d(*a, **o), (x,)),
    "layer_norm": _layer_norm,
    "local_response_norm": lambda x, *a, **o: Made(nn.LocalResponseNorm(*a, **o), (x,)),
    "scaled_dot_product_attention": _attention,
}  # fmt: skip


def plain_name(function: Any) -> str:
    """How a function is called: add for +, += and torch.add alike."""
    name = str(getattr(function, "__name__", function))
    if name == "__get__":  # a property, such as x.T
        name = str(function.__self__.__name__)
    stripped = name.strip("_")
    return stripped[1:] if name.startswith("__i") and stripped[1:] in {*OPERATIONS, "truediv"} else stripped


def operation(name: str, args: Sequence[Any], options: Mapping[str, Any]) -> Made | None:
    """What the call of a function is by hand; None where it is not known."""
    if name not in OPERATIONS:
        return None
    try:
        return OPERATIONS[name](*args, **{n: v for n, v in options.items() if n not in ("out", "inplace")})
    except TypeError:  # arguments of which nothing is known here
        return None


def move(name: str, function: Callable[..., Any], args: Any, options: Any, which: int | None) -> Made:
    """A call that puts numbers elsewhere. Args: which: of the tensors that it gives."""
    takes: list[Tensor] = []

    def holes(value: Any) -> Any:
        if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
            return type(value)(map(holes, value)) if type(value) in (list, tuple) else value
        if isinstance(value, Tensor) and value.is_floating_point():
            takes.append(value)
            return Hole(len(takes) - 1)
        return value

    shape, keywords = holes(tuple(args)), {n: holes(v) for n, v in options.items()}

    def run(given: Sequence[Tensor]) -> Tensor:
        gave = function(*_put(shape, given), **{n: _put(v, given) for n, v in keywords.items()})
        found: Tensor = gave if which is None else gave[which]
        return found

    return Made(Move(name, run), takes)


class Hole(NamedTuple):
    """Where a tensor stood in the arguments of a call."""

    number: int


def _put(value: Any, given: Sequence[Tensor]) -> Any:
    if isinstance(value, Hole):
        return given[value.number]
    return type(value)(_put(v, given) for v in value) if type(value) in (list, tuple) else value
