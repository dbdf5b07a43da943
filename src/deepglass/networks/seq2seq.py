"""Seq2seq: a recurrent network reads one sequence, and another one writes a second, of its own length."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from deepglass.errors import SettingError
from deepglass.layers import initialize
from deepglass.layers.step_embedding import StepEmbedding
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_decoder import ATTENTIONS, CONTEXTS, RecurrentDecoder
from deepglass.networks.recurrent_encoder import RecurrentEncoder
from deepglass.networks.recurrent_parts import output_activation as last_activation
from deepglass.networks.steps import Writes, activated, features_of, previous_or_start

EMBEDDING = 128  # numbers that stand for a token; ours


class Seq2Seq(Writes):
    """An encoder and a decoder.

    Shapes: source (batch, from) of tokens or (batch, from, features), nan on padding; previous (batch, to), "<start>" and the
        tokens said so far; output (batch, to, outputs), for each the token that follows.
    """

    def __init__(
        self, encoder: RecurrentEncoder, decoder: RecurrentDecoder, output_activation: nn.Module | None
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.output_activation = encoder, decoder, output_activation

    def forward(self, source: Tensor, previous: Tensor | None = None) -> Tensor:
        said = previous_or_start(source, previous)
        return activated(self.decoder(said, self.decoder.begin(self.encoder(source)))[0], self.output_activation)

    def begin(self, inputs: Mapping[str, Tensor], batch: int | None = None) -> dict[str, Tensor]:
        """The state before the first token: what the source gives the decoder to begin with, and to look at."""
        (source,) = inputs.values()
        return self.decoder.begin(self.encoder(source))

    def step(self, token: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Say one token more. Shapes: token (batch,), the last one that was said; output (batch, outputs)."""
        logits, state = self.decoder(token[:, None], state)
        return activated(logits, self.output_activation)[:, 0], state


def seq2seq(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    attention: str | None = "dot",
    context: str = "start",
    cell: str = "gru",
    width: int = 256,
    embedding: int = EMBEDDING,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.1,
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Translate with two recurrent networks: an encoder reads the source, and a decoder says one token after the other.

    Shapes: source (batch, from) of tokens or (batch, from, features), previous (batch, to) of tokens, output (batch, to, outputs).
    Args:
        attention: what the decoder looks at the source by: "dot" (Luong; the quickest), "additive" (Bahdanau) or None, where one
            vector has to hold all of it.
        context: without attention, whether that vector goes into "each" step, or is but the state at the "start".
        cell: "gru" or "lstm", whose forget gate starts open.
        width: units of the decoder; each direction of a bidirectional encoder has half of it.
        embedding: numbers that stand for a token, in source and target; a series arrives through a linear layer as wide.
        layers: recurrent layers above one another, of the encoder and as many of the decoder.
        bidirectional: whether the encoder also reads from the end.
        dropout: share dropped of the embedded tokens and before the output, 0 to below 1.
        initialization: "auto" is Glorot's, and orthogonal for what comes from a state; tokens start from standard normal numbers.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", arXiv:1409.3215; with attention
        Bahdanau, Cho and Bengio, arXiv:1409.0473, and Luong, Pham and Manning, arXiv:1508.04025. The first state comes through a
        dense layer with tanh, as Bahdanau's, for either.
    """
    features = features_of("seq2seq", shape, vocabulary)
    parts.check_dropout(dropout)
    parts.one_of("context", context, list(CONTEXTS))
    if attention == "none":  # as a command line writes it
        attention = None
    parts.one_of("attention", attention, list(ATTENTIONS))
    if attention is not None and context != "start":
        raise SettingError(
            f"{context=} is for attention=None: with attention each step sees the source anyway. Leave it out."
        )
    width, embedding = parts.size("width", width), parts.size("embedding", embedding)
    layers = parts.size("layers", layers)
    reading = StepEmbedding(vocabulary, features, embedding, scale=False)
    shared: dict[str, Any] = {"cell": cell, "layers": layers, "dropout": dropout, "initialization": initialization}
    encoder = RecurrentEncoder(reading, embedding, width, bidirectional=bidirectional, **shared)
    decoder = RecurrentDecoder(outputs, width, embedding=embedding, attention=attention, context=context, **shared)
    network = Seq2Seq(encoder, decoder, last_activation(output_activation))
    initialize(network, initialization)
    return network
