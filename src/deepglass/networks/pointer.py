"""Pointer: a network that answers with places of its input, such as the order in which numbers are to be sorted."""

from collections.abc import Mapping

from torch import Tensor, nn

from deepglass.layers import initialize
from deepglass.layers.masks import mask_of
from deepglass.layers.pointer import Pointer
from deepglass.layers.step_embedding import StepEmbedding, at_least_one_step
from deepglass.networks import parts
from deepglass.networks.parts import Shape
from deepglass.networks.recurrent_encoder import RecurrentEncoder, recurrent
from deepglass.networks.steps import SOURCE, Writes, features_of

END = 0  # the place that stands for "<start>" before the first step and for "<end>" after the last one


class PointerNetwork(Writes):
    """An encoder, and a decoder that points at the input's places, so that it has as many outputs as the input has places.

    Places are counted from 1; 0 is the start, and as an answer the end.
    Shapes: source (batch, time) of tokens or (batch, time, features), nan on padding; previous (batch, steps) of the places that
        were pointed at, the first 0; output (batch, steps, time + 1), logits for the place that follows, -inf on padding.
    """

    def __init__(
        self, encoder: RecurrentEncoder, embedding: int, width: int, *, cell: str, initialization: str
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = recurrent(cell, embedding, width, initialization)
        self.pointer = Pointer(width, embedding)
        self.bridge = nn.Linear(width, width * (2 if cell == "lstm" else 1))

    def forward(self, source: Tensor, previous: Tensor | None = None) -> Tensor:
        said = source.new_zeros(len(source), 1).long() if previous is None else previous
        return self._onward(said, self.begin({"source": source}))[0]

    def begin(self, inputs: Mapping[str, Tensor], batch: int | None = None) -> dict[str, Tensor]:
        """The state before the first place: that of the decoder, and what its pointer can point at."""
        (source,) = inputs.values()
        source = at_least_one_step(source)
        read = self.encoder(source)
        start = self.bridge(read.summary).tanh()
        state = dict(zip("hc", start.split(self.decoder.hidden_size, dim=1)))
        return {**state, **self.pointer.begin(read.memory, self.encoder.embedding(source), mask_of(source))}

    def step(self, token: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Point once more. Shapes: token (batch,), the place that was pointed at last; output (batch, time + 1)."""
        logits, state = self._onward(token[:, None], state)
        return logits[:, 0], state

    def places(self, parameter: str, steps: list[str]) -> list[str]:
        return ["(end)", *steps] if parameter == SOURCE else steps

    def _onward(self, places: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        before = tuple(state[part][None].contiguous() for part in "hc" if part in state)
        hidden, last = self.decoder(self.pointer.chosen(places, state), before if len(before) == 2 else before[0])
        after = dict(zip("hc", last if len(before) == 2 else (last,)))
        return self.pointer(hidden, state), {**state, **{part: value[0] for part, value in after.items()}}


def pointer(
    shape: Shape,
    *,
    vocabulary: int | None = None,
    cell: str = "lstm",
    width: int = 128,
    embedding: int = 64,
    bidirectional: bool = True,
    dropout: float = 0.0,
    initialization: str = "auto",
) -> nn.Module:
    """Answer with places of the input, one after the other, until it points at the end.

    Shapes: source (batch, time) of tokens or (batch, time, features), previous (batch, steps) of places, output (batch, steps,
    time + 1): place 0 is the end, the others are counted from 1.
    Args:
        cell: "lstm", whose forget gate starts open, or "gru".
        width: units of the decoder; each direction of a bidirectional encoder has half of it. The paper's encoder has one.
        embedding: numbers that a token or a step becomes.
        bidirectional: whether the encoder also reads from the end.
        dropout: share of these dropped, 0 to below 1.
        initialization: "auto" is Glorot's, and orthogonal for what comes from a state.
    Raises: ShapeError, SettingError, UnknownName.
    Source: Vinyals, Fortunato and Jaitly, "Pointer Networks", arXiv:1506.03134, section 2.3; defaults are ours.
    """
    features = features_of("pointer", shape, vocabulary)
    parts.check_dropout(dropout)
    width, embedding = parts.size("width", width), parts.size("embedding", embedding)
    reading = StepEmbedding(vocabulary, features, embedding, scale=False)
    encoder = RecurrentEncoder(
        reading, embedding, width, cell=cell, layers=1, bidirectional=bidirectional, dropout=dropout,
        initialization=initialization,
    )  # fmt: skip
    network = PointerNetwork(encoder, embedding, width, cell=cell, initialization=initialization)
    initialize(network, initialization)
    return network
