"""Sides: the inputs and the targets of a dataset, and what they ask of a network."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch

from deepglass.data.encode import Field
from deepglass.errors import DataError


class Sides:
    """What a dataset says of its fields; the dataset has them, and a name."""

    fields: Mapping[str, Field]

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def inputs(self) -> dict[str, Field]:
        return {n: f for n, f in self.fields.items() if f.role == "input"}

    @property
    def targets(self) -> dict[str, Field]:
        return {n: f for n, f in self.fields.items() if f.role == "target"}

    @property
    def target(self) -> Field:
        """The one target. Raises: DataError, when there are none or several."""
        if len(self.targets) != 1:
            raise DataError(f"{self.name} has {len(self.targets)} targets ({', '.join(self.targets)}); this needs one.")
        return next(iter(self.targets.values()))

    @property
    def input_shapes(self) -> dict[str, tuple[int, ...]]:
        return {n: f.shape for n, f in self.inputs.items()}

    @property
    def input_dtypes(self) -> dict[str, torch.dtype]:
        """What is no float: the tokens of texts."""
        return {n: torch.int64 for n, f in self.inputs.items() if f.kind == "text"}

    @property
    def every_step(self) -> bool:
        """Whether what is to be learned has one entry for each of the input, at the same place."""
        return any(f.aligned for f in self.targets.values())

    @property
    def outputs(self) -> int:
        """The units that an output layer needs."""
        return self.outputs_of(self.targets.values())

    @staticmethod
    def outputs_of(targets: Iterable[Field]) -> int:
        """One unit for two classes, one a class beyond, one a number, one a token of a text; entries along time share them."""
        units = 0
        for field in targets:
            classes = len(field.classes)
            if field.kind == "category":
                units += 1 if classes == 2 else classes
            elif field.kind == "text":
                units += len(field.tokens)
            elif field.aligned:
                units += int(np.prod(field.shape[1:]))
            else:
                units += int(np.prod(field.shape))
        return max(1, units)
