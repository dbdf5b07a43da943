"""Recurrent decoder: one token after the other, from what an encoder has read, with or without attention to it."""

import torch
from torch import Tensor, nn

from deepglass.layers.additive_attention import AdditiveAttention
from deepglass.layers.attention import DotProductAttention
from deepglass.layers.step_embedding import StepEmbedding
from deepglass.networks.recurrent_encoder import Read, recurrent

State = dict[str, Tensor]  # examples first in each
ATTENTIONS = ("dot", "additive", None)
CONTEXTS = ("start", "each")


class RecurrentDecoder(nn.Module):
    """Recurrent layers whose first state comes from the summary of the source, and an output layer.

    Shapes: tokens (batch, steps) and the state before them -> logits (batch, steps, outputs) and the state after them.
    Args:
        attention: None: the source is known by its summary alone. "additive" (Bahdanau): the state before a step looks at the
            memory, and what it sees goes into the step, so steps come one after the other. "dot" (Luong): the state after a
            step looks at the memory and both are joined, so that in training all steps are computed at once.
        context: without attention, whether the summary also goes into "each" step, or is but the "start".
    Source: Sutskever, Vinyals and Le, arXiv:1409.3215 (start); Cho et al., arXiv:1406.1078 (each); Bahdanau, Cho and Bengio,
        arXiv:1409.0473; Luong, Pham and Manning, arXiv:1508.04025, section 3.1, equations 5 and 6.
    """

    def __init__(
        self,
        outputs: int,
        width: int,
        *,
        embedding: int,
        cell: str,
        layers: int,
        attention: str | None,
        context: str,
        dropout: float,
        initialization: str,
    ) -> None:
        super().__init__()
        self.width, self.parts, self.attention, self.context = width, 2 if cell == "lstm" else 1, attention, context
        self.embedding = StepEmbedding(outputs, 0, embedding, scale=False)
        self.dropout = nn.Dropout(dropout)
        self.bridge = nn.Linear(width, layers * self.parts * width)
        fed = attention == "additive" or (attention is None and context == "each")
        self.layers = nn.ModuleList(
            recurrent(cell, width if k else embedding + (width if fed else 0), width, initialization)
            for k in range(layers)
        )
        self.additive = AdditiveAttention(width, width, width) if attention == "additive" else None
        self.dot = DotProductAttention(scale=1.0) if attention == "dot" else None
        self.join = nn.Linear(2 * width, width) if attention else None
        self.output = nn.Linear(width, outputs)

    def begin(self, read: Read) -> State:
        """The state before the first token."""
        start = self.bridge(read.summary).tanh().unflatten(1, (-1, self.parts, self.width))
        state = {f"{'hc'[part]}{k}": start[:, k, part] for k in range(len(self.layers)) for part in range(self.parts)}
        if self.attention is None:
            return {**state, "summary": read.summary} if self.context == "each" else state
        if self.additive is not None:
            state["keys"] = self.additive.keys_of(read.memory)
        state["memory"] = read.memory
        return state if read.mask is None else {**state, "mask": read.mask}

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        x = self.dropout(self.embedding(tokens))
        if self.additive is not None:
            mixed, state = self._looking_first(x, state)
        else:
            if self.attention is None and self.context == "each":
                x = torch.cat([x, state["summary"][:, None].expand(-1, x.shape[1], -1).to(x.dtype)], dim=2)
            mixed, state = self._through(x, state)
            if self.dot is not None:
                memory, mask = state["memory"][:, None], state.get("mask")
                seen = self.dot(mixed[:, None], memory, memory, mask=None if mask is None else mask[:, None])[:, 0]
                mixed = self._joined(mixed, seen)
        return self.output(self.dropout(mixed)), state

    def _looking_first(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Step by step: the top state looks, and what it sees arrives beside the token."""
        assert self.additive is not None
        top, given = f"h{len(self.layers) - 1}", []
        for token in x.split(1, dim=1):
            seen = self.additive(state[top][:, None], state["memory"], state["keys"], mask=state.get("mask"))
            hidden, state = self._through(torch.cat([token, seen.to(token.dtype)], dim=2), state)
            given.append(self._joined(hidden, seen))
        return torch.cat(given, dim=1), state

    def _through(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The recurrent layers over some steps, from their states on."""
        after = dict(state)
        for k, layer in enumerate(self.layers):
            before = tuple(state[f"{part}{k}"][None].contiguous() for part in "hc"[: self.parts])
            x, last = layer(x, before if self.parts == 2 else before[0])
            for part, value in zip("hc", last if self.parts == 2 else (last,)):
                after[f"{part}{k}"] = value[0]
        return x, after

    def _joined(self, hidden: Tensor, seen: Tensor) -> Tensor:
        """The state and what it has seen, as one vector: Luong's equation 5."""
        assert self.join is not None
        joined: Tensor = self.join(torch.cat([hidden, seen.to(hidden.dtype)], dim=2)).tanh()
        return joined
