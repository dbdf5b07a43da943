"""Aside: run a network without leaving a trace in it, nor in any random state."""

import copy
import random
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.probes.layers import modules_of
from deepglass.randomness import derive

CONTAINERS = (list, dict, set, deque, OrderedDict, defaultdict)


@contextmanager
def aside(network: nn.Module, seed: int = 0) -> Iterator[dict[int, Tensor]]:
    """For a block, let a network run on copies of its buffers, eagerly, with random numbers of its own.

    Afterwards it has the buffers, modes and attributes that it had, untouched, lists and the like among them, and torch's,
    NumPy's and Python's random states are as they were, also after an exception or Ctrl-C. Gradients are left alone by whoever
    uses torch.autograd.grad.
    Yields: the untouched buffers, by the id of the copies that stand in for them.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    modules = list(modules_of(network))
    kept = [(vars(module), dict(vars(module)), dict(module._buffers)) for module in modules]
    # Frozen parameters too, for Keras keeps running statistics and seeds in them.
    frozen = [(p, p.detach().clone()) for p in network.parameters() if not p.requires_grad]
    states = random.getstate(), np.random.get_state(), torch.default_generator.get_state()  # noqa: NPY002 (the caller's)
    on_cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    try:
        number = derive(seed, "probe")
        torch.default_generator.manual_seed(number)
        random.seed(number)
        np.random.seed(number % 2**32)  # noqa: NPY002
        if on_cuda is not None:
            torch.cuda.default_generators[device.index or 0].manual_seed(number)
        for module in modules:
            _swap_containers(vars(module))
        with _eager():
            yield _swap_buffers(modules)
    finally:
        for attributes, before, buffers in kept:
            _put_back(attributes, before)
            _put_back(attributes["_buffers"], buffers)
        for parameter, value in frozen:
            parameter.data.copy_(value)  # which autograd does not count as a change
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.default_generator.set_state(states[2])
        if on_cuda is not None:
            torch.cuda.set_rng_state(on_cuda, device)


def _swap_containers(attributes: dict[str, Any]) -> None:
    """Put copies in the place of lists and the like in which a forward collects things."""
    for name, value in attributes.items():
        if type(value) in CONTAINERS and not name.startswith("_"):
            attributes[name] = copy.copy(value)


def _swap_buffers(modules: list[nn.Module]) -> dict[int, Tensor]:
    copies: dict[int, Tensor] = {}  # by the id of the original: modules may share a buffer
    originals: dict[int, Tensor] = {}
    for module in modules:
        for name, buffer in module._buffers.items():
            if buffer is not None:
                stand_in = module._buffers[name] = copies.setdefault(id(buffer), buffer.detach().clone())
                originals[id(stand_in)] = buffer
    return originals


def _put_back(now: dict[str, Any], before: dict[str, Any]) -> None:
    if now.keys() != before.keys() or any(now[name] is not value for name, value in before.items()):
        now.clear()
        now.update(before)


def _eager() -> AbstractContextManager[object]:
    """Hooks see nothing inside compiled code; only where something was compiled is there anything to switch."""
    if "torch._dynamo" not in sys.modules:
        return nullcontext()
    return torch.compiler.set_stance("force_eager")
