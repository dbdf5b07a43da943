"""Maxout: an activation that is the largest of several linear functions, and so learns its own shape."""

from torch import Tensor, nn

from deepglass.errors import ShapeError


class Maxout(nn.Module):
    """Keep the largest of each `pieces` neighbouring units, or maps.

    After a linear layer of n * pieces units it makes n: each is the maximum of `pieces` linear functions. After a
    convolution it pools over filters. Goes behind a layer that is made wider, so it has no name among the activations:
    `[{Linear: 128}, {Maxout: 2}]` has 64 outputs.
    Shapes: input (batch, units * pieces, ...), output (batch, units, ...).
    Raises: ShapeError, when `pieces` does not divide what arrives.
    Source: Goodfellow et al., "Maxout Networks", ICML 2013, section 3.
    """

    def __init__(self, pieces: int = 2) -> None:
        super().__init__()
        if pieces < 1:
            raise ShapeError(f"{pieces=} of Maxout has to be a whole number above 0. 2 is usual.")
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] % self.pieces:
            raise ShapeError(
                f"Maxout joins {self.pieces} units, which does not divide the {x.shape[1]} that arrive. Make the layer "
                f"before it {-(-x.shape[1] // self.pieces) * self.pieces} wide."
            )
        return x.unflatten(1, (-1, self.pieces)).max(dim=2).values

    def extra_repr(self) -> str:
        return f"{self.pieces}"
