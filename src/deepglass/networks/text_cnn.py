"""Text cnn: kernels of several widths side by side over the words, and of each the strongest place."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.layers import initialize
from deepglass.layers.masks import largest_of, mask_of
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import activated, features_of


class TextCNN(nn.Module):
    """An embedding, parallel convolutions over the steps, the largest value of each filter, and a linear layer.

    A kernel stands on each step that holds something and hangs over the end into zeros, so padding has no say and a text may be
    shorter than a kernel.
    Shapes: input (batch, time) of tokens or (batch, time, features), nan on padding; output (batch, outputs).
    """

    def __init__(
        self,
        embedding: StepEmbedding,
        convolutions: nn.ModuleList,
        activation: nn.Module,
        dropout: float,
        output: nn.Module,
        output_activation: nn.Module | None,
    ) -> None:
        super().__init__()
        self.embedding, self.convolutions, self.activation = embedding, convolutions, activation
        self.dropout, self.output, self.output_activation = nn.Dropout(dropout), output, output_activation

    def forward(self, x: Tensor) -> Tensor:
        x = at_least_one_step(x)
        mask = mask_of(x)
        steps = torch.where(mask[:, :, None], self.embedding(x), 0.0).transpose(1, 2)  # (batch, embedding, time)
        found = []
        for convolution in cast(list[nn.Conv1d], list(self.convolutions)):
            maps = convolution(F.pad(steps, (0, convolution.kernel_size[0] - 1)))  # (batch, filters, time)
            found.append(largest_of(maps.transpose(1, 2), mask))
        strongest = self.dropout(self.activation(torch.cat(found, dim=1)))
        return activated(self.output(strongest), self.output_activation)


def text_cnn(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    embedding: int = 100,
    filters: int = 100,
    kernels: int | Sequence[int] = (3, 4, 5),
    activation: Choice = "relu",
    dropout: float = 0.5,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Look for phrases: kernels of 3, 4 and 5 words slide over a text, and each says how well its best place fits.

    Shapes: input (batch, time) of tokens or (batch, time, features); output (batch, outputs).
    Args:
        embedding: numbers that stand for a token, learned from the start; the paper has 300 that were learned elsewhere.
        filters: of each width of kernel.
        kernels: the widths, in words.
        activation: after the largest place was taken, which for ReLU is the same as before.
        dropout: share of the places' values dropped before the output, 0 to below 1.
        initialization: "auto" is He's, and Glorot's in the last layer; tokens start from standard normal numbers.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014, arXiv:1408.5882, section 2.
    """
    features = features_of("text_cnn", shape, vocabulary)
    parts.check_dropout(dropout)
    embedding, filters = parts.size("embedding", embedding), parts.size("filters", filters)
    sizes = parts.widths("kernels", kernels)
    network = TextCNN(
        StepEmbedding(vocabulary, features, embedding, scale=False),
        nn.ModuleList(nn.Conv1d(embedding, filters, size) for size in sizes),
        parts.activation(activation),
        dropout,
        nn.Linear(filters * len(sizes), outputs),
        last_activation(output_activation),
    )
    initialize(network, initialization)
    return network
