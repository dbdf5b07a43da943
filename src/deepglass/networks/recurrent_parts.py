"""Recurrent parts: what the recurrent families share: reading texts and series, layers above one another, answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import OUTPUT_ACTIVATIONS, initialize
from deepglass.layers.masks import largest_of, last_of, mask_of, mean_of, without_nan
from deepglass.layers.recurrent import Layer, TwoWays, start_of, through
from deepglass.networks import parts
from deepglass.networks.parts import Choice, Shape
from deepglass.networks.steps import features_of

EMBEDDING = 64  # numbers a token becomes, or as many as there are tokens where these are fewer; ours
SUMMARIES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"last": last_of, "mean": mean_of, "max": largest_of}


@dataclass(frozen=True)
class Plan:
    """The options that all recurrent networks have; their docstrings say what they mean."""

    units: int = 64
    layers: int = 1
    bidirectional: bool = False
    embedding: int | None = None
    dropout: float = 0.0
    summary: str = "last"
    output_activation: Choice | None = None

    def __post_init__(self) -> None:
        for name in ("units", "layers", *(() if self.embedding is None else ("embedding",))):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise SettingError(f"{name}={value!r} is no number of them. Give a whole number, 1 or more.")
        parts.check_dropout(self.dropout)
        parts.one_of("summary", self.summary, sorted(SUMMARIES))

    def dropped(self) -> nn.Module | None:
        """A new dropout layer; None where nothing is dropped, so that a summary of the network has no row for it."""
        return nn.Dropout(self.dropout) if self.dropout else None

    def last(self) -> nn.Module | None:
        """The output activation; None where there is none."""
        return None if self.output_activation in (None, "none") else output_activation(self.output_activation)


class Reader(nn.Module):
    """Base of networks that read a text or a series: what is padded, and what a token becomes.

    Args: name: of the network, for messages. vocabulary: how many tokens there are; None for a series of numbers.
    """

    def __init__(self, name: str, shape: Shape, vocabulary: int | None, plan: Plan) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        if vocabulary is None:
            self.width = features_of(name, shape, vocabulary)
            return
        self.width = plan.embedding or min(EMBEDDING, vocabulary)
        self.embedding = nn.Embedding(vocabulary, self.width, padding_idx=0)
        self.embedding_dropout = plan.dropped()

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return numbers without nan (batch, time, width), and the mask (batch, time); without any step, one that is padded."""
        if not x.shape[1]:
            x = x.new_full((len(x), 1, *x.shape[2:]), 0 if self.vocabulary is not None else torch.nan)
        mask = mask_of(x)
        if self.vocabulary is None:
            return without_nan(x), mask
        embedded = self.embedding(x)
        return embedded if self.embedding_dropout is None else self.embedding_dropout(embedded), mask


class RecurrentNetwork(Reader):
    """Recurrent layers above one another, and a linear layer that answers at the end or at each step.

    Shapes: input (batch, time) of tokens or (batch, time, features) with nan where it is padded; output (batch, outputs), or with
    every_step (batch, time, outputs). Args: make: a recurrent layer for so many arriving numbers.
    """

    def __init__(
        self,
        name: str,
        shape: Shape,
        outputs: int,
        make: Callable[[int], Layer],
        plan: Plan,
        *,
        vocabulary: int | None,
        every_step: bool,
    ) -> None:
        super().__init__(name, shape, vocabulary, plan)
        self.every_step, self.summary = every_step, plan.summary
        self.names = tuple(f"{name}{k}" for k in range(1, plan.layers + 1))
        width = self.width
        for layer_name in self.names:
            both = plan.bidirectional
            self.add_module(layer_name, TwoWays(make(width), make(width)) if both else make(width))
            width = plan.units * (2 if both else 1)
        self.dropout = plan.dropped()
        self.output = nn.Linear(width, outputs)
        self.output_activation = plan.last()

    def forward(self, x: Tensor) -> Tensor:
        x, mask = self.read(x)
        hidden = self.hidden(x, mask)
        if self.every_step:
            return self.answer(torch.where(mask[:, :, None], hidden, 0.0))
        return self.answer(self.summed_up(hidden, mask))

    def hidden(self, x: Tensor, mask: Tensor) -> Tensor:
        """What the last recurrent layer gives at each step: (batch, time, units); at a padded step whatever it may be."""
        for name in self.names:
            layer = self.get_submodule(name)
            x = layer(x, mask)[0] if isinstance(layer, TwoWays) else layer(x)[0]
            x = x if self.dropout is None else self.dropout(x)
        return x

    def summed_up(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """One vector for a series. The last state of the way back is the one at the first step."""
        top = self.get_submodule(self.names[-1])
        if self.summary != "last" or not isinstance(top, TwoWays):
            return SUMMARIES[self.summary](hidden, mask)
        ends, starts = hidden.split(top.hidden_size, dim=2)
        first = torch.where(mask.any(dim=1, keepdim=True), starts[:, 0], 0.0)
        return torch.cat([last_of(ends, mask), first], dim=1)

    def answer(self, hidden: Tensor) -> Tensor:
        answered: Tensor = self.output(hidden)
        return answered if self.output_activation is None else self.output_activation(answered)

    def begin(self, inputs: Mapping[str, Tensor] | None = None, batch: int = 1) -> dict[str, Tensor]:
        """The state before the first step, for `step` and `continued`: zeros, each part (batch, ...). Raises: ShapeError."""
        return {
            f"{name}.{part}": value
            for name in self.names
            for part, value in start_of(self._one_way(name), batch).items()
        }

    def step(self, token: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Read one step more. Shapes: token (batch,), or (batch, features) of a series; answer (batch, outputs)."""
        answers, after = self._onward(token[:, None], state)
        return answers[:, 0], after

    def continued(self, x: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """As forward with an answer at each step, from a state on (empty: from the start). Returns: the state at the end, too."""
        return self._onward(x, state)

    def _onward(self, x: Tensor, state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        x, mask = self.read(x)
        after: dict[str, Tensor] = {}
        for name in self.names:
            own = {part[len(name) + 1 :]: v for part, v in state.items() if part.startswith(f"{name}.")}
            x, last = through(self._one_way(name), x, own, mask)
            x = x if self.dropout is None else self.dropout(x)
            after |= {f"{name}.{part}": value for part, value in last.items()}
        return self.answer(torch.where(mask[:, :, None], x, 0.0)), after

    def _one_way(self, name: str) -> Layer:
        layer: Any = self.get_submodule(name)
        if isinstance(layer, TwoWays):
            raise ShapeError(
                "A network that reads both ways needs the whole series and cannot go on step by step. Build it with "
                "bidirectional=False."
            )
        kept: Layer = layer
        return kept


class FromVector(nn.Module):
    """Make a series from a vector: the vector arrives at the first step, or at each, and every step gives a part of the answer.

    Shapes: input (batch, features), output (batch, steps x numbers of a step), the first step first.
    """

    def __init__(
        self, name: str, features: int, outputs: int, make: Callable[[int], Layer], plan: Plan, steps: int, context: str
    ) -> None:
        super().__init__()
        parts.one_of("context", context, ["each", "start"])
        if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1 or outputs % steps:
            raise SettingError(
                f"{steps=} does not share out {outputs} outputs evenly. Give the steps of the series that is made."
            )
        if plan.bidirectional:
            raise SettingError(
                "A series that is made from a vector grows step by step, so bidirectional=True is impossible. Leave it out."
            )
        self.steps, self.context = steps, context
        self.names = tuple(f"{name}{k}" for k in range(1, plan.layers + 1))
        for k, layer_name in enumerate(self.names):
            self.add_module(layer_name, make(plan.units if k else features))
        self.dropout = plan.dropped()
        self.output = nn.Linear(plan.units, outputs // steps)
        self.output_activation = plan.last()

    def forward(self, x: Tensor) -> Tensor:
        if self.context == "each":
            x = x[:, None].expand(-1, self.steps, -1)
        else:  # and nothing after it, so the state alone carries it on
            x = nn.functional.pad(x[:, None], (0, 0, 0, self.steps - 1))
        for name in self.names:
            x = self.get_submodule(name)(x)[0]
            x = x if self.dropout is None else self.dropout(x)
        answered: Tensor = self.output(x)
        return (answered if self.output_activation is None else self.output_activation(answered)).flatten(1)


def recurrent(
    name: str,
    shape: Shape,
    outputs: int,
    make: Callable[[int], Layer],
    plan: Plan,
    *,
    vocabulary: int | None,
    every_step: bool,
    steps: int | None,
    context: str,
    initialization: str,
) -> nn.Module:
    """Make the network that the data and the options ask for. Raises: ShapeError, SettingError, UnknownName.

    Args: initialization: of the linear layers; `make` gives its layers their own.
    """
    if steps is None:
        made: nn.Module = RecurrentNetwork(
            name, shape, outputs, make, plan, vocabulary=vocabulary, every_step=every_step
        )
        return initialize(made, initialization)
    if vocabulary is not None or len(shape) != 1:
        raise ShapeError(
            f"{name} with {steps=} makes a series from a vector, and an example here has shape {tuple(shape)}. Leave steps out."
        )
    return initialize(FromVector(name, shape[0], outputs, make, plan, steps, context), initialization)


def output_activation(choice: Choice | None) -> nn.Module:
    """Make the last activation; softmax is over the outputs, which stand last also where there is one answer a step."""
    over_outputs = {"softmax": nn.Softmax, "log_softmax": nn.LogSoftmax}
    if isinstance(choice, str) and choice in over_outputs:
        return over_outputs[choice](dim=-1)
    return nn.Identity() if choice in (None, "none") else parts.made_by("output activation", choice, OUTPUT_ACTIVATIONS)
