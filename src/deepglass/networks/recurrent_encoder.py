"""Recurrent encoder: a sequence read from its start, and if asked from its end, to a memory of all steps and one vector."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.attention import may_be_seen
from deepglass.layers.masks import last_of, mask_of
from deepglass.layers.recurrent import Layer, TwoWays
from deepglass.layers.recurrent_start import FORGET_BIAS_AT_EACH_STEP, start_recurrent
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.networks import parts

CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class Read(NamedTuple):
    """What an encoder has read. Shapes: memory (batch, from, width), summary (batch, width), mask (batch, 1, from) or None."""

    memory: Tensor
    summary: Tensor
    mask: Tensor | None


class RecurrentEncoder(nn.Module):
    """An embedding and recurrent layers above one another.

    Shapes: input (batch, from) of tokens or (batch, from, features), nan on padding; output as of Read: the summary is the last
        state of each direction, zeros for a sequence of padding alone.
    Args: width: of the memory; each of two directions has half of it.
    """

    def __init__(
        self,
        embedding: StepEmbedding,
        arriving: int,
        width: int,
        *,
        cell: str,
        layers: int,
        bidirectional: bool,
        dropout: float,
        initialization: str,
    ) -> None:
        super().__init__()
        if bidirectional and width % 2:
            raise SettingError(f"{width=} cannot be shared by two directions. Give an even width.")
        self.bidirectional = bidirectional
        self.embedding = embedding
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList()
        for k in range(layers):
            size = width if k else arriving
            if bidirectional:
                ways = (recurrent(cell, size, width // 2, initialization) for _ in range(2))
                self.layers.append(TwoWays(*ways))
            else:
                self.layers.append(recurrent(cell, size, width, initialization))

    def forward(self, source: Tensor) -> Read:
        source = at_least_one_step(source)
        mask = mask_of(source)
        x = self.dropout(self.embedding(source))
        for layer in self.layers:
            x = layer(x, mask)[0] if isinstance(layer, TwoWays) else layer(x)[0]
        memory = torch.where(mask[:, :, None], x, 0.0)
        seen = may_be_seen(mask)
        if not self.bidirectional:
            return Read(memory, last_of(memory, mask), None if seen is None else seen[:, 0])
        forwards, backwards = memory.chunk(2, dim=2)
        summary = torch.cat([last_of(forwards, mask), backwards[:, 0]], dim=1)  # each where it ends
        return Read(memory, summary, None if seen is None else seen[:, 0])


def recurrent(cell: str, arriving: int, width: int, initialization: str) -> Layer:
    """One recurrent layer, batch first, with its first numbers; the forget gate of an LSTM starts open."""
    parts.one_of("cell", cell, list(CELLS))
    layer = CELLS[cell](arriving, width, batch_first=True)
    start_recurrent(layer, initialization, open_gate=FORGET_BIAS_AT_EACH_STEP if cell == "lstm" else 0.0)
    return layer
