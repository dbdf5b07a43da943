"""Rule: how one kind of layer is calculated by hand, forward and backward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from deepglass.by_hand.functions import total
from deepglass.by_hand.sheet import Grid, Sheet
from deepglass.by_hand.weights import Weights


@dataclass(frozen=True)
class Call:
    """One call of a layer, as its rule needs it.

    Args:
        number, name: among all calls, and in the table; a layer that is called again has another.
        tag: what follows the letter of its numbers, such as 1 in z1. of_weights: the same for its weights, those of the first call.
        training: as in training, or as in evaluation.
        mask: of dropout: 1 where a number is kept, 0 where it is dropped; (examples, ...).
        options: the keywords that its forward is called with.
    """

    number: int
    name: str
    tag: str
    of_weights: str
    training: bool = False
    mask: Tensor | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Rule:
    """Base of all rules. One rule calculates one call of a layer for all examples."""

    letter: ClassVar[str] = "z"
    counts: ClassVar[bool] = False  # whether the numbers of layers go up with it: z1, a1, z2, a2
    inputs: ClassVar[tuple[str, ...]] = ("x",)  # what its forward is given
    needs: ClassVar[int] = 1  # how many of these there have to be
    gives: ClassVar[int] = 1  # how many values its forward gives that can be calculated
    decays: ClassVar[bool] = True  # whether weight decay touches its weights; biases are always left alone

    def __init__(self, layer: Any, sheet: Sheet, weights: Weights, call: Call) -> None:
        self.layer, self.sheet, self.call = layer, sheet, call
        self.tag, self.training, self.mask, self.options = call.tag, call.training, call.mask, call.options
        self._weights = weights
        self.parameters: dict[str, Grid] = {}  # name in the module -> its numbers, as handed to this call
        self.gradients: dict[str, Grid] = {}  # the same -> the slopes of the loss by them
        self.prepare()

    @property
    def base(self) -> str:
        """What its outputs are called, such as z1."""
        return f"{self.letter_of(self.layer)}{self.tag}"

    @classmethod
    def letter_of(cls, layer: Any) -> str:
        """What the outputs of a layer are called, without a number."""
        return cls.letter

    def prepare(self) -> None:
        """Write down the given numbers, and refuse what cannot be calculated."""

    def forward(self, x: Grid) -> Grid:
        """Shapes: x (examples, ...); returns the output, (examples, ...)."""
        raise NotImplementedError

    def backward(self, slope: Grid) -> Grid:
        """From the slopes of the loss by the output to those by the input; notes those by the weights on the way."""
        raise NotImplementedError

    def forward_of(self, given: Sequence[Grid]) -> Grid | list[Grid]:
        """The output from all inputs, or all outputs; a rule with several of either has this in the place of `forward`."""
        return self.forward(given[0])

    def backward_to(self, slopes: Sequence[Grid]) -> list[Grid]:
        """From the slopes by each output to those by each input; in the place of `backward`."""
        return [self.backward(slopes[0])]

    def buffers(self) -> dict[str, Grid]:
        """Write down what training changes besides the weights, by name in the module."""
        return {}

    def take(self, name: str, base: str) -> Grid | None:
        """Take a parameter of the layer, or return None where it has none of that name."""
        parameter = getattr(self.layer, name, None)
        if parameter is None:
            return None
        self.parameters[name] = self.taken(parameter, f"{base}{self.call.of_weights}")
        return self.parameters[name]

    def taken(self, parameter: Tensor, base: str, **which: Any) -> Grid:
        """Take a parameter, or some rows of it, under a name."""
        call = self.call
        return self._weights.take(parameter, base, link=call.number, by=call.name, decays=self.decays, **which)

    def note(self, name: str, made: Grid) -> None:
        """Write down the slopes of the loss by a parameter, unless it is frozen."""
        if name in self.parameters and self.layer.get_parameter(name).requires_grad:
            self.gradients[name] = self.sheet.slopes(self.parameters[name], made)


def lists(shape: tuple[int, ...]) -> Grid:
    """A grid of empty lists, to collect terms in."""
    found = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        found[at] = []
    return found


def added(terms: Grid) -> Grid:
    """Add up the terms that were collected at each place."""
    found = np.empty(terms.shape, dtype=object)
    for at in np.ndindex(terms.shape):
        found[at] = total(terms[at])
    return found
