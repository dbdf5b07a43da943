"""Receptive field: how much of the input one number of a map sees."""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deepglass.layers import Maxout, PaddedShortcut, ResponseNorm, ScaledTanh
from deepglass.networks.windows import windows_of

# (pixels seen, pixels between the centres of neighbours), for each axis of the map.
Field = tuple[tuple[int, int], ...]

POINTWISE_FILES = ("activation", "batchnorm", "dropout", "padding")  # of torch.nn.modules: every pixel by itself
# Functions that make each number of those at its place, by their names without underscores.
POINTWISE = frozenset(
    (
        *(
            "add",
            "iadd",
            "radd",
            "sub",
            "isub",
            "rsub",
            "mul",
            "imul",
            "rmul",
            "div",
            "truediv",
            "neg",
            "maximum",
            "minimum",
        ),
        *("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "tanh", "hardtanh", "dropout"),
        *("clone", "contiguous", "to", "float"),
    )
)
JOINING = frozenset(("cat", "concat", "concatenate"))


class ReceptiveFields(TorchFunctionMode):
    """Follow the receptive field from tensor to tensor, as far as layers hand them on.

    Where branches meet again, in a sum or side by side as channels, the field is that of the branch which sees most. As a
    context, it also sees the functions between the layers.
    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
    """

    def __init__(self, inputs: Iterable[Tensor]) -> None:
        super().__init__()
        self._fields: dict[int, tuple[Tensor, Field]] = {}  # with the tensor, so that no other takes its id
        for x in inputs:
            self._fields[id(x)] = (x, ((1, 1),) * (x.ndim - 2))

    def after(self, layer: nn.Module, arguments: tuple[Any, ...], output: Any) -> int | tuple[int, ...] | None:
        """Return the side of what one output sees, in pixels of the input; None where it is no square or unknown."""
        known = self._fields.get(id(arguments[0])) if arguments else None
        if known is None or not isinstance(output, Tensor) or output.ndim < 3:
            return None
        field = _through(layer, known[1])
        if field is None or output.ndim != known[0].ndim:
            return None
        self._fields[id(output)] = (output, field)
        sides = tuple(side for side, _ in field)
        return sides[0] if len(set(sides)) == 1 else sides

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "").strip("_")
        if isinstance(output, Tensor) and output.ndim >= 3:
            if name in POINTWISE:
                self._meet([a for a in args if isinstance(a, Tensor)], output)
            elif name in JOINING and (args[1] if len(args) > 1 else (kwargs or {}).get("dim", 0)) == 1:
                self._meet(list(args[0]), output)
        return output

    def _meet(self, tensors: list[Tensor], output: Tensor) -> None:
        """Note the field of what was made of several maps; tensors of fewer axes, such as biases, see nothing."""
        maps = [x for x in tensors if x.ndim == output.ndim]
        fields = [self._fields[id(x)][1] for x in maps if id(x) in self._fields]
        if maps and len(fields) == len(maps):
            joined = tuple((max(side for side, _ in axis), max(jump for _, jump in axis)) for axis in zip(*fields))
            self._fields[id(output)] = (output, joined)


def _through(layer: nn.Module, field: Field) -> Field | None:
    if isinstance(layer, PaddedShortcut):
        return tuple((side, jump * layer.stride) for side, jump in field)
    windows = windows_of(layer, len(field))
    if windows is not None:
        return tuple((side + (w.reach - 1) * jump, jump * w.stride) for (side, jump), w in zip(field, windows))
    file = type(layer).__module__
    if isinstance(layer, nn.Identity | Maxout | ResponseNorm | ScaledTanh):
        return field
    pointwise = file.startswith("torch.nn.modules.") and file.rpartition(".")[2] in POINTWISE_FILES
    return field if pointwise and not isinstance(layer, nn.MultiheadAttention) else None
