"""Unrolled: a recurrent layer written out step by step with its own weights, so that every gate and state can be seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from deepglass.layers.recurrent import Layer, start_of
from deepglass.layers.recurrent_steps import State, StepByStep

Gates = dict[str, Tensor]
Step = Callable[[Layer, Tensor, Mapping[str, Tensor]], tuple[State, Gates]]


@dataclass(frozen=True)
class Unrolled:
    """All that happens in a recurrent layer.

    Shapes: outputs (batch, time, units); states: each part of the state before the first step and after each, (batch, 1 + time,
    ...); gates: each (batch, time, units), of an LSTM input, forget, candidate and output, of a GRU reset, update and candidate.
    """

    outputs: Tensor
    states: dict[str, Tensor]
    gates: dict[str, Tensor]


def unroll(layer: Layer, x: Tensor, state: Mapping[str, Tensor] | None = None) -> Unrolled:
    """Run a layer step by step: the same numbers as its kernel gives, with everything in between, and gradients through it.

    Shapes: x (batch, time, features); state as `start_of` gives it.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 10.1: one function with shared weights, applied again
        and again.
    """
    step, now = step_of(layer), dict(state) if state else start_of(layer, len(x))
    states, gates = [now], []
    for t in range(x.shape[1]):
        now, seen = step(layer, x[:, t], now)
        states.append(now)
        gates.append(seen)
    whole = {name: torch.stack([s[name] for s in states], dim=1) for name in now}
    names = gates[0] if gates else {}
    return Unrolled(whole["h"][:, 1:], whole, {name: torch.stack([g[name] for g in gates], dim=1) for name in names})


def step_of(layer: Layer) -> Step:
    """The function of one step: (layer, x (batch, features), state) -> (state after, gates)."""
    if isinstance(layer, StepByStep):
        return own_step
    return next(step for kind, step in STEPS.items() if isinstance(layer, kind))


def own_step(layer: Layer, x: Tensor, state: Mapping[str, Tensor]) -> tuple[State, Gates]:
    """One step of a layer of ours, which is written in steps already."""
    assert isinstance(layer, StepByStep)
    return layer.step(layer.arriving(x[:, None])[:, 0], state), {}


def rnn_step(layer: Layer, x: Tensor, state: Mapping[str, Tensor]) -> tuple[State, Gates]:
    """h(t) = tanh(Wx x(t) + bx + Wh h(t-1) + bh), or with ReLU."""
    from_input, from_state = _sums(layer, x, state["h"])
    z = from_input + from_state
    return {"h": z.relu() if layer.nonlinearity == "relu" else z.tanh()}, {}


def lstm_step(layer: Layer, x: Tensor, state: Mapping[str, Tensor]) -> tuple[State, Gates]:
    """i, f, o = sigmoid(z), g = tanh(z), c(t) = f c(t-1) + i g, h(t) = o tanh(c(t)).

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation, 1997; the forget gate: Gers et al., 2000.
    """
    from_input, from_state = _sums(layer, x, state["h"])
    i, f, g, o = (from_input + from_state).chunk(4, dim=1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * state["c"] + i * g
    return {"h": o * c.tanh(), "c": c}, {"input": i, "forget": f, "candidate": g, "output": o}


def gru_step(layer: Layer, x: Tensor, state: Mapping[str, Tensor]) -> tuple[State, Gates]:
    """r, u = sigmoid(z), g = tanh(Wx x(t) + bx + r (Wh h(t-1) + bh)), h(t) = (1 - u) g + u h(t-1).

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014; the reset gate after the weights,
        as torch has it.
    """
    from_input, from_state = _sums(layer, x, state["h"])
    (r, u, g), (hr, hu, hg) = from_input.chunk(3, dim=1), from_state.chunk(3, dim=1)
    r, u = (r + hr).sigmoid(), (u + hu).sigmoid()
    g = (g + r * hg).tanh()
    return {"h": (1 - u) * g + u * state["h"]}, {"reset": r, "update": u, "candidate": g}


def _sums(layer: Layer, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """What comes from the input, and what comes from the state, of all gates side by side."""
    weights = dict(layer.named_parameters(recurse=False))
    return (
        nn.functional.linear(x, weights["weight_ih_l0"], weights.get("bias_ih_l0")),
        nn.functional.linear(h, weights["weight_hh_l0"], weights.get("bias_hh_l0")),
    )


STEPS: dict[type[nn.RNNBase], Step] = {nn.RNN: rnn_step, nn.LSTM: lstm_step, nn.GRU: gru_step}
