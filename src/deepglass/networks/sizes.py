"""Sizes: what some data ask of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import torch
from torch import Tensor

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import DrawnOnly, TimeFirst

Shape = tuple[int, ...]
# What a network of sequences is told of its data, where it names it; no options of a person's, so no spec holds them.
FACTS = ("vocabulary", "vocabularies", "every_step")


@dataclass(frozen=True)
class Sizes:
    """The shape of one example of each input, without the batch axis, and the number of outputs."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    dtypes: dict[str, torch.dtype] = field(default_factory=dict)  # float32 where nothing stands
    outputs: int | None = None
    rates: dict[str, float] = field(default_factory=dict)  # samples a second of each signal, in hertz
    kinds: dict[str, str] = field(
        default_factory=dict
    )  # of the inputs, where a dataset tells: image, signal, text, ...
    vocabularies: dict[str, int] = field(default_factory=dict)  # how many tokens each text is made of
    every_step: bool = False  # whether an answer is wanted for each entry of the input, at its own place

    def only_shape(self, network: str) -> Shape:
        """Return the shape of the one input that a named network takes."""
        if len(self.shapes) > 1:
            raise ShapeError(
                f"{network} takes one input, and the data have {len(self.shapes)}: {', '.join(self.shapes)}. "
                "Pass an nn.Module of yours whose forward has a parameter for each."
            )
        self.need_inputs(network)
        ((name, shape),) = self.shapes.items()
        if not shape or min(shape) < 1:
            raise ShapeError(f"{network} cannot be sized: an example of {name!r} has shape {shape}.")
        return shape

    @property
    def numbers(self) -> int:
        """Count the numbers of one example."""
        return sum(prod(shape) for shape in self.shapes.values())

    def need_inputs(self, network: str) -> None:
        """Say that a network cannot be sized without inputs."""
        if not self.shapes:
            raise SettingError(f"{network} is sized from data. Pass a dataset, or inputs=(1, 28, 28) and outputs=10.")

    def zeros(self, device: str) -> dict[str, Tensor]:
        """Make one example of zeros for each input: (1, *shape); of a text ones, as 0 would be no token but padding."""
        return {
            name: torch.full(
                (1, *shape), name in self.vocabularies, dtype=self.dtypes.get(name, torch.float32), device=device
            )
            for name, shape in self.shapes.items()
        }

    @property
    def vocabulary(self) -> int | None:
        """The tokens of the one input, None where it is none of tokens."""
        return next(iter(self.vocabularies.values())) if len(self.shapes) == len(self.vocabularies) == 1 else None


def sizes(data: Any = None, inputs: Any = None, outputs: int | None = None) -> Sizes:
    """Collect the sizes from a dataset, overruled by what is given directly.

    Args:
        data: anything with `input_shapes` and `outputs`, perhaps `input_dtypes`, `every_step`, and `fields` that know the `kind`
            of an input, the `rate` of a signal and the `tokens` of a text.
        inputs: one shape, such as (3, 32, 32), or a dict of them by name.
        outputs: numbers that the network gives for an example.
    """
    if data is not None and not hasattr(data, "input_shapes"):
        raise SettingError(f"A network is sized from a dataset, got {type(data).__name__}. Try deepglass.load(...).")
    dtypes = dict(getattr(data, "input_dtypes", None) or {})
    shapes = getattr(data, "input_shapes", {}) if inputs is None else inputs
    if not isinstance(shapes, Mapping):
        shapes = {"x": (shapes,) if isinstance(shapes, int) else shapes}
    if outputs is None:
        outputs = getattr(data, "outputs", None)
    elif not isinstance(outputs, int) or isinstance(outputs, bool) or outputs < 1:
        raise SettingError(f"{outputs=} is no number of outputs. Give a whole number above 0.")
    fields = getattr(data, "fields", None) or {} if inputs is None else {}
    rates = {str(name): fields[name].rate for name in shapes if getattr(fields.get(name), "rate", 0.0)}
    kinds = {str(name): fields[name].kind for name in shapes if hasattr(fields.get(name), "kind")}
    vocabularies = {str(n): len(fields[n].tokens) for n in shapes if getattr(fields.get(n), "tokens", None)}
    every_step = bool(getattr(data, "every_step", False))
    known = {str(name): _shape(name, shape) for name, shape in shapes.items()}
    return Sizes(known, dtypes, outputs, rates, kinds, vocabularies, every_step)


def along_time(size: Sizes) -> tuple[TimeFirst | DrawnOnly | None, Sizes]:
    """What a network that reads (time, features) needs before it, and what it then receives.

    Signals (channels, samples) are turned; of images (channels, height, width) each column is a step in time, such as those
    of a spectrogram. Of drawings, what follows their end is marked as nothing.
    """
    if len(size.shapes) != 1:
        return None, size
    ((name, shape),) = size.shapes.items()
    if size.kinds.get(name) == "strokes":
        return DrawnOnly(), size
    if len(shape) == 3:
        return TimeFirst(), replace(size, shapes={name: (shape[2], shape[0] * shape[1])})
    if len(shape) == 2 and size.kinds.get(name) == "signal":
        return TimeFirst(), replace(size, shapes={name: (shape[1], shape[0])})
    return None, size


def refuse_tokens(network: str, size: Sizes) -> None:
    """Raises: ShapeError, where tokens would be taken for quantities."""
    for name in size.vocabularies:
        raise ShapeError(
            f"{network} takes numbers, and {name!r} is a text of tokens. Use text_cnn, bag, lstm, gru, rnn, tcn or transformer, "
            "for a story with a question reader, or a network of yours that begins with an Embedding."
        )


def _shape(name: str, shape: Any) -> Shape:
    if not isinstance(shape, Sequence) or isinstance(shape, str) or not all(isinstance(n, int) for n in shape):
        raise SettingError(f"{shape!r} is no shape of {name!r}. Give whole numbers, such as (3, 32, 32).")
    return tuple(shape)
