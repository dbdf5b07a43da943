"""Trace: the operations of a few steps, as torch's profiler saw them, each with its layer, its part of the step and its costs."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import nn

from deepglass.layers.residual import ResidualBlock
from deepglass.profiling.costs import BOOKKEEPING, PRODUCTS, Argument, counted, is_whole
from deepglass.profiling.phases import phases_of, wrapped
from deepglass.training.execution.native import maps
from deepglass.training.execution.row import ResidualLink, layers_in_a_row
from deepglass.training.execution.view import ChannelsLast
from deepglass.training.training import Training

PART, LAYER = "deepglass part: ", "deepglass layer: "  # how ranges are marked in the profiler's record
NATIVE = "deepglass native: "  # of what was compiled here, which the profiler knows nothing of
NO_LAYER = "-"  # of operations outside of all layers, such as the loss and the update
BACKWARD_SCOPE = 1  # of the profiler: what autograd runs
Key = tuple[str, str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Operation:
    """What one operation of torch costs in a step, all its calls with the same shapes in one layer together.

    Args: part: forward, backward, ... shapes: of what it is given. flops, bytes: of a step, as `seconds` and `calls` are.
    """

    layer: str
    part: str
    name: str
    shapes: tuple[str, ...]
    calls: float
    seconds: float
    flops: float
    bytes: float
    precision: str

    @property
    def intensity(self) -> float:
        """Floating point operations a byte."""
        return self.flops / self.bytes if self.bytes else 0.0

    @property
    def rate(self) -> float:
        """Floating point operations a second."""
        return self.flops / self.seconds if self.seconds else 0.0


class _Marks:
    """Marks the parts of a step in the profiler's record."""

    def __init__(self) -> None:
        self._open: list[Any] = []

    def begin(self, name: str) -> None:
        self._open.append(torch.profiler.record_function(PART + name))
        self._open[-1].__enter__()

    def end(self) -> None:
        self._open.pop().__exit__(None, None, None)


def trace(training: Training, take: Callable[[], int]) -> list[Operation]:
    """Take steps under the profiler and return their operations, the longest first.

    Args: take: takes the steps, and returns how many it took.
    """
    from torch.profiler import ProfilerActivity, profile

    activities = [ProfilerActivity.CPU]
    if training.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with phases_of(training, _Marks()), _layers_marked(training):
        for _ in range(2):  # the first does not count: the profiler's own beginnings are slow
            profiler = profile(activities=activities, record_shapes=True)
            with _silently():
                profiler.start()
            try:
                steps = take()
            finally:
                with _silently():
                    profiler.stop()
    plain = {e.id: e.concrete_inputs for e in profiler.events()}
    on_device = (
        {e.id: e.self_device_time_total * 1000 for e in profiler.events()} if training.device.type == "cuda" else None
    )
    assert profiler.profiler is not None and profiler.profiler.kineto_results is not None
    roots = profiler.profiler.kineto_results.experimental_event_tree()
    return _Reading(plain, on_device).operations(roots, steps)


@contextmanager
def _silently() -> Iterator[None]:
    """Keep what torch's profiler itself writes to standard error, by C++, from the reader's screen."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    sys.stderr.flush()
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _layers_marked(training: Training) -> Iterator[None]:
    """Mark what each layer runs, by methods of the objects themselves: hooks would change how the step is carried out."""
    with wrapped() as wrap:
        execution = training.execution
        names = {id(m): f"{n} {type(m).__name__}".strip() for n, m in training.network.named_modules()}
        if execution.chain is not None:
            for layer, link in zip(layers_in_a_row(training.network), execution.chain.links):
                inner = link.inner(layer) if isinstance(link, ResidualLink) and isinstance(layer, ResidualBlock) else ()
                for part, own in [(layer, link), *inner]:
                    for method in {"forward", "backward", "both_ways"} & set(dir(own)):
                        wrap(own, method, _marking(LAYER + names[id(part)]))
        if execution.kernels == "native":
            for method in ("positive_max", "to_positive_max", "normalized", "to_normalized"):
                wrap(maps(), method, partial(_native, method))
        for name, module in execution.module.named_modules():
            if type(module) is nn.Sequential or isinstance(module, torch.jit.ScriptModule):
                continue
            view = execution.view
            word = name.removeprefix("1.") if view is not None and view.channels_last else name
            word = "" if isinstance(module, ChannelsLast) else word
            wrap(module, "forward", _marking(LAYER + f"{word} {type(module).__name__}".strip()))
        yield


def _marking(label: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def change(method: Callable[..., Any]) -> Callable[..., Any]:
        def marked(*args: Any, **kwargs: Any) -> Any:
            with torch.profiler.record_function(label):
                return method(*args, **kwargs)

        return marked

    return change


def _native(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a native pass with the bytes that it reads and writes once, and the shape of what it works on."""

    def marked(*args: Any, **kwargs: Any) -> Any:
        given = [a for a in (*args, *kwargs.values()) if isinstance(a, torch.Tensor)]
        label = f"{NATIVE}{name} {'x'.join(map(str, given[0].shape))} {sum(map(_bytes, given)) + _bytes(given[0])}"
        with torch.profiler.record_function(label):
            return method(*args, **kwargs)

    return marked


def _bytes(x: torch.Tensor) -> int:
    return x.numel() * x.element_size()


class _Reading:
    """Reads the profiler's tree of events.

    Args: plain: arguments that are no tensors, by event. on_device: nanoseconds of an event's kernels, where a device has any.
    """

    def __init__(self, plain: Mapping[int, Any], on_device: Mapping[int, float] | None) -> None:
        self.plain, self.on_device = plain, on_device
        self.layer_of: dict[int, str] = {}  # by autograd's number of an operation on the way forward
        self.calls: dict[Key, list[tuple[float, float, float]]] = {}  # nanoseconds, operations, bytes
        self.precision: dict[Key, str] = {}

    def operations(self, roots: list[Any], steps: int) -> list[Operation]:
        for read in (self._number, self._count):  # backward may stand in another thread's tree, before forward
            for root in roots:
                read(root, "", NO_LAYER)
        found = []
        for key, calls in self.calls.items():
            layer, part, name, shapes = key
            each, flops, moved = (median(values) for values in zip(*calls))  # others on the machine delay single calls
            count = len(calls) / steps
            costs = (count, count * each / 1e9, count * flops, count * moved)
            found.append(Operation(layer, part, name, shapes, *costs, precision=self.precision[key]))
        return sorted(found, key=lambda o: -o.seconds)

    def _number(self, event: Any, part: str, layer: str) -> None:
        part, layer = _place(event, part, layer)
        number = getattr(event.extra_fields, "sequence_number", -1)
        if number >= 0 and layer != NO_LAYER and not _is_backward(event):
            self.layer_of[number] = layer
        for child in event.children:
            self._number(child, part, layer)

    def _count(self, event: Any, part: str, layer: str) -> None:
        part, layer = _place(event, part, layer)
        if _is_backward(event):
            part = "backward"
            layer = self.layer_of.get(event.extra_fields.sequence_number, layer)
        name = event.name.removeprefix("aten::")
        whole = is_whole(name)
        if event.name.startswith("aten::") and part and (whole or _works_alone(event, name)):
            self._add(event, name, part, layer)
        if event.name.startswith(NATIVE) and part:
            name, shape, moved = event.name.removeprefix(NATIVE).split()
            key = (layer, part, name, (shape,))
            self.calls.setdefault(key, []).append((self._nanoseconds(event), 0.0, float(moved)))
            self.precision[key] = "float32"  # in which its sums are taken
        if not whole:
            for child in event.children:
                self._count(child, part, layer)

    def _add(self, event: Any, name: str, part: str, layer: str) -> None:
        tensors = [_argument(i) for i in getattr(event.extra_fields, "inputs", [])]
        plain = self.plain.get(event.correlation_id) or []
        flops, moved = counted(name, tensors, plain)
        given = [a for t in tensors for a in (t if isinstance(t, list) else [t]) if isinstance(a, Argument)]
        key = (layer, part, name, tuple("x".join(map(str, a.shape)) or "1" for a in given[:4]))
        self.calls.setdefault(key, []).append((self._nanoseconds(event), flops, moved))
        low = any(a.dtype == "bfloat16" for a in given)
        self.precision[key] = "bfloat16" if low and name in PRODUCTS else "float32"

    def _nanoseconds(self, event: Any) -> float:
        if self.on_device is None:
            return float(event.duration_time_ns)
        own = self.on_device.get(event.correlation_id, 0.0)
        return own + sum(self._nanoseconds(child) for child in event.children)


def _works_alone(event: Any, name: str) -> bool:
    """Whether an operation does its work itself; else what it calls is counted in its place."""
    return name not in BOOKKEEPING and not any(map(_computes, event.children))


def _computes(event: Any) -> bool:
    """Whether an event, or one that it calls, computes or moves numbers."""
    if event.name.startswith("aten::") and event.name.removeprefix("aten::") not in BOOKKEEPING:
        return True
    return any(_computes(child) for child in event.children)


def _is_backward(event: Any) -> bool:
    scope = getattr(event.extra_fields, "scope", None)
    return scope is not None and int(scope) == BACKWARD_SCOPE


def _place(event: Any, part: str, layer: str) -> tuple[str, str]:
    if event.name.startswith(PART):
        return event.name.removeprefix(PART), NO_LAYER
    if event.name.startswith(LAYER):
        return part, event.name.removeprefix(LAYER)
    return part, layer


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(v) for v in value]
    if not hasattr(value, "sizes"):
        return None
    dtype = value.dtype
    return Argument(tuple(value.sizes), str(dtype).removeprefix("torch."), dtype.itemsize)
