"""Transformer block: attention, then a dense layer pair at each step, each added to what it was given and normalized."""

from collections.abc import Callable

from torch import Tensor, nn

from deepglass.layers.attention import CrossAttention, Rotation, SelfAttention

Remembered = tuple[Tensor, Tensor]  # keys and values of a memory, as CrossAttention.remember gives them


class FeedForward(nn.Module):
    """Two dense layers at each step alone: output(activation(hidden(x))). Shapes: input and output (..., width)."""

    def __init__(self, width: int, hidden: int, activation: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden)
        self.activation = activation()
        self.output = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.output(self.activation(self.hidden(x)))
        return y


class TransformerBlock(nn.Module):
    """Self-attention, attention over a memory where `cross` says so, and two dense layers, each with a bypass and a norm.

    Shapes: input and output (batch, time, width).
    Args:
        feedforward: units between the two dense layers.
        dropout: share of each part's result dropped before it is added, 0 to below 1. The weights of attention are not dropped
            (section 5.4 of the paper), so that the fused kernel can be used.
        pre_norm: normalize what goes into each part, x + part(norm(x)), which trains without a warm-up; otherwise as in the
            paper, norm(x + part(x)).
        causal: each step sees itself and the steps before it alone.
        cross: whether it also looks at a memory, as a decoder does.
    Raises: ShapeError, when `heads` does not divide `width`.
    Source: Vaswani et al., arXiv:1706.03762, section 3.1; pre-norm: Xiong et al., "On Layer Normalization in the Transformer
        Architecture", arXiv:2002.04745, table 1.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        feedforward: int,
        *,
        dropout: float = 0.1,
        pre_norm: bool = True,
        activation: Callable[[], nn.Module] = nn.GELU,
        causal: bool = False,
        cross: bool = False,
    ) -> None:
        super().__init__()
        self.pre_norm = pre_norm
        self.norm1 = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, causal=causal)
        self.memory_norm = nn.LayerNorm(width) if cross else None
        self.memory_attention = CrossAttention(width, heads) if cross else None
        self.norm2 = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward, activation)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        rotation: Rotation | None = None,
        remembered: Remembered | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """Args: mask, memory_mask: what may be seen, as `may_be_seen` gives it; remembered: of the memory, for `cross`."""
        mixed = self.attention(self._given(x, self.norm1), mask=mask, rotation=rotation)
        return self._rest(self._added(x, mixed, self.norm1), remembered, memory_mask)

    def step(
        self,
        x: Tensor,
        past: tuple[Tensor, Tensor],
        *,
        rotation: Rotation | None = None,
        window: int | None = None,
        remembered: Remembered | None = None,
        memory_mask: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read one step (batch, 1, width) more, with the keys and values of the past; returned with those of this step."""
        mixed, past = self.attention.step(self._given(x, self.norm1), past, rotation=rotation, window=window)
        return self._rest(self._added(x, mixed, self.norm1), remembered, memory_mask), past

    def remember(self, memory: Tensor) -> Remembered:
        """The keys and values of a memory (batch, from, width), for a block with `cross`."""
        assert self.memory_attention is not None
        return self.memory_attention.remember(memory)

    def _rest(self, x: Tensor, remembered: Remembered | None, memory_mask: Tensor | None) -> Tensor:
        """What follows self-attention."""
        if self.memory_attention is not None and self.memory_norm is not None and remembered is not None:
            seen = self.memory_attention(self._given(x, self.memory_norm), remembered, mask=memory_mask)
            x = self._added(x, seen, self.memory_norm)
        return self._added(x, self.feedforward(self._given(x, self.norm2)), self.norm2)

    def _given(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What goes into a part."""
        y: Tensor = norm(x) if self.pre_norm else x
        return y

    def _added(self, x: Tensor, result: Tensor, norm: nn.LayerNorm) -> Tensor:
        """What comes out of a part and its bypass."""
        y: Tensor = x + self.dropout(result)
        return y if self.pre_norm else norm(y)
