"""Pointer: attention whose weights are the answer: which place of the input is meant."""

import torch
from torch import Tensor, nn

from deepglass.layers.additive_attention import AdditiveAttention

State = dict[str, Tensor]  # examples first in each


class Pointer(nn.Module):
    """Score each place of a memory, and an end that stands before all of them, for each query.

    Shapes: query (batch, to, width) and the state that `begin` gives -> logits (batch, to, from + 1), -inf on padding.
    Args:
        width: of queries and memory.
        embedding: of the steps of the input, which go to the decoder when they have been pointed at.
    Source: Vinyals, Fortunato and Jaitly, "Pointer Networks", arXiv:1506.03134, equation 3.
    """

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.attention = AdditiveAttention(width, width, width)
        self.end = nn.Parameter(torch.randn(width) * width**-0.5)  # what is pointed at to end
        self.start = nn.Parameter(torch.randn(embedding))  # what goes to the decoder before anything was pointed at

    def begin(self, memory: Tensor, steps: Tensor, mask: Tensor) -> State:
        """What can be pointed at. Shapes: memory (batch, from, width), steps (batch, from, embedding), mask (batch, from)."""
        memory = torch.cat([self.end.expand(len(memory), 1, -1).to(memory.dtype), memory], dim=1)
        steps = torch.cat([self.start.expand(len(steps), 1, -1).to(steps.dtype), steps], dim=1)
        mask = nn.functional.pad(mask, (1, 0), value=True)
        return {"keys": self.attention.keys_of(memory), "steps": steps, "mask": mask[:, None]}

    def chosen(self, places: Tensor, state: State) -> Tensor:
        """The steps of the input at some places: (batch, to) -> (batch, to, embedding)."""
        return state["steps"].gather(1, places[:, :, None].expand(-1, -1, state["steps"].shape[2]))

    def forward(self, query: Tensor, state: State) -> Tensor:
        scores = self.attention.scores(query, state["keys"], mask=state["mask"])
        if self.attention.heard is not None:
            self.attention.heard(scores.softmax(dim=-1)[:, None])
        return scores
