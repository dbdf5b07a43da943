"""Undisturbed: a network is looked at and then left as it was: its modes, gradients and hooks, and everybody's random state."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.networks import call

BATCH = 32  # examples, or changed copies of them, that go through a network with gradients at a time, at most
NUMBERS = 1 << 20  # of their inputs together: of 3x224x224 images 6 at a time, which take VGG-16 under 1 GB


@contextmanager
def undisturbed(network: nn.Module, *, gradients: bool = False) -> Iterator[None]:
    """Evaluation mode, with or without gradients; afterwards each module is in the mode it was in.

    No `.grad` is written, as gradients are asked for with torch.autograd.grad; the random generators are given back.
    """
    modes = [(module, module.training) for module in network.modules()]
    place = device_of(network)
    cards = [place] if place.type == "cuda" else []
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=cards))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.set_grad_enabled(gradients))
        if any(module._compiled_call_impl is not None for module, _ in modes):
            stack.enter_context(torch.compiler.set_stance("force_eager"))  # compiled code does not call hooks
        if gradients and cards and any(isinstance(module, nn.RNNBase) for module, _ in modes):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))  # it has no gradients in evaluation mode
        try:
            network.eval()
            yield
        finally:
            for module, mode in modes:
                module.training = mode


def plain(network: nn.Module) -> nn.Module:
    """Return the module that torch.compile was given, whose layers can be listened to."""
    inner = getattr(network, "_orig_mod", network)
    return inner if isinstance(inner, nn.Module) else network


def device_of(network: nn.Module) -> torch.device:
    tensors = [*network.parameters(), *network.buffers()]
    return tensors[0].device if tensors else torch.device("cpu")


def inputs_of(network: nn.Module, x: Any) -> dict[str, Any]:
    """Return what a network is given, by name and on its device: a tensor or an array, examples first, or several by name."""
    given = dict(x) if isinstance(x, Mapping) else {"x": x}
    if not given:
        raise SettingError("There is no input to look at. Give a tensor, examples first, or a dictionary of tensors.")
    place = device_of(network)
    tensors = {name: _tensor(name, value).to(place) for name, value in given.items()}
    counts = {name: len(value) for name, value in tensors.items()}
    if len(set(counts.values())) > 1:
        raise ShapeError(f"The inputs have different numbers of examples: {counts}. Give the same examples in each.")
    return tensors


def run(network: nn.Module, inputs: Mapping[str, Any]) -> Any:
    """Call a network on copies, as its first layer may work in place. Raises: ShapeError, when the inputs do not fit it."""
    try:
        return call(network, {n: v.clone() if isinstance(v, Tensor) else v for n, v in inputs.items()})
    except (RuntimeError, IndexError) as error:
        shapes = ", ".join(f"{name} {tuple(getattr(value, 'shape', ()))}" for name, value in inputs.items())
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ShapeError(
            f"{type(network).__name__} cannot be called with {shapes}: {reason}. Give what it was made for, examples first, "
            "such as x[None] for one example."
        ) from error


def at_a_time(inputs: Mapping[str, Any], most: int = BATCH, numbers: int = NUMBERS) -> int:
    """How many examples, or copies of them, go through a network at a time, so that memory stays bounded."""
    one = sum(value[:1].numel() for value in inputs.values() if isinstance(value, Tensor))
    return max(1, min(most, numbers // max(1, one)))


def first_tensor(output: Any) -> Tensor | None:
    """The first tensor of what a module gives: of an LSTM its outputs, not its states."""
    while isinstance(output, tuple | list | Mapping) and len(output):
        output = next(iter(output.values())) if isinstance(output, Mapping) else output[0]
    return output if isinstance(output, Tensor) else None


def _tensor(name: str, value: Any) -> Any:
    if isinstance(value, Tensor):
        made: Tensor = value
    else:
        array = np.asarray(value)
        if array.dtype == object or array.dtype.kind not in "fiub":
            raise SettingError(
                f"The input {name!r} is {type(value).__name__}. A network takes tensors: give encoded examples, such as "
                "data.examples('validation', 8).pick(list(data.inputs))."
            )
        made = torch.tensor(array.astype(np.float32) if array.dtype.kind == "f" else array)
    if made.ndim == 0:
        raise ShapeError(f"The input {name!r} is a single number. Give examples first, such as shape (1, features).")
    return made
