"""Tcn: convolutions along time that never look ahead, each level twice as far back as the one before."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers import initialize
from deepglass.layers.causal_convolution import CausalConv1d
from deepglass.layers.masks import mask_of
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import SUMMARIES
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import activated, features_of

MOST_LEVELS = 10  # chosen from the length: with kernels of 3 they see 4,093 steps


class TemporalBlock(nn.Module):
    """Two causal convolutions with a norm, an activation and dropout each, and a bypass: activation(x + convolved(x)).

    Shapes: input and output (batch, filters, time).
    The norm is over the filters of each step, as one over time would look ahead and one over the batch would see padding; the
    paper has weight norm instead.
    Source: Bai, Kolter and Koltun, arXiv:1803.01271, section 3.3 and figure 1b.
    """

    def __init__(
        self, filters: int, kernel: int, dilation: int, *, norm: bool, activation: Choice, dropout: float
    ) -> None:
        super().__init__()
        self.conv1 = CausalConv1d(filters, filters, kernel, dilation=dilation)
        self.conv2 = CausalConv1d(filters, filters, kernel, dilation=dilation)
        self.norm1, self.norm2 = (nn.LayerNorm(filters) if norm else nn.Identity() for _ in range(2))
        self.activation1, self.activation2, self.activation3 = (parts.activation(activation) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.dropout(self.activation1(self._normed(self.norm1, self.conv1(x))))
        y = self.dropout(self.activation2(self._normed(self.norm2, self.conv2(y))))
        z: Tensor = self.activation3(x + y)
        return z

    def step(self, x: Tensor, past: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One step more, (batch, filters), with what lies before it for each convolution; returned with that of the next."""
        y, first = self.conv1.step(x, past[0])
        y, second = self.conv2.step(self.dropout(self.activation1(self.norm1(y))), past[1])
        y = self.dropout(self.activation2(self.norm2(y)))
        return self.activation3(x + y), [first, second]

    @staticmethod
    def _normed(norm: nn.Module, x: Tensor) -> Tensor:
        normed: Tensor = x if isinstance(norm, nn.Identity) else norm(x.transpose(1, 2)).transpose(1, 2)
        return normed


class TemporalConvolutions(nn.Module):
    """Blocks of causal convolutions between an embedding and a linear layer.

    Shapes: input (batch, time) of tokens or (batch, time, features), nan on padding; output (batch, outputs), or with
        `every_step` (batch, time, outputs).
    """

    def __init__(
        self,
        embedding: StepEmbedding,
        blocks: nn.ModuleList,
        output: nn.Module,
        *,
        every_step: bool,
        summary: str,
        output_activation: nn.Module | None,
    ) -> None:
        super().__init__()
        self.embedding, self.blocks, self.output = embedding, blocks, output
        self.every_step, self.summary, self.output_activation = every_step, summary, output_activation

    def forward(self, x: Tensor) -> Tensor:
        given = x.shape[1]
        x = at_least_one_step(x)
        y = self.embedding(x).transpose(1, 2)  # (batch, channels, time)
        for block in self.blocks:
            y = block(y)
        steps = y.transpose(1, 2)
        summed = steps[:, :given] if self.every_step else SUMMARIES[self.summary](steps, mask_of(x))
        return activated(self.output(summed), self.output_activation)

    def begin(self, inputs: Mapping[str, Tensor] | None = None, batch: int = 1) -> dict[str, Tensor]:
        """The state before the first step: zeros before each convolution."""
        if not self.every_step:
            raise SettingError(
                "This tcn answers once for a whole sequence, so it cannot go on step by step. "
                "Build it for data whose target has an answer at each step."
            )
        return {
            f"past{k}.{i}": convolution.begin(batch)
            for k, block in enumerate(self._each, start=1)
            for i, convolution in enumerate((block.conv1, block.conv2))
        }

    def step(self, token: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read one step more. Shapes: token (batch,), or (batch, features) of a series; output (batch, outputs)."""
        x = self.embedding(token[:, None])[:, 0]
        after: dict[str, Tensor] = {}
        for k, block in enumerate(self._each, start=1):
            x, past = block.step(x, [state[f"past{k}.{i}"] for i in range(2)])
            after |= {f"past{k}.{i}": value for i, value in enumerate(past)}
        return activated(self.output(x), self.output_activation), after

    @property
    def _each(self) -> list[TemporalBlock]:
        return cast(list[TemporalBlock], list(self.blocks))


def tcn(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    every_step: bool = False,
    filters: int = 64,
    levels: int | None = None,
    kernel: int = 3,
    norm: str | None = "layer",
    activation: Choice = "relu",
    dropout: float = 0.1,
    summary: str = "last",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series with causal convolutions whose kernels have gaps of 1, 2, 4, ... steps: a temporal convolutional
    network.

    Shapes: input (batch, time) of tokens or (batch, time, features); output (batch, outputs), or (batch, time, outputs) where
    the target has an entry for each step, which then depends on the steps up to it alone.
    Args:
        filters: of each convolution, and numbers that a token becomes.
        levels: blocks of two convolutions (default: so many that the last step sees the whole sequence, at most 10).
        kernel: steps that a kernel joins.
        norm: "layer" or None.
        dropout: share dropped behind each convolution, 0 to below 1.
        summary: one vector for a sequence without `every_step`: the "last" step, or the "mean" or "max" of all.
        initialization: "auto" is He's, and Glorot's in the last layer; tokens start from standard normal numbers.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Bai, Kolter and Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence
        Modeling", arXiv:1803.01271, section 3; the number of levels by rule and layer norm are ours.
    """
    features = features_of("tcn", shape, vocabulary)
    parts.check_dropout(dropout)
    parts.one_of("norm", norm, ["layer", None])
    parts.one_of("summary", summary, sorted(SUMMARIES))
    filters, kernel = parts.size("filters", filters), parts.size("kernel", kernel)
    count = levels_for(shape[0], kernel) if levels is None else parts.size("levels", levels)
    blocks = nn.ModuleList(
        TemporalBlock(filters, kernel, 2**k, norm=norm == "layer", activation=activation, dropout=dropout)
        for k in range(count)
    )
    network = TemporalConvolutions(
        StepEmbedding(vocabulary, features, filters, scale=False),
        blocks,
        nn.Linear(filters, outputs),
        every_step=every_step,
        summary=summary,
        output_activation=last_activation(output_activation),
    )
    initialize(network, initialization)
    return network


def levels_for(length: int, kernel: int) -> int:
    """How many levels see so many steps: with two convolutions each, 1 + 2 (kernel - 1) (2^levels - 1) steps.

    >>> levels_for(100, 3)
    5
    """
    return next((n for n in range(1, MOST_LEVELS) if 1 + 2 * (kernel - 1) * (2**n - 1) >= length), MOST_LEVELS)
