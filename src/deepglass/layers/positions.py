"""Positions: how attention, which would read a sequence as a bag, is told where each step stands."""

import torch
from torch import Tensor, nn

from deepglass.errors import ShapeError

WAVELENGTHS = 10_000.0  # the longest wave is 2 pi times as many steps: section 3.5 of the paper, and 3.2 of rotary's
LEARNED_STD = 0.02  # Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018, section 4.1


def angles(positions: Tensor, width: int) -> Tensor:
    """The angle of each pair of features at each position: position / 10000^(2i / width).

    Shapes: positions (...) of whole numbers; returned (..., width / 2) float32, in radians.
    """
    exponents = torch.arange(0, width, 2, device=positions.device, dtype=torch.float32) / width
    return positions[..., None].float() * WAVELENGTHS**-exponents


class SinusoidalPositions(nn.Module):
    """Add waves of many lengths: sin in the even features, cos in the odd ones, so that each position has a pattern of its own.

    Nothing is learned, and there is a pattern for any length.
    Shapes: input (batch, time, width) and positions (time,) or (batch, time); output as the input.
    Raises: ShapeError, for an odd width.
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, section 3.5.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        _check_even("SinusoidalPositions", width)
        self.width = width

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        turned = angles(positions, self.width)
        waves = torch.stack([turned.sin(), turned.cos()], dim=-1).flatten(-2)  # sin, cos, sin, cos, ...
        return x + waves.to(x.dtype)

    def extra_repr(self) -> str:
        return f"width={self.width}"


class LearnedPositions(nn.Module):
    """Add a vector of its own, which is learned, for each position up to the last.

    Shapes: input (batch, time, width) and positions (time,) or (batch, time); output as the input.
    Raises: ShapeError, for positions behind the last, as there is nothing learned for them.
    Source: Gehring et al., "Convolutional Sequence to Sequence Learning", arXiv:1705.03122, section 3.1.
    """

    def __init__(self, longest: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(longest, width)
        nn.init.normal_(self.table.weight, std=LEARNED_STD)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        vectors: Tensor = self.table(positions)
        return x + vectors.to(x.dtype)

    def check(self, steps: int) -> None:
        """Refuse a sequence with more steps than there are positions."""
        if steps > self.table.num_embeddings:
            raise ShapeError(
                f"A sequence has {steps} steps, and positions were learned for {self.table.num_embeddings}. Cut it, build the "
                f"network with longest={steps}, or with positions=rotary, which has no end."
            )


class RotaryPositions(nn.Module):
    """Turn pairs of features of queries and keys by an angle that grows with the position.

    The product of a query and a key then depends on how far apart they stand, and not on where. Feature i is paired with
    feature i + width / 2.
    Shapes: `forward` positions (time,) or (batch, time) -> cos and sin, each (batch or 1, time, 1, width / 2); `turn` features
        (batch, time, heads, width) with these -> the same shape. `width` is that of one head.
    Raises: ShapeError, for an odd width.
    Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", arXiv:2104.09864, equations 14 and 34.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        _check_even("RotaryPositions", width)
        self.width = width

    def forward(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        turned = angles(positions if positions.ndim == 2 else positions[None], self.width)[:, :, None]
        return turned.cos(), turned.sin()

    @staticmethod
    def turn(features: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        """Turn each pair (a, b) to (a cos - b sin, b cos + a sin)."""
        cos, sin = (r.to(features.dtype) for r in rotation)
        a, b = features.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    def extra_repr(self) -> str:
        return f"width={self.width}"


def _check_even(layer: str, width: int) -> None:
    if width % 2:
        raise ShapeError(f"{layer} turns pairs of features, and {width=} is odd. Choose an even width for each head.")
