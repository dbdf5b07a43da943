"""Rnn: plain recurrent networks, and their wirings through time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import nn

from deepglass.errors import SettingError
from deepglass.layers import initialize
from deepglass.layers.leaky import LeakyRecurrent
from deepglass.layers.recurrent import Layer
from deepglass.layers.recurrent_clockwork import ClockworkRecurrent
from deepglass.layers.recurrent_skip import SkipRecurrent
from deepglass.layers.recurrent_start import start_recurrent
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.recurrent_output import OutputNetwork
from deepglass.networks.recurrent_parts import Plan, recurrent


def rnn(
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
    nonlinearity: str = "tanh",
    recurrence: str = "hidden",
    feedback: str = "auto",
    time_constants: Sequence[float] | None = None,
    skip: int | None = None,
    every: Sequence[int] | None = None,
    summary: str = "last",
    steps: int | None = None,
    context: str = "each",
    initialization: str = "auto",
    output_activation: Choice | None = None,
) -> nn.Module:
    """Read a text or a series with plain recurrent layers: h(t) = tanh(Wx x(t) + Wh h(t-1) + b).

    What such a layer remembers fades at every step; `lstm` and `gru` are made to keep it.
    Shapes: input (batch, time) of tokens, or (batch, time, features) with nan where a series has ended; output (batch, outputs),
    or (batch, time, outputs) where the data want an answer at each step. With `steps`: input (batch, features), output (batch,
    outputs), of which each step gives an equal part.
    Args:
        units: of each layer, and of each direction.
        layers: recurrent layers above one another.
        bidirectional: also read from the end; a layer then gives 2 x units.
        embedding: numbers that a token becomes (default: 64, or as many as there are tokens).
        dropout: share dropped between layers, after the embedding and before the output; never on the way through time.
        nonlinearity: "tanh" or "relu".
        recurrence: "hidden", or "output" (Jordan): a step hears of the past only through the answer before. Teacher forcing, with
            `network.forced(x, truth)`, then needs no loop through time.
        feedback: of recurrence "output", what of an answer is heard: "identity" or "softmax" (default: softmax for texts).
        time_constants: leaky units, in steps, such as [1, 4, 16, 64].
        skip: also connect each step with the one so many steps before.
        every: groups of units that are updated at each step, at each second and so on, such as [1, 2, 4, 8].
        summary: how a series becomes one vector: the "last" state, or the "mean" or "max" over time.
        steps: make a series of so many steps from a vector. context: when the vector arrives: at "each" step or at the "start".
        initialization: "auto" is Glorot's for the input, and orthogonal for the recurrence; "default" is torch's.
    Raises: SettingError, ShapeError, UnknownName.
    Source: Elman, "Finding Structure in Time", Cognitive Science, 1990; dropout: Zaremba, Sutskever and Vinyals, arXiv:1409.2329;
        the wirings: the files of their layers.
    """
    plan = Plan(units, layers, bidirectional, embedding, dropout, summary, output_activation)
    parts.one_of("nonlinearity", nonlinearity, ["relu", "tanh"])
    parts.one_of("recurrence", recurrence, ["hidden", "output"])
    wirings = {"time_constants": time_constants, "skip": skip, "every": every}
    asked = {name: value for name, value in wirings.items() if value is not None}
    if len(asked) > 1:
        raise SettingError(
            f"A recurrent layer has one wiring through time, and {' and '.join(asked)} are asked for. Choose one."
        )
    if recurrence == "output":
        _refuse(plan, asked, steps)
        made = OutputNetwork(
            "rnn",
            shape,
            outputs,
            plan,
            nonlinearity=nonlinearity,
            feedback=("identity" if vocabulary is None else "softmax") if feedback == "auto" else feedback,
            vocabulary=vocabulary,
            every_step=every_step,
        )
        return initialize(made, initialization)
    kind = _layer(units, nonlinearity, asked)

    def make(arriving: int) -> Layer:
        layer = kind(arriving)
        start_recurrent(layer, initialization)
        return layer

    return recurrent(
        "rnn", shape, outputs, make, plan, vocabulary=vocabulary, every_step=every_step, steps=steps, context=context,
        initialization=initialization,
    )  # fmt: skip


def _layer(units: int, nonlinearity: str, asked: dict[str, Any]) -> Callable[[int], Layer]:
    if "time_constants" in asked:
        times = asked["time_constants"]
        return partial(LeakyRecurrent, hidden_size=units, time_constants=times, nonlinearity=nonlinearity)
    if "skip" in asked:
        return partial(SkipRecurrent, hidden_size=units, delay=asked["skip"], nonlinearity=nonlinearity)
    if "every" in asked:
        return partial(ClockworkRecurrent, hidden_size=units, periods=asked["every"], nonlinearity=nonlinearity)
    return partial(nn.RNN, hidden_size=units, nonlinearity=nonlinearity, batch_first=True)


def _refuse(plan: Plan, asked: dict[str, Any], steps: int | None) -> None:
    """Say which options make no sense where only the answer is handed on."""
    wrong = [name for name, on in (("layers", plan.layers > 1), ("bidirectional", plan.bidirectional)) if on]
    wrong += [*asked, *(["steps"] if steps is not None else []), *(["summary"] if plan.summary != "last" else [])]
    if wrong:
        raise SettingError(
            f"With recurrence='output' there is one layer that hears its answers, and no {', '.join(wrong)}. Leave that out."
        )
