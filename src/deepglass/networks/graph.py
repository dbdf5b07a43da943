"""Graph: the computation of a network, or of a loss, as boxes and arrows: what goes into what, and with which shape."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deepglass.errors import SettingError
from deepglass.layers.recurrent_steps import StepByStep
from deepglass.names import find
from deepglass.networks.build import build
from deepglass.networks.call import call
from deepglass.networks.dry_run import dry_run
from deepglass.networks.sizes import Sizes, sizes
from deepglass.plurals import counted

RECURRENT = (nn.RNNBase, StepByStep)
WHOLE = (nn.MultiheadAttention, *RECURRENT)  # drawn as one box, whatever is inside
# Functions that hand on the same numbers, or some of them, by their names without underscores: no box of their own.
HANDING = frozenset(
    (
        *(
            "view",
            "reshape",
            "contiguous",
            "clone",
            "detach",
            "to",
            "float",
            "double",
            "unsqueeze",
            "squeeze",
            "expand",
        ),
        *("getitem", "flatten", "transpose", "permute", "chunk", "split", "unbind", "get"),
    )
)
# A loss as its steps, from outputs and what is true; both of one shape, but for classes, (batch,) codes.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": lambda y, true: (y - true).square().mean(),
    "mae": lambda y, true: (y - true).abs().mean(),
    "cross_entropy": lambda y, true: y.log_softmax(1).gather(1, true[:, None]).mean().neg(),
    "binary_cross_entropy": lambda y, true: (nn.functional.softplus(y) - true * y).mean(),
}


@dataclass(frozen=True)
class Node:
    """One box.

    Args:
        kind: the class of a layer; or "input", "function" between layers, or "loss", a step of it.
        parents: places in the graph. shape: of what leaves it, for one example. counted: whether it is a layer with weights.
    """

    name: str
    kind: str
    parents: tuple[int, ...]
    shape: tuple[int, ...]
    parameters: int = 0
    counted: bool = False
    recurrent: bool = False


@dataclass(frozen=True)
class Graph:
    """Boxes in the order in which they are computed; each stands behind its parents."""

    nodes: tuple[Node, ...]

    @property
    def depths(self) -> list[int]:
        """How many layers with weights lie on the longest way to each box, itself included."""
        found: list[int] = []
        for node in self.nodes:
            found.append(max((found[p] for p in node.parents), default=0) + node.counted)
        return found

    @property
    def weight_layers(self) -> int:
        """Layers with weights on the longest way through the network; the input is none, and norms are not counted."""
        return max(self.depths, default=0)

    @property
    def hidden_layers(self) -> int:
        return max(0, self.weight_layers - 1)

    @property
    def recurrent(self) -> list[str]:
        """The layers that feed themselves from step to step."""
        return [node.name for node in self.nodes if node.recurrent]

    @property
    def branches(self) -> int:
        """Boxes where several ways meet."""
        return sum(len(set(node.parents)) > 1 and node.kind != "loss" for node in self.nodes)

    def __str__(self) -> str:
        """What kind of network it is, in a sentence for each way of counting."""
        names, hidden = ", ".join(self.recurrent), self.hidden_layers
        return "; ".join(
            [
                {0: "no hidden layer", 1: "shallow: 1 hidden layer"}.get(hidden, f"deep: {hidden} hidden layers"),
                f"{counted(self.weight_layers, 'layer')} with weights on the longest way (the input is not counted)",
                f"recurrent, with cycles: {names}" if names else f"feed-forward: no cycles{self._as_dense()}",
                *([f"{self.branches} places where ways meet"] if self.branches > 1 else []),
            ]
        )

    def _as_dense(self) -> str:
        dense = all(node.kind == "Linear" for node in self.nodes if node.counted)
        return (
            ", all layers dense (a multilayer perceptron)" if dense and self.hidden_layers and not self.branches else ""
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        sums = {"hidden_layers": self.hidden_layers, "weight_layers": self.weight_layers, "recurrent": self.recurrent}
        nodes = [
            {"name": n.name, "kind": n.kind, "parents": list(n.parents), "shape": list(n.shape)} for n in self.nodes
        ]
        return {**sums, "nodes": nodes}


def graph(network: Any, data: Any = None, *, inputs: Any = None, loss: str | None = None) -> Graph:
    """Follow one example through a network and note what goes into what. The network stays as it is.

    Layers are boxes, and so are the functions between them, such as a residual sum; what only changes a shape is left out.
    Args:
        network: an nn.Module, or whatever `build` takes. data, inputs: as of `summary`.
        loss: one of LOSSES, whose steps are drawn behind the network.
    Raises: SettingError; UnknownName, for no loss that is known by its steps; ShapeError.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.1.

    >>> graph(nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1)), inputs=(4,)).hidden_layers
    1
    """
    size = sizes(data, inputs)
    if not isinstance(network, nn.Module):
        with torch.device("meta"):
            network = build(network, data, inputs=inputs)
    if not size.shapes:
        raise SettingError("A graph follows an example: pass a dataset, or inputs=(1, 28, 28).")
    steps = None if loss is None else find("loss with steps to draw", loss, LOSSES)
    return dry_run(network, lambda copy, device: _followed(copy, size, device, steps), example=size.numbers)


def _followed(network: nn.Module, size: Sizes, device: str, loss: Callable[[Tensor, Tensor], Tensor] | None) -> Graph:
    inputs = size.zeros(device)
    recorder = _Recorder()
    for name, x in inputs.items():
        recorder.note(name, "input", (), x)
    with ExitStack() as hooks:
        for name, module in network.named_modules():
            if not next(module.children(), None) or isinstance(module, WHOLE):
                before = module.register_forward_pre_hook(lambda m, given: recorder.enter())
                after = module.register_forward_hook(
                    lambda m, given, words, output, name=name: recorder.leave(
                        name or "network", m, (given, words), output
                    ),
                    with_kwargs=True,
                )
                hooks.callback(before.remove)
                hooks.callback(after.remove)
        with recorder:
            output = call(network, inputs)
        if loss is not None:
            first = next(iter(_tensors(output)))
            codes = loss is LOSSES["cross_entropy"]
            true = first.new_zeros(len(first), dtype=torch.int64) if codes else torch.zeros_like(first)
            recorder.note("target", "input", (), true)
            recorder.kind = "loss"
            with recorder:
                loss(first, true)
    return Graph(tuple(recorder.nodes))


class _Recorder(TorchFunctionMode):
    """Notes each layer and each function outside of layers. `inside` counts the layers that are being called."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.inside = 0
        self.kind = "function"  # of what is noted between the layers
        self.owners: dict[int, tuple[Tensor, int]] = {}  # with the tensor, so that no other takes its id

    def note(self, name: str, kind: str, parents: tuple[int, ...], output: Any, **facts: Any) -> None:
        tensors = list(_tensors(output))
        shape = tuple(tensors[0].shape[1:]) if tensors else ()
        self.nodes.append(Node(name, kind, parents, shape, **facts))
        for tensor in tensors:
            self.owners[id(tensor)] = (tensor, len(self.nodes) - 1)

    def parents(self, given: Any) -> tuple[int, ...]:
        places = [self.owners[id(x)][1] for x in _tensors(given) if id(x) in self.owners]
        return tuple(dict.fromkeys(places))

    def enter(self) -> None:
        self.inside += 1

    def leave(self, name: str, module: nn.Module, given: Any, output: Any) -> None:
        self.inside -= 1
        if self.inside:
            return
        own = list(module.parameters())
        facts = {
            "parameters": sum(p.numel() for p in own),
            "counted": any(p.ndim > 1 for p in own),
            "recurrent": isinstance(module, RECURRENT),
        }
        self.note(name, type(module).__name__, self.parents(given), output, **facts)

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "").strip("_")
        parents = () if self.inside else self.parents((args, kwargs or {}))
        if not parents or name.startswith("new_") or name.endswith("_like"):
            return output
        if name in HANDING:
            for tensor in _tensors(output):
                self.owners[id(tensor)] = (tensor, parents[0])
        elif any(x.is_floating_point() for x in _tensors(output)):  # masks and lengths only tell where
            self.note(name, self.kind, parents, output)
        return output


def _tensors(given: Any) -> Any:
    """All tensors in what a layer takes or gives."""
    if isinstance(given, Tensor):
        yield given
    elif isinstance(given, tuple | list):
        for one in given:
            yield from _tensors(one)
    elif isinstance(given, dict):
        for one in given.values():
            yield from _tensors(one)
