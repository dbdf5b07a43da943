"""Recurrent: one way to run every recurrent layer, torch's and ours: padded batches, both directions, states that are handed on."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from deepglass.layers.masks import lengths_of, reversed_of
from deepglass.layers.recurrent_steps import State, StepByStep, kept_where

Layer = nn.RNNBase | StepByStep


def start_of(layer: Layer, batch: int) -> State:
    """The state before the first step: zeros. Shapes: each part (batch, ...); "h" for all, and for an LSTM its memory "c"."""
    if isinstance(layer, StepByStep):
        return layer.start(batch)
    names = ("h", "c") if isinstance(layer, nn.LSTM) else ("h",)
    like = layer.get_parameter("weight_hh_l0")
    return {name: like.new_zeros(batch, layer.hidden_size) for name in names}


def through(layer: Layer, x: Tensor, state: Mapping[str, Tensor] | None, mask: Tensor) -> tuple[Tensor, State]:
    """Read a series from a state on, and return the outputs and the state after each example's last step.

    A padded step changes no state. Where nothing is padded, torch's kernel runs on the batch as it is, and else on a packed one.
    Shapes: x (batch, time, features), mask (batch, time), bool; outputs (batch, time, units).
    """
    before = dict(state) if state else start_of(layer, len(x))
    if isinstance(layer, StepByStep):
        return layer(x, before, mask)
    given = tuple(part[None].contiguous() for part in before.values())  # (layers, batch, units)
    start = given if isinstance(layer, nn.LSTM) else given[0]
    if bool(mask.all()):
        outputs, after = layer(x, start)
        return outputs, _named(after)
    lengths = lengths_of(mask)
    packed = pack_padded_sequence(x, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
    outputs, after = layer(packed, start)
    filled, _ = pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])
    return filled, kept_where(lengths > 0, _named(after), before)


def _named(state: Tensor | tuple[Tensor, Tensor]) -> State:
    if isinstance(state, Tensor):
        return {"h": state[0]}
    return {"h": state[0][0], "c": state[1][0]}


class TwoWays(nn.Module):
    """Two recurrent layers on the same series, one of which reads it from its end; their outputs stand side by side.

    The second starts at each example's last step that holds something, so padding is never read first.
    Shapes: input (batch, time, features) and a mask (batch, time); output (batch, time, 2 units), and a state that is empty.
    Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on Signal Processing, 1997.
    """

    def __init__(self, forwards: Layer, backwards: Layer) -> None:
        super().__init__()
        self.forwards, self.backwards = forwards, backwards
        self.hidden_size = forwards.hidden_size

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, State]:
        to_the_end = self.forwards(x)[0]
        to_the_start = self.backwards(reversed_of(x, mask))[0]
        return torch.cat([to_the_end, reversed_of(to_the_start, mask)], dim=2), {}
