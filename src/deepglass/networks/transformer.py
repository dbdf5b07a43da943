"""Transformer: attention over a sequence, for one answer, an answer at each step, or the next token."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers import initialize
from deepglass.layers.attention import may_be_seen
from deepglass.layers.masks import mask_of
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.layers.transformer_stack import TransformerStack
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import SUMMARIES
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import Attentive, activated, features_of

LONGEST = 512  # positions that are learned at least; Devlin et al., "BERT", arXiv:1810.04805, has as many
CLS = "cls"


class SummaryStep(nn.Module):
    """Put one step in front whose vector is learned, and which gathers what the whole sequence says.

    Shapes: (batch, time, width) -> (batch, time + 1, width). Source: Devlin et al., arXiv:1810.04805, section 3.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.vector = nn.Parameter(torch.randn(width))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.vector.to(x.dtype).expand(len(x), 1, -1), x], dim=1)


class Transformer(Attentive):
    """A stack of attention between an embedding and a linear layer.

    Shapes: input (batch, time) of tokens or (batch, time, features), nan on padding; output (batch, outputs), or with
        `every_step` (batch, time, outputs).
    """

    def __init__(
        self,
        embedding: StepEmbedding,
        stack: TransformerStack,
        output: nn.Module,
        *,
        every_step: bool,
        summary: str,
        output_activation: nn.Module | None,
    ) -> None:
        super().__init__()
        self.embedding, self.stack, self.output = embedding, stack, output
        self.every_step, self.summary = every_step, summary
        self.summary_step = SummaryStep(self.stack.width) if summary == CLS and not every_step else None
        self.output_activation = output_activation

    def forward(self, x: Tensor) -> Tensor:
        given = x.shape[1]
        x = at_least_one_step(x)
        mask, steps = mask_of(x), self.embedding(x)
        if self.summary_step is not None:
            steps = self.summary_step(steps)
            mask = torch.cat([torch.ones_like(mask[:, :1]), mask], dim=1)
        # The steps of a causal stack never see the padding behind them, so it needs no mask.
        steps = self.stack(steps, mask=None if self.stack.causal else may_be_seen(mask))
        if self.every_step:
            return self._answered(steps[:, :given])
        if self.summary_step is not None:
            return self._answered(steps[:, 0])
        return self._answered(SUMMARIES[self.summary](steps, mask))

    def begin(self, inputs: Mapping[str, Tensor] | None = None, batch: int = 1) -> dict[str, Tensor]:
        """The state of a causal network before the first token: keys and values of the past for each block, none yet."""
        if not (self.stack.causal and self.every_step):
            raise SettingError(
                "This transformer sees the whole sequence at once, or answers once, so it cannot go on token by token. Build it "
                "with causal=True for data whose target is the next token."
            )
        return self.stack.begin(batch)

    def step(self, token: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read one step more. Shapes: token (batch,), or (batch, features) of a series; output (batch, outputs)."""
        mixed, state = self.stack.step(self.embedding(token[:, None])[:, 0], state)
        return self._answered(mixed), state

    def places(self, parameter: str, steps: list[str]) -> list[str]:
        return steps if self.summary_step is None else ["(summary)", *steps]

    def _answered(self, steps: Tensor) -> Tensor:
        return activated(self.output(steps), self.output_activation)


def transformer(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    every_step: bool = False,
    causal: bool | None = None,
    width: int = 128,
    heads: int = 4,
    layers: int = 2,
    feedforward: int | None = None,
    dropout: float = 0.1,
    positions: str = "rotary",
    longest: int | None = None,
    window: int | None = None,
    norm: str = "pre",
    activation: Choice = "gelu",
    summary: str = "mean",
    tied: bool = False,
    initialization: str = "glorot",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series by attention: an encoder, or a language model where each step sees the past alone.

    Shapes: input (batch, time) of tokens or (batch, time, features); output (batch, outputs), or (batch, time, outputs) where
    the target has an entry for each step.
    Args:
        causal: each step sees itself and those before it alone (default: where each step is answered by a token of the same
            vocabulary, as a language model needs it, or a series by numbers; not for tags).
        width: numbers that stand for a step, a multiple of `heads`.
        heads: that each attention layer has, each of an equal part of the width.
        layers: blocks above one another.
        feedforward: units of the dense layer in each block (default: 4 times the width).
        dropout: share dropped of the embedded steps and of each part's result, 0 to below 1.
        positions: "rotary", "sinusoidal", "learned" or "none".
        longest: how many positions are learned (default: the length of an example, at least 512).
        window: steps back that a causal network sees (default: the length of an example, so that what it goes on to write is
            read as it was in training).
        norm: "pre" trains without a warm-up; "post" is the paper's.
        summary: one vector for a sequence without `every_step`: "mean", "max" or "last" of its steps, or "cls", one more step.
        tied: use the table of tokens as the output layer, too (section 3.4).
        initialization: "glorot", as the paper's authors did; tokens start from normal numbers of std 1 / sqrt(width).
    Raises: ShapeError, SettingError, UnknownName.
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762; causal alone: Radford et al., "Improving Language
        Understanding by Generative Pre-Training", 2018; the defaults for two cores are ours.
    """
    features = features_of("transformer", shape, vocabulary)
    parts.check_dropout(dropout)
    parts.one_of("summary", summary, sorted([*SUMMARIES, CLS]))
    if tied and outputs != vocabulary:
        raise SettingError(
            f"tied=True uses one table for tokens and outputs, and there are {vocabulary or 'no'} tokens and {outputs} outputs. "
            "Leave it out."
        )
    causal = every_step and vocabulary in (None, outputs) if causal is None else causal
    width = parts.size("width", width)
    stack = TransformerStack(
        width,
        heads=parts.size("heads", heads),
        layers=parts.size("layers", layers),
        feedforward=parts.size("feedforward", feedforward or 4 * width),
        dropout=dropout,
        positions=positions,
        longest=longest or max(shape[0] + 1, LONGEST),  # one more for "cls"
        norm=norm,
        activation=lambda: parts.activation(activation),
        causal=causal,
        window=(window or shape[0]) if causal else None,
    )
    network = Transformer(
        StepEmbedding(vocabulary, features, width),
        stack,
        nn.Linear(width, outputs),
        every_step=every_step,
        summary=summary,
        output_activation=last_activation(output_activation),
    )
    initialize(network, initialization)
    if tied and network.embedding.table is not None:
        network.output.weight = network.embedding.table.weight
    return network
