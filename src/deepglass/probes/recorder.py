"""Recorder: hears every layer of a network for as long as a block lasts, then leaves nothing behind."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from deepglass.probes.activations import ACTIVATIONS, FUNCTIONS, first_tensor, steepness, unit_axis
from deepglass.probes.layers import Part, modules_of
from deepglass.probes.outputs import Outputs


class Recorder:
    """What the layers of a network give in the calls that are made while it listens.

    Args:
        parts: the layers, by module.
        originals: the true buffers by the id of those in use, as `aside` yields them.
        rows: what gradients of a mean over so many rows are multiplied by.
    """

    def __init__(self, network: nn.Module, parts: Mapping[nn.Module, Part], originals: Mapping[int, Tensor]) -> None:
        self.network, self.parts, self.originals = network, parts, originals
        self.heard: dict[str, Outputs] = {}  # by layer, in the order of first calls
        self.normalization: dict[str, list[dict[str, Tensor]]] = {}
        self.rows = 1
        self._names = modules_of(network)
        self._taken = set(self._names.values())
        self._inside: list[tuple[nn.Module, dict[str, int]]] = []  # modules being called, functions counted in each
        self._last: tuple[int, int] | None = None  # number of axes and axis of the units of the layer before

    @contextmanager
    def listening(self, rows: int) -> Iterator[None]:
        """Hear the calls of a block. Args: rows: how many rows its loss is the mean of."""
        self.rows = rows
        handles: list[RemovableHandle] = []
        try:
            for module in self._names:
                handles.append(module.register_forward_pre_hook(self._enter))
                handles.append(module.register_forward_hook(self._leave, always_call=True))
            with _Functions(self):
                yield
        finally:
            for handle in handles:
                handle.remove()
            self._inside.clear()

    def _enter(self, module: nn.Module, arguments: Any) -> None:
        self._inside.append((module, {}))

    def _leave(self, module: nn.Module, arguments: Any, output: Any) -> None:
        while self._inside and self._inside.pop()[0] is not module:
            pass
        part = self.parts.get(module)
        if part is None or output is None:
            return
        y = first_tensor(output)
        if y is not None:
            with torch._C.DisableTorchFunction():
                kind = type(module).__name__
                self._hear(part.name, kind, module, y)
                if isinstance(module, nn.modules.batchnorm._NormBase):
                    self._compare_statistics(part.name, module, first_tensor(arguments))

    def call_of(self, function: str, y: Any) -> None:
        """Hear a function such as "relu", called by a module's own forward."""
        if not self._inside or not isinstance(y, Tensor):
            return
        module, counted = self._inside[-1]
        if type(module).__name__ in ACTIVATIONS:
            return
        prefix = self._names[module]
        name = f"{prefix}.{function}" if prefix else function
        counted[function] = counted.get(function, name in self._taken) + 1
        self._hear(name if counted[function] == 1 else f"{name}_{counted[function]}", FUNCTIONS[function], None, y)

    def _hear(self, name: str, kind: str, module: nn.Module | None, y: Tensor) -> None:
        if y.ndim == 0:
            return
        flat = y.detach() if y.ndim > 1 else y.detach()[:, None]
        axis = unit_axis(module, flat, self._last)
        self._last = (flat.ndim, axis)
        with torch.no_grad():
            outputs = self.heard.get(name)
            if outputs is None:
                outputs = self.heard[name] = Outputs(kind, tuple(y.shape[1:]), flat.shape[axis])
            outputs.add(flat, axis, steepness(kind, flat, module))
        if y.requires_grad and torch.is_grad_enabled():
            y.register_hook(partial(_note_gradient, outputs.backward, self.rows))

    @torch.no_grad()
    def _compare_statistics(self, name: str, module: Any, x: Tensor | None) -> None:
        if module.running_mean is None or x is None or x.ndim < 2:
            return
        mean, variance = (self.originals.get(id(b), b) for b in (module.running_mean, module.running_var))
        over = tuple(a for a in range(x.ndim) if a != 1)
        x = x.detach().float()
        middle = x.mean(over, keepdim=True)  # and not var_mean, which takes three times as long over images
        batch_variance = torch.linalg.vector_norm(x - middle, dim=over).square() / (x.numel() // x.shape[1])
        batch_mean = middle.flatten()
        tiny = module.eps
        self.normalization.setdefault(name, []).append(
            {
                "norm_mean_gap": ((mean - batch_mean).abs() / (batch_variance + tiny).sqrt()).mean(),
                "norm_variance_gap": ((variance + tiny) / (batch_variance + tiny)).log().abs().mean(),
            }
        )


class _Functions(TorchFunctionMode):
    """Lets the recorder hear torch's functions."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(self, function: Any, types: Any, arguments: Any = (), keywords: Any = None) -> Any:
        result = function(*arguments, **(keywords or {}))
        name = getattr(function, "__name__", "").rstrip("_")
        if name in FUNCTIONS:
            self.recorder.call_of(name, result)
        return result


def _note_gradient(noted: list[Tensor], rows: int, gradient: Tensor) -> None:
    noted.append(gradient.detach().float().square().mean().sqrt() * rows)
