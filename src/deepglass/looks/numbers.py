"""Numbers: an example, or what a layer gives of it, as the array of numbers that it is, and each number's place when flattened."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.errors import SettingError
from deepglass.inside.activations import activations
from deepglass.looks.looked import Asked, Looked
from deepglass.plurals import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What the axes of an array are called, by how many there are.
AXES = {
    1: ("unit",),
    2: ("channel", "place"),
    3: ("channel", "row", "column"),
    4: ("channel", "slice", "row", "column"),
}
DECIMALS = 4  # of numbers that were encoded and decoded
MOST_CHANNELS = 8  # whose range is printed


class Numbers(Looked):
    """The numbers of an example: `.values` (channels, rows, columns) in their own units, `.encoded` as the network gets them.

    Of what a layer gives both are the same. `.number` is a place in the flattened vector, `.place` the same in the array.
    """

    def __init__(self, asked: Asked) -> None:
        self.what, self.values, self.encoded = _numbers(asked)
        super().__init__(f"{asked.title}: the numbers of {self.what}")
        if self.values.ndim not in AXES:
            raise SettingError(
                f"{self.what} has {self.values.ndim} axes for an example, and numbers are shown of 1 to 4. Name another layer."
            )
        self.number = int(np.abs(self.values).argmax()) if asked.unit is None else asked.unit
        if not 0 <= self.number < self.values.size:
            raise SettingError(
                f"unit={self.number}: {self.what} has {self.values.size} numbers. Take one from 0 to {self.values.size - 1}."
            )
        self.place = tuple(int(i) for i in np.unravel_index(self.number, self.values.shape))

    def draw(self) -> Figure:
        from deepglass.report.pictures.array import array_picture

        return array_picture(self.values, self.title, self.number, AXES[self.values.ndim])

    def lines(self) -> list[str]:
        """The shape, the range of each channel, and one number in both ways."""
        shape, axes = "x".join(map(str, self.values.shape)), AXES[self.values.ndim]
        found = [
            f"  {shape} = {counted(self.values.size, 'number')}, from {self.values.min():g} to {self.values.max():g}"
        ]
        if self.values.ndim > 1:
            for c, channel in enumerate(self.values[:MOST_CHANNELS]):
                found.append(f"  channel {c}: from {channel.min():g} to {channel.max():g}, mean {channel.mean():.4g}")
            if len(self.values) > MOST_CHANNELS:
                found.append(f"  ... {len(self.values) - MOST_CHANNELS} more channels")
        where = ", ".join(f"{name} {i}" for name, i in zip(axes, self.place))
        found.append(f"  number {self.number} of the flattened vector is {where}: {self._at_it()}")
        return [*found, f"  {self._rule()}"]

    def to_dict(self) -> dict[str, Any]:
        found = {"shape": list(self.values.shape), "number": self.number, "place": list(self.place)}
        return {**found, "value": float(self.values[self.place]), "values": self.values.tolist()}

    def _at_it(self) -> str:
        value, encoded = self.values[self.place], self.encoded[self.place]
        return f"{value:g}" if np.isclose(value, encoded) else f"{value:g}, which the network gets as {encoded:.4g}"

    def _rule(self) -> str:
        """How a place becomes a number and back, with the sizes."""
        axes, shape = AXES[self.values.ndim], self.values.shape
        steps = [prod(shape[k + 1 :]) for k in range(len(shape))]
        parts = [f"{step}·{name}" if step > 1 else name for name, step in zip(axes, steps)]
        numbers = " + ".join(f"{step}·{i}" if step > 1 else str(i) for i, step in zip(self.place, steps))
        return f"number = {' + '.join(parts)} = {numbers} = {self.number}; rows count downwards, columns to the right, from 0"


def numbers(asked: Asked) -> Numbers:
    """The numbers of an input, or of what a layer gives.

    Args: asked: `layer`: whose output is shown (default: the first input). `unit`: a number of the flattened vector, which is
        found in the array (default: the strongest).
    Raises: SettingError, when there is no such number; UnknownName, for a layer that is not there.
    """
    return Numbers(asked)


def _numbers(asked: Asked) -> tuple[str, np.ndarray, np.ndarray]:
    """What is shown, in its own units and as it is encoded, without the axis of examples."""
    if asked.layer is not None:
        found = activations(asked.network, dict(asked.inputs), [asked.layer])[asked.layer]
        values = found.values[0].double().numpy()
        return f"{asked.layer} ({found.kind})", values, values
    name, field = next(iter(asked.data.inputs.items()))
    encoded = asked.inputs[name][:1].cpu()
    if field.kind not in ("image", "number", "signal"):
        values = encoded[0].double().numpy()
        return name, values, values
    # Back in their own units numbers are a few roundings off: 0 would be -2.4e-7.
    raw = np.asarray(field.decode(encoded)[0], dtype=float).round(DECIMALS) + 0.0
    return name, raw, encoded[0].double().numpy()
