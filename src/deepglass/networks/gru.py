"""Gru: recurrent networks whose gates say how much of the state is kept."""

from torch import nn

from deepglass.layers.recurrent import Layer
from deepglass.layers.recurrent_start import start_recurrent
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import Plan, recurrent

# As the forget gate of an LSTM: with 32 units, the first of 30 symbols was named after 3 epochs by two seeds of two; with 1 after 6
# and 5, with 0 after 16 and 21: experiment open-gates.
GATE_BIAS = 2.0


def gru(
    shape: Shape,
    outputs: int,
    *,
    vocabulary: int | None = None,
    every_step: bool = False,
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = False,
    embedding: int | None = None,
    dropout: float = 0.0,
    gate_bias: float = GATE_BIAS,
    summary: str = "last",
    steps: int | None = None,
    context: str = "each",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series with gated recurrent units, which have two gates and no memory beside their state.

    r, u = sigmoid(Wx x(t) + Wh h(t-1) + b) each, g = tanh(Wx x(t) + r (Wh h(t-1) + b)), h(t) = (1 - u) g + u h(t-1).
    Shapes: input (batch, time) of tokens, or (batch, time, features) with nan where a series has ended; output (batch, outputs),
    or (batch, time, outputs) where the data want an answer at each step. With `steps`: input (batch, features), output (batch,
    outputs), of which each step gives an equal part.
    Args:
        units: of each layer, and of each direction.
        layers: recurrent layers above one another.
        bidirectional: also read from the end; a layer then gives 2 x units.
        embedding: numbers that a token becomes (default: 64, or as many as there are tokens).
        dropout: share dropped between layers, after the embedding and before the output; never on the way through time.
        gate_bias: what the bias of the update gate u starts from: open, as the higher it is, the more of the state is kept.
        summary: how a series becomes one vector: the "last" state, or the "mean" or "max" over time.
        steps: make a series of so many steps from a vector. context: when the vector arrives: at "each" step or at the "start".
        initialization: "auto" is Glorot's for the input, and orthogonal for the recurrence; "default" is torch's.
    Raises: SettingError, ShapeError, UnknownName.
    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014, arXiv:1406.1078; the reset gate
        after the weights, as in cuDNN; dropout: Zaremba, Sutskever and Vinyals, arXiv:1409.2329.
    """
    plan = Plan(units, layers, bidirectional, embedding, dropout, summary, output_activation)

    def make(arriving: int) -> Layer:
        layer = nn.GRU(arriving, units, batch_first=True)
        start_recurrent(layer, initialization, open_gate=gate_bias)
        return layer

    return recurrent(
        "gru", shape, outputs, make, plan, vocabulary=vocabulary, every_step=every_step, steps=steps, context=context,
        initialization=initialization,
    )  # fmt: skip
