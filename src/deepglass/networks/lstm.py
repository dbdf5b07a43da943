"""Lstm: recurrent networks with a memory, and gates that say what is forgotten, taken in and given out."""

from torch import nn

from deepglass.layers.recurrent import Layer
from deepglass.layers.recurrent_start import FORGET_BIAS, FORGET_BIAS_AT_EACH_STEP, start_recurrent
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_parts import Plan, recurrent


def lstm(
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
    forget_bias: float | None = None,
    summary: str = "last",
    steps: int | None = None,
    context: str = "each",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series with long short-term memory.

    i, f, o = sigmoid(Wx x(t) + Wh h(t-1) + b) each, g = tanh(...) alike, c(t) = f c(t-1) + i g, h(t) = o tanh(c(t)).
    Shapes: input (batch, time) of tokens, or (batch, time, features) with nan where a series has ended; output (batch, outputs),
    or (batch, time, outputs) where the data want an answer at each step. With `steps`: input (batch, features), output (batch,
    outputs), of which each step gives an equal part.
    Args:
        units: of each layer, and of each direction.
        layers: recurrent layers above one another.
        bidirectional: also read from the end; a layer then gives 2 x units.
        embedding: numbers that a token becomes (default: 64, or as many as there are tokens).
        dropout: share dropped between layers, after the embedding and before the output; never on the way through time.
        forget_bias: what the bias of the forget gate starts from: open, as the slope of what was read long ago comes back through
            its product over all steps, and vanishes when it starts half shut (0) (default: 2, or 1 with an answer at each step).
        summary: how a series becomes one vector: the "last" state, or the "mean" or "max" over time.
        steps: make a series of so many steps from a vector. context: when the vector arrives: at "each" step or at the "start".
        initialization: "auto" is Glorot's for the input, and orthogonal for the recurrence; "default" is torch's.
    Raises: SettingError, ShapeError, UnknownName.
    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation, 1997; Gers, Schmidhuber and Cummins,
        "Learning to Forget", Neural Computation, 2000; a bias "such as 1 or 2": Jozefowicz, Zaremba and Sutskever, ICML 2015,
        section 2.2; dropout: Zaremba, Sutskever and Vinyals, arXiv:1409.2329.
    """
    plan = Plan(units, layers, bidirectional, embedding, dropout, summary, output_activation)

    usual = FORGET_BIAS_AT_EACH_STEP if every_step else FORGET_BIAS
    bias = usual if forget_bias is None else forget_bias

    def make(arriving: int) -> Layer:
        layer = nn.LSTM(arriving, units, batch_first=True)
        start_recurrent(layer, initialization, open_gate=bias)
        return layer

    return recurrent(
        "lstm", shape, outputs, make, plan, vocabulary=vocabulary, every_step=every_step, steps=steps, context=context,
        initialization=initialization,
    )  # fmt: skip
