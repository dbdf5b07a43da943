"""Transformer translator: an encoder reads one sequence, and a decoder writes another one while it looks at it."""

from collections.abc import Mapping

from torch import Tensor, nn

from deepglass.layers import initialize
from deepglass.layers.attention import may_be_seen
from deepglass.layers.masks import mask_of
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.layers.transformer_stack import TransformerStack
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import PREVIOUS, SOURCE, Writes, activated, features_of, previous_or_start
from deepglass.networks.transformer import LONGEST


class TransformerTranslator(Writes):
    """Encoder, decoder, and between them attention of each step of the decoder over all of the source.

    Shapes: source (batch, from) of tokens or (batch, from, features), nan on padding; previous (batch, to), "<start>" and the
        tokens said so far; output (batch, to, outputs), for each the token that follows.
    """

    def __init__(
        self,
        source_embedding: StepEmbedding,
        encoder: TransformerStack,
        target_embedding: StepEmbedding,
        decoder: TransformerStack,
        output: nn.Module,
        output_activation: nn.Module | None,
    ) -> None:
        super().__init__()
        self.source_embedding, self.encoder = source_embedding, encoder
        self.target_embedding, self.decoder = target_embedding, decoder
        self.output, self.output_activation = output, output_activation

    def forward(self, source: Tensor, previous: Tensor | None = None) -> Tensor:
        memory, mask = self._read(source)
        said = self.target_embedding(previous_or_start(source, previous))
        return self._answered(self.decoder(said, memory=memory, memory_mask=mask))

    def begin(self, inputs: Mapping[str, Tensor], batch: int | None = None) -> dict[str, Tensor]:
        """The state before the first token: keys and values of the source for each block, and none yet of what is said."""
        (source,) = inputs.values()
        memory, mask = self._read(source)
        return self.decoder.begin(len(source), memory=memory, memory_mask=mask)

    def step(self, token: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Say one token more. Shapes: token (batch,), the last one that was said; output (batch, outputs)."""
        mixed, state = self.decoder.step(self.target_embedding(token[:, None])[:, 0], state)
        return self._answered(mixed), state

    def between(self, layer: str) -> tuple[str, str]:
        if layer.startswith("encoder."):
            return SOURCE, SOURCE
        return PREVIOUS, SOURCE if layer.endswith("memory_attention") else PREVIOUS

    def _read(self, source: Tensor) -> tuple[Tensor, Tensor | None]:
        source = at_least_one_step(source)
        mask = may_be_seen(mask_of(source))
        return self.encoder(self.source_embedding(source), mask=mask), mask

    def _answered(self, steps: Tensor) -> Tensor:
        return activated(self.output(steps), self.output_activation)


def transformer_translator(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    width: int = 128,
    heads: int = 4,
    layers: int = 3,
    feedforward: int | None = None,
    dropout: float = 0.1,
    positions: str = "rotary",
    longest: int | None = None,
    norm: str = "pre",
    activation: Choice = "gelu",
    tied: bool = True,
    initialization: str = "glorot",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Translate by attention: an encoder reads the source, and a decoder says one token after the other.

    Shapes: source (batch, from) of tokens or (batch, from, features), previous (batch, to) of tokens, output (batch, to, outputs).
    Args:
        width, heads, feedforward, dropout, positions, norm, activation: as of `transformer`, in both halves.
        layers: blocks of the encoder, and as many of the decoder.
        longest: how many positions are learned (default: the length of a source, at least 512).
        tied: use the table of target tokens as the output layer, too (section 3.4).
        initialization: "glorot", as the paper's authors did; tokens start from normal numbers of std 1 / sqrt(width).
    Raises: ShapeError, SettingError, UnknownName.
    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762; the defaults for two cores are ours.
    """
    features = features_of("transformer_translator", shape, vocabulary)
    parts.check_dropout(dropout)
    width = parts.size("width", width)

    def stack(*, decoder: bool) -> TransformerStack:
        return TransformerStack(
            width,
            heads=parts.size("heads", heads),
            layers=parts.size("layers", layers),
            feedforward=parts.size("feedforward", feedforward or 4 * width),
            dropout=dropout,
            positions=positions,
            longest=longest or max(shape[0], LONGEST),
            norm=norm,
            activation=lambda: parts.activation(activation),
            causal=decoder,
            cross=decoder,
        )

    network = TransformerTranslator(
        StepEmbedding(vocabulary, features, width),
        stack(decoder=False),
        StepEmbedding(outputs, 0, width),
        stack(decoder=True),
        nn.Linear(width, outputs),
        last_activation(output_activation),
    )
    initialize(network, initialization)
    if tied and network.target_embedding.table is not None:
        network.output.weight = network.target_embedding.table.weight
    return network
