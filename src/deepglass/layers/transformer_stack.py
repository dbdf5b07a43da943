"""Transformer stack: blocks one after another, behind their positions: an encoder or a decoder without its ends."""

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers.attention import band
from deepglass.layers.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from deepglass.layers.transformer_block import TransformerBlock

POSITIONS = ("rotary", "sinusoidal", "learned", "none")
NORMS = ("pre", "post")
State = dict[str, Tensor]  # examples first in each; keys and values of the past, for each block


class TransformerStack(nn.Module):
    """Blocks of attention over a sequence of vectors.

    Shapes: input and output (batch, time, width); mask (batch, 1, 1, time), bool, as `may_be_seen` gives it.
    Args:
        positions: "rotary" turns queries and keys in each block; "sinusoidal" and "learned" add to the input; "none".
        longest: how many positions are learned.
        norm: "pre" or "post", see TransformerBlock; pre-norm ends in one norm more.
        window: steps back that a causal stack sees at most, itself included (default: all).
    Raises: SettingError; ShapeError, for a width that does not suit the heads or a sequence that is longer than `longest`.
    """

    def __init__(
        self,
        width: int,
        *,
        heads: int,
        layers: int,
        feedforward: int,
        dropout: float,
        positions: str,
        longest: int,
        norm: str,
        activation: Callable[[], nn.Module],
        causal: bool = False,
        cross: bool = False,
        window: int | None = None,
    ) -> None:
        super().__init__()
        for option, value, allowed in (("positions", positions, POSITIONS), ("norm", norm, NORMS)):
            if value not in allowed:
                raise SettingError(f"{option}={value!r} does not exist. Choose one of {', '.join(map(repr, allowed))}.")
        self.width, self.causal, self.window = width, causal, window
        self.positions: SinusoidalPositions | LearnedPositions | None = None
        if positions == "sinusoidal":
            self.positions = SinusoidalPositions(width)
        if positions == "learned":
            self.positions = LearnedPositions(longest, width)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            TransformerBlock(
                width, heads, feedforward, dropout=dropout, pre_norm=norm == "pre", activation=activation, causal=causal,
                cross=cross,
            )
            for _ in range(layers)
        )  # fmt: skip
        self.rotary = RotaryPositions(width // heads) if positions == "rotary" else None
        self.norm = nn.LayerNorm(width) if norm == "pre" else nn.Identity()

    def forward(
        self, x: Tensor, *, mask: Tensor | None = None, memory: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> Tensor:
        """Args: mask: not of a causal stack; memory, memory_mask: what a decoder looks at, (batch, from, width)."""
        steps = x.shape[1]
        if isinstance(self.positions, LearnedPositions):
            self.positions.check(steps)
        if self.causal and self.window is not None and steps > self.window:
            mask = band(steps, self.window, x.device)
        x, rotation = self._placed(x, torch.arange(steps, device=x.device))
        for block in self._each:
            remembered = None if memory is None else block.remember(memory)
            x = block(x, mask=mask, rotation=rotation, remembered=remembered, memory_mask=memory_mask)
        normalized: Tensor = self.norm(x)
        return normalized

    def begin(self, batch: int, *, memory: Tensor | None = None, memory_mask: Tensor | None = None) -> State:
        """The state before the first step: no keys and values of the past, and those of the memory, computed once."""
        first = self._each[0].attention
        weight, heads, width = first.project.weight, first.heads, self.width
        state = {"position": torch.zeros(batch, dtype=torch.int64, device=weight.device)}
        for k, block in enumerate(self._each, start=1):
            nothing = weight.new_zeros(batch, heads, 0, width // heads)
            state |= {f"keys{k}": nothing, f"values{k}": nothing}
            if memory is not None:
                state[f"memory_keys{k}"], state[f"memory_values{k}"] = block.remember(memory)
        return state if memory_mask is None else {**state, "memory_mask": memory_mask}

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one step more: (batch, width) -> the same, and the state behind it. As `forward` on all steps at once, in training
        mode but for what dropout takes."""
        if isinstance(self.positions, LearnedPositions):
            self.positions.check(int(state["position"].max()) + 1)
        y, rotation = self._placed(x[:, None], state["position"][:, None])
        after = {**state, "position": state["position"] + 1}
        for k, block in enumerate(self._each, start=1):
            memory = (state[f"memory_keys{k}"], state[f"memory_values{k}"]) if f"memory_keys{k}" in state else None
            y, (after[f"keys{k}"], after[f"values{k}"]) = block.step(
                y,
                (state[f"keys{k}"], state[f"values{k}"]),
                rotation=rotation,
                window=self.window,
                remembered=memory,
                memory_mask=state.get("memory_mask"),
            )
        return self.norm(y)[:, 0], after

    @property
    def _each(self) -> list[TransformerBlock]:
        return cast(list[TransformerBlock], list(self.blocks))

    def _placed(self, x: Tensor, positions: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """The sequence with its positions, and the angles for the blocks."""
        if self.positions is not None:
            x = self.positions(x, positions)
        return self.dropout(x), None if self.rotary is None else self.rotary(positions)
