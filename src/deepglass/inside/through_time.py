"""Through time: what recurrent layers remember of one example, what their gates do, and how far back a gradient still reaches."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from deepglass.errors import SettingError, ShapeError
from deepglass.inside.undisturbed import inputs_of, plain, run, undisturbed
from deepglass.layers.masks import lengths_of, mask_of
from deepglass.layers.recurrent import Layer, TwoWays, start_of
from deepglass.layers.recurrent_steps import State, StepByStep
from deepglass.layers.unrolled import Unrolled, step_of, unroll

BINS = 10  # of a gate's histogram, from shut (0) to open (1)


@dataclass(frozen=True)
class ThroughTime:
    """One recurrent layer and one example, step by step in the order in which the layer reads it.

    Shapes: states (time, units), what it gives; gates: name -> (time, units), each 0 to 1; reach (time + 1,), the norm of
    dh(T)/ds(t) for t from 0, before the first step, to T, after the last, where s is the whole state, of an LSTM h and c: how much
    of a small change at t is left at the end, in the direction that keeps most (the largest singular value; 1 at T).
    Args: backwards: whether the layer reads the example from its end.
    """

    layer: str
    kind: str
    states: Tensor
    gates: dict[str, Tensor]
    reach: Tensor
    backwards: bool = False

    @property
    def steps(self) -> int:
        return len(self.states)

    def histogram(self, gate: str, bins: int = BINS) -> Tensor:
        """How many units have the gate how far open, at each step: (bins, time), the shut ones first; shares, 0 to 1."""
        values = self.gates[gate]  # (time, units)
        place = (values * bins).long().clamp(0, bins - 1)
        return nn.functional.one_hot(place, bins).float().mean(dim=1).T


def through_time(network: nn.Module, x: Any) -> dict[str, ThroughTime]:
    """Look at one example in every recurrent layer of a network: torch's RNN, LSTM and GRU, and ours.

    The network stays as it is; what is padded at the end of the example is left out. Each layer is looked at for itself: what
    a change in one does in the layers above it is not counted.
    Args: x: what the network takes, (1, ...), encoded; or a dictionary of inputs by name.
    Returns: layer -> what was seen.
    Raises: SettingError, when there is no recurrent layer, or the example is empty; ShapeError, for several examples.
    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063, equations 3
        to 5, whose products of step Jacobians the reach measures.
    """
    network = plain(network)
    inputs = inputs_of(network, x)
    count = len(next(iter(inputs.values())))
    if count != 1:
        raise ShapeError(f"through_time looks at one example, and got {count}. Give x[:1].")
    with undisturbed(network), _arriving(network) as heard:
        run(network, inputs)
    if not heard:
        raise SettingError(
            f"{type(network).__name__} has no recurrent layer of one direction and one level that could be looked at step by step. "
            "Use run.look() for the layers it has, or build a network such as lstm."
        )
    backwards = {id(module.backwards) for module in network.modules() if isinstance(module, TwoWays)}
    found = {}
    for name, (layer, arrived) in heard.items():
        steps = _steps(inputs, arrived.shape[1])
        if not steps:
            raise SettingError("This example is empty: there is no step to look at. Choose another.")
        found[name] = _seen(name, layer, arrived[:, :steps], backwards=id(layer) in backwards)
    return found


def reach_of(layer: Layer, x: Tensor, seen: Unrolled | None = None) -> Tensor:
    """The norm of dh(T)/ds(t) at t = 0 to T for one example x (1, time, features); see ThroughTime."""
    seen = seen or unroll(layer, x)
    step, units, time = step_of(layer), layer.hidden_size, x.shape[1]
    moving = [name for name, value in seen.states.items() if value.is_floating_point()]
    eye = torch.eye(units, dtype=x.dtype, device=x.device)[:, None]  # one row for each unit of h(T): (units, 1, units)
    rows = {name: eye if name == "h" else _nothing(seen, name, units) for name in moving}
    norms = [_norm(rows)]
    for t in reversed(range(time)):
        before = {name: value[:, t].detach() for name, value in seen.states.items()}

        def one(part: State, t: int = t, before: State = before) -> State:
            after, _ = step(layer, x[:, t], {**before, **part})
            return {name: after[name] for name in moving}

        back = torch.func.vjp(one, {name: before[name] for name in moving})[1]
        (rows,) = torch.vmap(back)(rows)
        norms.append(_norm(rows))
    return torch.stack(norms[::-1])


def _nothing(seen: Unrolled, name: str, units: int) -> Tensor:
    """What h(T) has of another part of the state after the last step: nothing."""
    return torch.zeros(units, *seen.states[name][:, 0].shape, dtype=seen.outputs.dtype, device=seen.outputs.device)


def _norm(rows: Mapping[str, Tensor]) -> Tensor:
    return torch.linalg.matrix_norm(torch.cat([part.flatten(1) for part in rows.values()], dim=1), 2)


def _seen(name: str, layer: Layer, x: Tensor, *, backwards: bool) -> ThroughTime:
    exact = deepcopy(layer).double().requires_grad_(False)  # norms become very small, and 1e-300 is still a number
    x = x.double()
    with torch.no_grad():
        whole = unroll(exact, x, start_of(exact, 1))
    gates = {gate: values[0].float().cpu() for gate, values in whole.gates.items() if gate != "candidate"}
    kind = f"{type(layer).__name__}, reading backwards" if backwards else type(layer).__name__
    reach = reach_of(exact, x, whole).cpu()
    return ThroughTime(name, kind, whole.outputs[0].float().cpu(), gates, reach, backwards)


def _steps(inputs: Mapping[str, Any], time: int) -> int:
    """The steps that hold something, where the layer reads an input as it stands; else all that it reads."""
    for value in inputs.values():
        if isinstance(value, Tensor) and value.ndim in (2, 3) and value.shape[1] == time:
            return int(
                lengths_of(mask_of(value) if value.ndim == 3 or not value.is_floating_point() else value == value)
            )
    return time


@contextmanager
def _arriving(network: nn.Module) -> Iterator[dict[str, tuple[Layer, Tensor]]]:
    """What arrives at each recurrent layer in its first call: (1, time, features)."""
    heard: dict[str, tuple[Layer, Tensor]] = {}

    def hook(name: str) -> Any:
        def hear(module: Any, arguments: tuple[Any, ...]) -> None:
            x = arguments[0] if arguments else None
            if isinstance(x, PackedSequence):
                x, _ = torch.nn.utils.rnn.pad_packed_sequence(x, batch_first=True)
            elif isinstance(x, Tensor) and x.ndim == 3 and not module.batch_first:
                x = x.transpose(0, 1)
            if isinstance(x, Tensor) and x.ndim == 3 and len(x) == 1 and name not in heard:
                heard[name] = (module, x.detach().clone())

        return hear

    handles = [
        module.register_forward_pre_hook(hook(name or "network"))
        for name, module in network.named_modules()
        if _can_be_unrolled(module)
    ]
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()


def _can_be_unrolled(module: nn.Module) -> bool:
    if isinstance(module, nn.RNNBase):
        return module.num_layers == 1 and not module.bidirectional and not module.proj_size
    return isinstance(module, StepByStep)
