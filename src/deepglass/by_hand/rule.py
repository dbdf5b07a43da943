"""Rule: how one kind of layer is calculated by hand, forward and backward."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from torch import Tensor, nn

from deepglass.by_hand.functions import total
from deepglass.by_hand.sheet import Grid, Sheet


class Rule:
    """Base of all rules. One rule calculates one layer for all examples.

    Args:
        layer: the module.
        sheet: where every number is written down.
        tag: what follows the letter of its numbers, such as 1 in z1.
        training: as in training, or as in evaluation.
        mask: of dropout: 1 where a number is kept, 0 where it is dropped; (examples, ...).
        options: the keywords that its forward is called with.
    """

    letter: ClassVar[str] = "z"
    counts: ClassVar[bool] = False  # whether the numbers of layers go up with it: z1, a1, z2, a2
    inputs: ClassVar[tuple[str, ...]] = ("x",)  # what its forward is given

    def __init__(
        self,
        layer: nn.Module,
        sheet: Sheet,
        tag: str,
        *,
        training: bool = False,
        mask: Tensor | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.layer: Any = layer
        self.sheet, self.tag, self.training, self.mask, self.options = sheet, tag, training, mask, options or {}
        self.parameters: dict[str, Grid] = {}  # name in the module -> its numbers
        self.gradients: dict[str, Grid] = {}  # the same -> the slopes of the loss by them
        self.prepare()

    @property
    def base(self) -> str:
        """What its outputs are called, such as z1."""
        return f"{self.letter}{self.tag}"

    def prepare(self) -> None:
        """Write down the given numbers, and refuse what cannot be calculated."""

    def forward(self, x: Grid) -> Grid:
        """Shapes: x (examples, ...); returns the output, (examples, ...)."""
        raise NotImplementedError

    def backward(self, slope: Grid) -> Grid:
        """From the slopes of the loss by the output to those by the input; notes those by the weights on the way."""
        raise NotImplementedError

    def forward_of(self, given: Sequence[Grid]) -> Grid:
        """The output from all inputs; a rule with several has this in the place of `forward`."""
        return self.forward(given[0])

    def backward_to(self, slope: Grid) -> list[Grid]:
        """The slopes by each of the inputs; in the place of `backward`."""
        return [self.backward(slope)]

    def buffers(self) -> dict[str, Grid]:
        """Write down what training changes besides the weights, by name in the module."""
        return {}

    def take(self, name: str, base: str) -> Grid | None:
        """Write down a parameter of the layer, or return None where it has none of that name."""
        parameter = getattr(self.layer, name, None)
        if parameter is None:
            return None
        self.parameters[name] = self.sheet.given(f"{base}{self.tag}", parameter)
        return self.parameters[name]

    def learns(self, name: str) -> bool:
        """Whether a parameter is trained: it is there, and not frozen."""
        return name in self.parameters and bool(self.layer.get_parameter(name).requires_grad)

    def decays(self, name: str) -> bool:
        """Whether weight decay touches a parameter: biases and the numbers of norms are left alone."""
        return "bias" not in name

    def picked(self, name: str, whole: np.ndarray) -> np.ndarray:
        """Of numbers in the shape of a parameter those that are written down here: all, but for rows of a table."""
        return whole

    def whole(self, name: str, found: np.ndarray, others: np.ndarray) -> np.ndarray:
        """The reverse of `picked`: what was found, between the numbers that all others have."""
        return found

    def note(self, name: str, made: Grid) -> None:
        """Write down the slopes of the loss by a parameter, unless it is frozen."""
        if self.learns(name):
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
