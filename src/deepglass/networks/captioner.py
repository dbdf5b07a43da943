"""Captioner: convolutions look at an image, and a recurrent network says what is there, one token after the other."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from deepglass.networks import parts
from deepglass.networks.image_encoder import ImageEncoder
from deepglass.networks.parts import Shape
from deepglass.networks.recurrent_decoder import RecurrentDecoder
from deepglass.networks.recurrent_encoder import CELLS
from deepglass.networks.steps import Writes, previous_or_start

CONTEXTS = ("start", "each", "attention")


class Captioner(Writes):
    """An encoder of images and a decoder of words.

    Shapes: image (batch, channels, height, width); previous (batch, to), "<start>" and the tokens said so far; output (batch, to,
        outputs), for each the token that follows.
    """

    def __init__(self, encoder: ImageEncoder, decoder: RecurrentDecoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    @property
    def grid(self) -> tuple[int, int]:
        """The places of the image that attention looks at, down and across: one axis of its maps, row after row."""
        return self.encoder.grid

    def forward(self, image: Tensor, previous: Tensor | None = None) -> Tensor:
        said = previous_or_start(image, previous)
        logits: Tensor = self.decoder(said, self.decoder.begin(self.encoder(image)))[0]
        return logits

    def begin(self, inputs: Mapping[str, Tensor], batch: int | None = None) -> dict[str, Tensor]:
        """The state before the first token: what the image gives the decoder to begin with, and to look at."""
        (image,) = inputs.values()
        return self.decoder.begin(self.encoder(image))

    def step(self, token: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Say one token more. Shapes: token (batch,), the last one that was said; output (batch, outputs)."""
        logits, state = self.decoder(token[:, None], state)
        return logits[:, 0], state


def captioner(
    shape: Shape,
    outputs: int,
    *,
    context: str = "attention",
    filters: int | Sequence[int] = (32, 64, 64),
    cell: str = "lstm",
    width: int = 128,
    embedding: int = 64,
    layers: int = 1,
    dropout: float = 0.1,
) -> nn.Module:
    """Say what an image shows: a sequence from one fixed context.

    Shapes: image (batch, channels, height, width), previous (batch, to) of tokens, output (batch, to, outputs).
    Args:
        context: how the image arrives: as the state at the "start" alone, beside the token at "each" step, or by "attention",
            which looks at the places of the last map anew before each word.
        filters: maps of each convolution; each halves the sides.
        cell: "lstm", whose forget gate starts open, or "gru".
        width: units of the decoder, and numbers of each place.
        embedding: numbers that stand for a token.
        layers: recurrent layers above one another.
        dropout: share dropped of the embedded tokens, before the output, and of the map, 0 to below 1.
    Raises: ShapeError, SettingError.
    Source: Vinyals, Toshev, Bengio and Erhan, "Show and Tell", arXiv:1411.4555 (start, there as the first word); Mao et al.,
        arXiv:1412.6632 (each); Xu et al., "Show, Attend and Tell", arXiv:1502.03044 (attention, there without a vector of its own
        for each place).
    """
    size = parts.image("captioner", shape)
    parts.one_of("context", context, list(CONTEXTS))
    parts.one_of("cell", cell, list(CELLS))
    parts.check_dropout(dropout)
    sizes = {"width": width, "embedding": embedding, "layers": layers}
    wide, embedded, deep = (parts.size(name, value) for name, value in sizes.items())
    return Captioner(
        ImageEncoder(size, parts.widths("filters", filters), wide, dropout, places=context == "attention"),
        RecurrentDecoder(
            outputs,
            wide,
            embedding=embedded,
            cell=cell,
            layers=deep,
            attention="additive" if context == "attention" else None,
            context="each" if context == "each" else "start",
            dropout=dropout,
            initialization="auto",
        ),
    )
