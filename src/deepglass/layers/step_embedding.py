"""Step embedding: a vector of one width for each step of a sequence, of tokens or of numbers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.layers.masks import without_nan


class StepEmbedding(nn.Module):
    """Look up the vector of each token, or project the numbers of each step.

    Padding gets a vector of zeros, or of a series the bias.
    Shapes: input (batch, time) of tokens, or (batch, time, features) of floats, nan on padding; output (batch, time, width).
    Args:
        vocabulary: how many tokens there are; None for floats.
        features: floats of a step.
        scale: whether vectors start at a length of 1 and are multiplied by the square root of the width, so that a table that
            is also the output layer starts with small logits: Vaswani et al., arXiv:1706.03762, section 3.4.
    """

    def __init__(self, vocabulary: int | None, features: int, width: int, *, scale: bool = True) -> None:
        super().__init__()
        self.factor = width**0.5 if scale else 1.0
        if vocabulary is None:
            self.project: nn.Linear | None = nn.Linear(features, width)
            self.table: nn.Embedding | None = None
        else:
            self.project, self.table = None, nn.Embedding(vocabulary, width, padding_idx=0)
            nn.init.normal_(self.table.weight, std=width**-0.5 if scale else 1.0)
            with torch.no_grad():
                self.table.weight[0] = 0

    def forward(self, x: Tensor) -> Tensor:
        if self.table is not None:
            vectors: Tensor = self.table(x)
            return vectors * self.factor if self.factor != 1 else vectors
        assert self.project is not None  # one of the two is there
        projected: Tensor = self.project(without_nan(x))
        return projected


def at_least_one_step(x: Tensor) -> Tensor:
    """A batch of sequences without any step, as one of padding. Shapes: (batch, time, ...), as given from one step on."""
    if x.shape[1]:
        return x
    return F.pad(x, (0, 1)) if x.ndim == 2 else F.pad(x, (0, 0, 0, 1), value=float("nan"))
