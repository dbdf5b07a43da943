"""Additive attention: how well a query and each place of a memory fit is said by a small network."""

import torch
from torch import Tensor, nn

from deepglass.layers.attention import Attends


class AdditiveAttention(Attends):
    """Scores v' tanh(Wq query + Wk memory), their softmax, and the mean of the memory with these weights.

    Shapes: query (batch, to, query width), memory (batch, from, width), keys (batch, from, hidden) as `keys_of(memory)` gives
        them once, mask (batch, 1, from), bool, True where the memory may be seen; output (batch, to, width).
    Args:
        hidden: units of the small network.
    Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", arXiv:1409.0473,
        section 3.1 and appendix A.1.2.
    """

    def __init__(self, query_width: int, width: int, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_width, hidden, bias=False)
        self.keys_of = nn.Linear(width, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query: Tensor, memory: Tensor, keys: Tensor, *, mask: Tensor | None = None) -> Tensor:
        weights = self.scores(query, keys, mask=mask).softmax(dim=-1)
        if self.heard is not None:
            self.heard(weights[:, None])
        return weights.to(memory.dtype) @ memory

    def scores(self, query: Tensor, keys: Tensor, *, mask: Tensor | None = None) -> Tensor:
        """How well each query and each place fit: (batch, to, from), float32; -inf where the mask hides a place."""
        fit = self.score((self.query(query)[:, :, None] + keys[:, None]).tanh())[..., 0].float()
        return fit if mask is None else fit.masked_fill(~mask, -torch.inf)
