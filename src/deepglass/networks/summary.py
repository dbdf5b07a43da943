"""Summary: what each layer of a network makes of an example, and what it costs."""

from dataclasses import dataclass
from html import escape
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import DeepglassError, SettingError, ShapeError, TrainingError
from deepglass.memory import ran_out
from deepglass.networks.build import build
from deepglass.networks.call import call, check_call
from deepglass.networks.cost import multiply_adds
from deepglass.networks.dry_run import dry_run
from deepglass.networks.front import front_of, transform_of
from deepglass.networks.receptive_field import ReceptiveFields
from deepglass.networks.sizes import Sizes, sizes
from deepglass.networks.windows import check_fit, size_rule

OPAQUE = (nn.MultiheadAttention,)  # its forward does not call its children, it reads their weights


@dataclass(frozen=True)
class Layer:
    """One call of one layer. `output_shape` is without the batch axis, None when forward does not call the layer."""

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int  # those not counted at an earlier layer
    multiply_adds: int  # for one example
    receptive_field: int | tuple[int, ...] | None  # side in pixels of the input that one output sees, where known
    rule: str = ""  # of a convolution or pooling: its kernels, and how its size follows from what arrives


@dataclass(frozen=True)
class Summary:
    """A network layer by layer, and its sums."""

    layers: tuple[Layer, ...]
    parameters: int
    trainable: int  # parameters that are not frozen
    multiply_adds: int  # for one example, of linear, convolution, norm, recurrent and attention layers
    output_shape: Any  # of one example; a tuple or dict of shapes when the network gives several tensors
    bytes: int  # of the parameters and buffers
    front: str = ""  # what makes images of signals, with its rate, windows and bands

    @property
    def last(self) -> Layer | None:
        """Return the last layer that forward calls: its kind tells logits from probabilities."""
        return next((layer for layer in reversed(self.layers) if layer.output_shape is not None), None)

    @property
    def largest(self) -> int:
        """Return how many numbers the largest layer makes of an example."""
        return max((prod(layer.output_shape) for layer in self.layers if layer.output_shape is not None), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        layers = [
            {
                "name": layer.name,
                "kind": layer.kind,
                "output_shape": None if layer.output_shape is None else list(layer.output_shape),
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
                "receptive_field": layer.receptive_field,
                "rule": layer.rule,
            }
            for layer in self.layers
        ]
        sums = {"parameters": self.parameters, "trainable": self.trainable, "multiply_adds": self.multiply_adds}
        return {**sums, "bytes": self.bytes, "layers": layers}

    def sizes(self) -> str:
        """Say of each convolution and pooling how the size of its map follows from what arrives."""
        named = {layer.name: layer.rule for layer in self.layers if layer.rule}
        width = max(map(len, named), default=0)
        return "\n".join(f"{name:<{width}}  {rule}" for name, rule in named.items()) or "No convolution, no pooling."

    def __str__(self) -> str:
        rows = [HEADINGS, *map(_row, self.layers)]
        sizes = [max(map(len, column)) for column in zip(*rows)]
        lines = []
        for row in rows:
            cells = [c.ljust(s) if k < WORDS else c.rjust(s) for k, (c, s) in enumerate(zip(row, sizes))]
            lines.append("  ".join(cells).rstrip())
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], "", self._sums()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(h)}</th>" for h in HEADINGS)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in _row(y)) + "</tr>" for y in self.layers)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(self._sums())}</p>"

    def _sums(self) -> str:
        return (
            f"{self.parameters:,} parameters ({self.trainable:,} trainable, {self.bytes:,} bytes), "
            f"{self.multiply_adds:,} multiply-adds for an example"
        ) + (f"\nfront: {self.front}" if self.front else "")


HEADINGS = ("layer", "kind", "output shape", "parameters", "multiply-adds", "sees")
WORDS = 3  # columns of words, at the left


def _row(layer: Layer) -> tuple[str, ...]:
    shape = "not called" if layer.output_shape is None else _times(layer.output_shape)
    field = layer.receptive_field
    sees = "" if field is None else _times(field) if isinstance(field, tuple) else str(field)
    return (layer.name, layer.kind, shape, f"{layer.parameters:,}", f"{layer.multiply_adds:,}", sees)


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "one number"


def summary(network: Any, data: Any = None, *, inputs: Any = None) -> Summary:
    """Follow one example through a network, without computing its numbers.

    Functions such as `F.relu` inside a forward are no layers and do not appear. The network stays as it is.
    Args:
        network: an nn.Module, or whatever `build` takes.
        data: anything with `input_shapes`, such as a Dataset.
        inputs: instead of data, the shape of one example without batch axis, or a dict of them by name.
    Raises: ShapeError, when the inputs do not fit; TrainingError, when memory runs out.

    >>> summary(nn.Linear(4, 3), inputs=(4,)).parameters
    15
    """
    size = sizes(data, inputs)
    if not isinstance(network, nn.Module):
        with torch.device("meta"):
            network = build(network, data, inputs=inputs)
    if not size.shapes:
        raise SettingError("A summary follows an example: pass a dataset, or inputs=(1, 28, 28).")
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in network.parameters()):
        raise ShapeError("The network has lazy layers without a size. Call it once on an example, then ask again.")
    check_call(network, list(size.shapes))
    try:
        return dry_run(network, lambda copy, device: _traced(copy, size, device), example=size.numbers)
    except DeepglassError:
        raise
    except (RuntimeError, ValueError, IndexError, MemoryError) as error:
        shapes = ", ".join(f"{name} {shape}" for name, shape in size.shapes.items())
        if ran_out(error):
            raise TrainingError(
                f"Memory ran out while {type(network).__name__} was given one example of {shapes}. Give it more memory, or use a "
                "smaller network or smaller inputs."
            ) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        notes = getattr(error, "__notes__", ()) if next(network.children(), None) is not None else ()
        where = "".join(f" It is {note}." for note in notes[:1])
        raise ShapeError(f"{type(network).__name__} does not fit an example of {shapes}: {reason}.{where}") from error


def calculator(name: Any, shape: tuple[int, ...], outputs: int, **options: Any) -> Summary:
    """Count a network of any size at once, without making its weights.

    >>> calculator("mlp", (1, 28, 28), 10, hidden=[1000]).parameters
    795010
    """
    with torch.device("meta"):
        network = build(name, inputs=shape, outputs=outputs, **options)
    return summary(network, inputs=shape)


def _traced(network: nn.Module, size: Sizes, device: str) -> Summary:
    """Run a copy that nobody else holds and note each layer as it is called."""
    layers: list[Layer] = []
    counted: set[int] = set()  # ids of the parameters that stand in a row already
    entered: list[str] = []  # the layers that are being called, as words for a message
    inputs = size.zeros(device)
    fields = ReceptiveFields(inputs.values())

    def enter(module: nn.Module, arguments: tuple[Any, ...], name: str) -> None:
        arriving = _first_tensor(arguments)
        shape = () if arriving is None else tuple(arriving.shape[1:])
        check_fit(name, module, shape)
        entered.append(f"layer {name} ({type(module).__name__}), where {_times(shape)} arrives")

    def note(module: nn.Module, arguments: tuple[Any, ...], output: Any, name: str) -> None:
        entered.pop()
        arriving, first = _first_tensor(arguments), _first_tensor(output)
        shapes = [() if x is None else tuple(x.shape[1:]) for x in (arriving, first)]
        layers.append(
            Layer(
                name=name,
                kind=type(module).__name__,
                output_shape=shapes[1],
                parameters=_count_new(module, counted),
                multiply_adds=multiply_adds(module, arguments, output),
                receptive_field=fields.after(module, arguments, output),
                rule=size_rule(module, *shapes),
            )
        )

    rows = {name or "network": module for name, module in network.named_modules() if _is_row(name, module, network)}
    for name, module in rows.items():
        module.register_forward_pre_hook(
            lambda m, places, words, name=name: enter(m, (*places, *words.values()), name), with_kwargs=True
        )
        module.register_forward_hook(
            lambda m, places, words, output, name=name: note(m, (*places, *words.values()), output, name),
            with_kwargs=True,
        )
    try:
        with fields:
            output = call(network, inputs)
    except Exception as error:
        if entered and not isinstance(error, DeepglassError):
            error.add_note(entered[-1])
        raise
    for name, module in rows.items():
        missed = _count_new(module, counted)
        if missed:
            layers.append(Layer(name, type(module).__name__, None, missed, 0, None))
    parameters, front = list(network.parameters()), front_of(network)
    return Summary(
        layers=tuple(layers),
        parameters=sum(p.numel() for p in parameters),
        trainable=sum(p.numel() for p in parameters if p.requires_grad),
        multiply_adds=sum(layer.multiply_adds for layer in layers),
        output_shape=_shapes(output),
        bytes=sum(t.numel() * t.element_size() for t in [*parameters, *network.buffers()]),
        front="" if front is None else str(transform_of(front)),
    )


def _is_row(name: str, module: nn.Module, network: nn.Module) -> bool:
    inside = name.rpartition(".")[0]
    while inside:
        if isinstance(network.get_submodule(inside), OPAQUE):
            return False
        inside = inside.rpartition(".")[0]
    own = next(module.parameters(recurse=False), None) is not None
    return own or isinstance(module, OPAQUE) or next(module.children(), None) is None


def _count_new(module: nn.Module, counted: set[int]) -> int:
    new = [p for p in module.parameters(recurse=isinstance(module, OPAQUE)) if id(p) not in counted]
    counted.update(map(id, new))
    return sum(p.numel() for p in new)


def _first_tensor(output: Any) -> Tensor | None:
    while isinstance(output, tuple | list | dict) and output:
        output = next(iter(output.values())) if isinstance(output, dict) else output[0]
    return output if isinstance(output, Tensor) else None


def _shapes(output: Any) -> Any:
    if isinstance(output, Tensor):
        return tuple(output.shape[1:])
    if isinstance(output, dict):
        return {name: _shapes(value) for name, value in output.items()}
    return tuple(_shapes(value) for value in output) if isinstance(output, tuple | list) else None
